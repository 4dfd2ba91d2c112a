/** Reductions besides the sum, which stands with the shape operations. */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, broadcastStrides, defineOp, walk } from '../define.ts';
import { keptShape, reducedType } from './shape.ts';

export const reduceMaxOp = defineOp<{ axes: readonly number[]; keepDims: boolean }>({
  name: 'reduceMax',
  infer: ([x], { axes, keepDims }, fail) => reducedType(x!, axes, keepDims, fail),
  // only used to keep exponentials in range, where its gradient cancels
  vjp: 'none',
  decompose: null,
  reference([x], { axes }, out) {
    out.data.fill(Number.NEGATIVE_INFINITY);
    walk(x!.shape, broadcastStrides(keptShape(x!.shape, axes), x!.shape), (i, offset) => {
      out.data[offset] = Math.max(out.data[offset]!, x!.data[i]!);
    });
  },
  flops: ([x]) => sizeOf(x!.shape),
  samples: [
    { inputs: [{ shape: [2, 3, 4] }], attrs: { axes: [2], keepDims: true } },
    { inputs: [{ shape: [2, 3] }], attrs: { axes: [0], keepDims: false } },
    { inputs: [{ shape: [2, 3, 4], range: [-9, -1] }], attrs: { axes: [0, 2], keepDims: true } },
  ],
});

/** Largest element over `axes` (negative ones count from the end); no gradient. */
export function reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
  return apply(reduceMaxOp, [x], {
    axes: axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)),
    keepDims,
  });
}
