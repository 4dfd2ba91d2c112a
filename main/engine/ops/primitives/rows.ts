/** Reading and adding up table rows by index: embeddings, the choice of labelled rows, and their gradients. */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, definePrimitive, type NoAttrs } from '../define.ts';

export const gatherOp = definePrimitive<NoAttrs>({
  name: 'gather',
  infer([table, indices], _, fail) {
    if (indices!.dtype !== 'i32') fail('needs int32 indices');
    if (table!.shape.length < 1) fail('needs a table with rows');
    return { dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] };
  },
  // a row that was read several times gets the sum of its gradients
  vjp: ({ inputs: [table, indices], grad, needs }) => [
    needs[0] ? scatterAdd(grad, indices!, table!.shape[0]!) : null,
    null,
  ],
  reference([table, indices], _, out) {
    const width = sizeOf(table!.shape.slice(1));
    indices!.data.forEach((row, i) => {
      for (let c = 0; c < width; c++) out.data[i * width + c] = table!.data[row * width + c]!;
    });
  },
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [5, 3] }, { dtype: 'i32', shape: [2, 2], values: [4, 0, 4, 1] }], attrs: {} },
    { inputs: [{ shape: [5] }, { dtype: 'i32', shape: [3], values: [2, 2, 0] }], attrs: {} },
    { inputs: [{ shape: [4, 2, 3] }, { dtype: 'i32', shape: [3], values: [3, 0, 3] }], attrs: {} },
  ],
});

export const scatterAddOp = definePrimitive<{ rows: number }>({
  name: 'scatterAdd',
  infer([updates, indices], { rows }, fail) {
    if (indices!.dtype !== 'i32') fail('needs int32 indices');
    const lead = updates!.shape.slice(0, indices!.shape.length);
    if (lead.join() !== indices!.shape.join()) fail('updates must begin with the shape of the indices');
    return { dtype: updates!.dtype, shape: [rows, ...updates!.shape.slice(indices!.shape.length)] };
  },
  // each update was added once: its gradient is that of its row
  vjp: ({ inputs: [, indices], grad }) => [gather(grad, indices!), null],
  reference([updates, indices], _, out) {
    const width = sizeOf(out.shape.slice(1));
    const sums = new Float64Array(out.data.length);
    indices!.data.forEach((row, i) => {
      for (let c = 0; c < width; c++) sums[row * width + c]! += updates!.data[i * width + c]!;
    });
    out.data.set(sums);
  },
  flops: ([updates]) => sizeOf(updates!.shape),
  samples: [
    { inputs: [{ shape: [4, 3] }, { dtype: 'i32', shape: [4], values: [1, 0, 1, 4] }], attrs: { rows: 5 } },
    { inputs: [{ shape: [3] }, { dtype: 'i32', shape: [3], values: [2, 2, 0] }], attrs: { rows: 4 } },
    {
      inputs: [{ shape: [2, 2, 3] }, { dtype: 'i32', shape: [2, 2], values: [1, 1, 1, 0] }],
      attrs: { rows: 3 },
    },
  ],
});

/** Rows of `table` [R, ...] at `indices` (int32, any shape): [...indices, ...]. */
export function gather(table: Value, indices: Value): Value {
  return apply(gatherOp, [table, indices], {});
}

/** A table of `rows` rows in which row r is the sum of the updates whose index is r. */
export function scatterAdd(updates: Value, indices: Value, rows: number): Value {
  return apply(scatterAddOp, [updates, indices], { rows });
}
