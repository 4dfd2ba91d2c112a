/**
 * Float32 as float16, for products in half precision (passes/half-precision.ts): rounded to nearest with ties to even, infinite beyond
 * 65,504. Executors without 16-bit floats pass the numbers on as they are. No gradient: the pass comes after differentiation.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { halfOfNumber } from '../half.ts';

export const narrowOp = defineOp<Record<string, never>>({
  name: 'narrow',
  infer([x], _, fail) {
    if (x!.dtype !== 'f32') fail('needs floats of 32 bits');
    return { dtype: 'f16', shape: x!.shape };
  },
  vjp: 'none',
  decompose: null,
  reference([x], _, out) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = halfOfNumber(x!.data[i]!);
  },
  flops: (_, out) => sizeOf(out.shape),
  // numbers that are float16 already: how others are rounded is a matter of the executor (tests/unit/engine/ops/half.test.ts)
  samples: [
    { inputs: [{ shape: [2, 4], values: [0, 1, -2, 65504, -0.125, 0.333251953125, 2048, -3] }], attrs: {} },
    { inputs: [{ shape: [3, 1, 2], values: [1025, -0.0625, 7, 8, 2 ** -14, -(2 ** -13)] }], attrs: {} },
  ],
});

/** `x` rounded to float16. */
export const narrow = (x: Value): Value => apply(narrowOp, [x], {});
