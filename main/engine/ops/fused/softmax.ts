/** Softmax over the last axis, as one operation because executors have a kernel for it. */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { div, exp, mul, sub } from '../primitives/elementwise.ts';
import { reduceMax } from '../primitives/reduce.ts';
import { reduceSum } from '../primitives/shape.ts';

export const softmaxOp = defineOp<Record<string, never>>({
  name: 'softmax',
  infer([x], _, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length < 1) fail('needs a float operand with an axis');
    return { dtype: 'f32', shape: x!.shape };
  },
  // dx = p (g - sum(g p))
  vjp: ({ output: p, grad }) => [mul(p, sub(grad, reduceSum(mul(grad, p), [-1], true)))],
  decompose([x]) {
    const e = exp(sub(x!, reduceMax(x!, [-1], true)));
    return div(e, reduceSum(e, [-1], true));
  },
  reference: 'decompose',
  flops: (_, y) => 12 * sizeOf(y.shape),
  samples: [
    { inputs: [{ shape: [2, 5] }], attrs: {} },
    { inputs: [{ shape: [2, 3, 4], range: [-30, 30] }], attrs: {} },
    { inputs: [{ shape: [2, 3], values: [1e4, 1e4 - 1, -1e30, -1e4, -1e4, -1e30] }], attrs: {} },
    { inputs: [{ shape: [3, 1] }], attrs: {} },
  ],
});

/** Softmax of `x` over its last axis. */
export const softmax = (x: Value): Value => apply(softmaxOp, [x], {});
