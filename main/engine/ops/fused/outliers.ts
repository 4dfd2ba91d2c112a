/**
 * Columns of activations that are far larger than all others (Dettmers et al. 2022, "LLM.int8()", section 3): quantised with them they
 * would set the scale of each row. They are few, and the same in nearly all rows.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add, mul, neg } from '../primitives/elementwise.ts';
import { cast, equal } from '../primitives/logic.ts';
import { reduceMax } from '../primitives/reduce.ts';
import { gather, scatterAdd } from '../primitives/rows.ts';
import { concat, reduceSum, reshape, slice, transpose } from '../primitives/shape.ts';

/** Rows that are looked at, spread evenly over all: as telling as all of them, and nearly free. */
const SAMPLED = 64;

/** Every so many rows of [rows, columns] are looked at. */
export const stepOfSample = (rows: number): number => Math.max(1, Math.floor(rows / SAMPLED));

export const outlierColumnsOp = defineOp<{ count: number }>({
  name: 'outlierColumns',
  infer([x], { count }, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length !== 2) fail('needs a float32 matrix');
    if (count < 1 || count > x!.shape[1]!) fail('takes at least one column and at most all');
    return { dtype: 'i32', shape: [count] };
  },
  vjp: 'none',
  // one after the other: the largest, with a score below all others afterwards
  decompose([x], { count }) {
    const { graph } = x!;
    const [rows, columns] = x!.shape as [number, number];
    const step = stepOfSample(rows);
    const sampled = Math.ceil(rows / step);
    const picked = concat(
      Array.from({ length: sampled }, (_, i) => slice(x!, 0, i * step, i * step + 1)),
      0,
    );
    let scores = reduceSum(mul(picked, picked), [0]);
    const places = graph.constant(
      'f32',
      [columns],
      Float32Array.from({ length: columns }, (_, i) => -i),
    );
    const none = graph.constant('f32', [columns], new Float32Array(columns).fill(-columns));
    const found: Value[] = [];
    for (let i = 0; i < count; i++) {
      const isMost = cast(equal(scores, reduceMax(scores, [0], true)), 'f32');
      const first = neg(reduceMax(add(mul(isMost, places), mul(add(neg(isMost), 1), none)), [0], true));
      found.push(first);
      const isFirst = cast(equal(neg(places), first), 'f32');
      scores = add(mul(scores, add(neg(isFirst), 1)), neg(isFirst));
    }
    return cast(concat(found, 0), 'i32');
  },
  reference: 'decompose',
  flops: ([x]) => 2 * SAMPLED * x!.shape[1]!,
  samples: [
    { inputs: [{ shape: [3, 4], values: [1, -9, 3, 2, 1, 8, -4, 1, 0, 7, 2, 0] }], attrs: { count: 2 } },
    { inputs: [{ shape: [1, 3], values: [0, 0.5, -2] }], attrs: { count: 1 } },
  ],
});

export const columnsAtOp = defineOp<Record<string, never>>({
  name: 'columnsAt',
  infer([x, columns], _, fail) {
    if (columns!.dtype !== 'i32' || columns!.shape.length !== 1) fail('needs a list of int32 indices');
    if (x!.shape.length < 2) fail('needs rows with columns');
    return { dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), columns!.shape[0]!] };
  },
  vjp: 'none',
  decompose([x, columns]) {
    const { shape } = x!;
    const flat = reshape(x!, [sizeOf(shape.slice(0, -1)), shape.at(-1)!]);
    const found = transpose(gather(transpose(flat, [1, 0]), columns!), [1, 0]);
    return reshape(found, [...shape.slice(0, -1), columns!.shape[0]!]);
  },
  reference: 'decompose',
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [3, 4] }, { dtype: 'i32', shape: [2], values: [3, 0] }], attrs: {} },
    { inputs: [{ shape: [2, 3, 4] }, { dtype: 'i32', shape: [3], values: [1, 2, 1] }], attrs: {} },
  ],
});

export const withoutColumnsOp = defineOp<Record<string, never>>({
  name: 'withoutColumns',
  infer([x, columns], _, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length !== 2) fail('needs a float32 matrix');
    if (columns!.dtype !== 'i32' || columns!.shape.length !== 1) fail('needs a list of int32 indices');
    return { dtype: 'f32', shape: x!.shape };
  },
  vjp: 'none',
  decompose([x, columns]) {
    const [count] = columns!.shape as [number];
    const ones = x!.graph.constant('f32', [count], new Float32Array(count).fill(1));
    return mul(x!, add(neg(scatterAdd(ones, columns!, x!.shape[1]!)), 1));
  },
  reference: 'decompose',
  flops: ([x]) => sizeOf(x!.shape),
  samples: [{ inputs: [{ shape: [3, 4] }, { dtype: 'i32', shape: [2], values: [3, 0] }], attrs: {} }],
});

/** The `count` columns of `x` [M,C] with the largest squares in a sample of its rows: int32 [count], the largest first. */
export const outlierColumns = (x: Value, count: number): Value => apply(outlierColumnsOp, [x], { count });

/** Columns of `x` [..., C] by their index, int32 [K]: [..., K]. */
export const columnsAt = (x: Value, columns: Value): Value => apply(columnsAtOp, [x, columns], {});

/** `x` [M,C] with zeros in those columns, none of which is named twice. */
export const withoutColumns = (x: Value, columns: Value): Value => apply(withoutColumnsOp, [x, columns], {});
