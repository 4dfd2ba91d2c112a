/**
 * Products of float32 rows with a matrix in 8 bits that has one scale a row, in whole numbers: each row of the left operand is quantised to
 * 8 bits as it comes, with a scale of its own (Dettmers et al. 2022, "LLM.int8()", section 2.1, without outliers taken apart).
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineFused, type NoAttrs } from '../define.ts';
import { dequantise } from '../primitives/dequantise.ts';
import { add, div, maximum, mul, neg, sub } from '../primitives/elementwise.ts';
import { cast, equal } from '../primitives/logic.ts';
import { matmul } from '../primitives/matmul.ts';
import { gather, scatterAdd } from '../primitives/rows.ts';
import { concat, reduceMax, reduceSum, reshape, slice, transpose } from '../primitives/shape.ts';

/** The largest code. */
export const MOST_CODE = 127;
/** What stands for zero in codes without a sign, the only ones that processors multiply quickly with those that have one. */
export const ZERO_CODE = 128;
/** A row of zeros has this scale times 127, so that nothing is divided by zero. */
export const LEAST = 1e-30;

export const rowScalesOp = defineFused<NoAttrs>({
  name: 'rowScales',
  infer([x], _, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length !== 2) fail('needs a float32 matrix');
    return { dtype: 'f32', shape: [x!.shape[0]!, 1] };
  },
  vjp: 'none',
  decompose: ([x]) =>
    mul(maximum(reduceMax(maximum(x!, neg(x!)), [1], true), LEAST), Math.fround(1 / MOST_CODE)),
  flops: ([x]) => 2 * sizeOf(x!.shape),
  samples: [
    { inputs: [{ shape: [5, 7] }], attrs: {} },
    { inputs: [{ shape: [3, 2], values: [-4, 3, 0, 0, 1e-20, -1e-20] }], attrs: {} },
  ],
});

/** The codes of `x` [M,K] for the scale of each row [M,1], as float32. */
function rounded(x: Value, scales: Value): Value {
  // all are positive, so cutting off what follows the point rounds to the nearest
  const shifted = add(div(x, scales), ZERO_CODE + 0.5);
  return sub(cast(cast(shifted, 'i32'), 'f32'), ZERO_CODE);
}

export const rowCodesOp = defineFused<NoAttrs>({
  name: 'rowCodes',
  infer([x, scales], _, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length !== 2) fail('needs a float32 matrix');
    const [rows, columns] = x!.shape as [number, number];
    if (scales!.dtype !== 'f32' || scales!.shape.join() !== [rows, 1].join())
      fail('needs a scale for each row: [rows, 1]');
    return { dtype: 'i8', shape: [rows, 1, columns] };
  },
  vjp: 'none',
  decompose: ([x, scales]) => reshape(cast(rounded(x!, scales!), 'i8'), [x!.shape[0]!, 1, x!.shape[1]!]),
  flops: ([x]) => 2 * sizeOf(x!.shape),
  samples: [
    {
      inputs: [
        { shape: [2, 3], values: [1, -0.3, 0.77, 0, -1e-30, 0] },
        { shape: [2, 1], values: [1 / 127, 1e-30] },
      ],
      attrs: {},
    },
  ],
});

/** A float32 matrix [R,C] as codes with one scale a row. */
export function rowCodes(matrix: Value): RowCodes {
  const scales = rowScales(matrix);
  return {
    codes: apply(rowCodesOp, [matrix, scales], {}),
    scales: reshape(scales, [matrix.shape[0]!, 1, 1]),
  };
}

type MatmulInt8Attrs = { transB: boolean };

export const matmulInt8Op = defineFused<MatmulInt8Attrs>({
  name: 'matmulInt8',
  infer([x, rowScales, codes, scales], { transB }, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length !== 2) fail('needs a float32 matrix on the left');
    const [rows, inner] = x!.shape as [number, number];
    if (rowScales!.dtype !== 'f32' || rowScales!.shape.join() !== [rows, 1].join())
      fail('needs a scale for each row of the left operand: [rows, 1]');
    const [outputs = 0, one, columns = 0] = codes!.shape;
    if (codes!.dtype !== 'i8' || codes!.shape.length !== 3 || one !== 1)
      fail('needs codes [rows, 1, columns] of the type i8');
    if ((scales !== undefined) !== transB) fail('has scales of the matrix only where it is transposed');
    if (scales && (scales.dtype !== 'f32' || scales.shape.join() !== [outputs, 1, 1].join()))
      fail('needs a scale for each row of codes: [rows, 1, 1]');
    if (inner !== (transB ? columns : outputs)) fail('inner sizes differ');
    return { dtype: 'f32', shape: [rows, transB ? outputs : columns] };
  },
  // it takes the place of a product once gradients are there (passes/int8-products.ts)
  vjp: 'none',
  decompose([x, rowScales, codes, scales], { transB }) {
    const [outputs, , columns] = codes!.shape as [number, number, number];
    const units = () => codes!.graph.constant('f32', [outputs, 1, 1], new Float32Array(outputs).fill(1));
    const matrix = dequantise({ codes: codes!, scales: scales ?? units() }, 'int8', columns);
    return mul(matmul(rounded(x!, rowScales!), matrix, { transB }), rowScales!);
  },
  flops: ([x], out) => 2 * sizeOf(out.shape) * x!.shape[1]!,
  samples: [
    {
      inputs: [
        { shape: [3, 4], values: [1, -0.3, 0.77, 0.1, -2, 1.4, 0.013, 0.6, 0, 0, 0, 0] },
        { shape: [3, 1], values: [1 / 127, 2 / 127, 1e-30] },
        { dtype: 'i8', shape: [2, 1, 4], values: [-127, 0, 1, 127, 5, -6, 7, -8] },
        { shape: [2, 1, 1] },
      ],
      attrs: { transB: true },
    },
    {
      inputs: [
        { shape: [3, 2], values: [1, -0.3, 0.77, 0.1, -2, 1.4] },
        { shape: [3, 1], values: [1 / 127, 0.77 / 127, 2 / 127] },
        { dtype: 'i8', shape: [2, 1, 4], values: [-127, 0, 1, 127, 5, -6, 7, -8] },
      ],
      attrs: { transB: false },
    },
  ],
});

/** The scale with which each row of `x` [M,K] fits into codes from -127 to 127: [M,1], never zero. */
export const rowScales = (x: Value): Value => apply(rowScalesOp, [x], {});

/** A matrix [R,C] in 8 bits: codes [R,1,C] and scales [R,1,1]. */
export interface RowCodes {
  readonly codes: Value;
  readonly scales: Value;
}

/** `x` W^T for `x` [M,C], or `x` W for `x` [M,R], with rows of the left operand quantised: [M,R] or [M,C]. */
export function matmulInt8(x: Value, { codes, scales }: RowCodes, transB: boolean, factor = 1): Value {
  if (transB) {
    const own = rowScales(x);
    const product = apply(matmulInt8Op, [x, own, codes, scales], { transB });
    return factor === 1 ? product : mul(product, factor);
  }
  // the scales of the matrix lie along the sum, so they go into the rows before these are quantised
  const ofColumns = reshape(scales, [1, codes.shape[0]!]);
  const scaled = mul(x, factor === 1 ? ofColumns : mul(ofColumns, factor));
  return apply(matmulInt8Op, [scaled, rowScales(scaled), codes], { transB });
}

/**
 * Columns of activations that are far larger than all others (Dettmers et al. 2022, "LLM.int8()", section 3): quantised with them they
 * would set the scale of each row. They are few, and the same in nearly all rows.
 */

/** Rows that are looked at, spread evenly over all: as telling as all of them, and nearly free. */
const SAMPLED = 64;

/** Every so many rows of [rows, columns] are looked at. */
export const stepOfSample = (rows: number): number => Math.max(1, Math.floor(rows / SAMPLED));

export const outlierColumnsOp = defineFused<{ count: number }>({
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
  flops: ([x]) => 2 * SAMPLED * x!.shape[1]!,
  samples: [
    { inputs: [{ shape: [3, 4], values: [1, -9, 3, 2, 1, 8, -4, 1, 0, 7, 2, 0] }], attrs: { count: 2 } },
    { inputs: [{ shape: [1, 3], values: [0, 0.5, -2] }], attrs: { count: 1 } },
  ],
});

export const columnsAtOp = defineFused<NoAttrs>({
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
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [3, 4] }, { dtype: 'i32', shape: [2], values: [3, 0] }], attrs: {} },
    { inputs: [{ shape: [2, 3, 4] }, { dtype: 'i32', shape: [3], values: [1, 2, 1] }], attrs: {} },
  ],
});

export const withoutColumnsOp = defineFused<NoAttrs>({
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
  flops: ([x]) => sizeOf(x!.shape),
  samples: [{ inputs: [{ shape: [3, 4] }, { dtype: 'i32', shape: [2], values: [3, 0] }], attrs: {} }],
});

/** The `count` columns of `x` [M,C] with the largest squares in a sample of its rows: int32 [count], the largest first. */
export const outlierColumns = (x: Value, count: number): Value => apply(outlierColumnsOp, [x], { count });

/** Columns of `x` [..., C] by their index, int32 [K]: [..., K]. */
export const columnsAt = (x: Value, columns: Value): Value => apply(columnsAtOp, [x, columns], {});

/** `x` [M,C] with zeros in those columns, none of which is named twice. */
export const withoutColumns = (x: Value, columns: Value): Value => apply(withoutColumnsOp, [x, columns], {});
