/** How matrices are kept in few bits: which of them, in what blocks, and under which names the graph asks for their parts. */

import type { CodeType, ComputeDType, QuantisedFormat } from '../ir/dtype.ts';
import type { Shape } from '../ir/shape.ts';
import { CODE_BITS, codesOf } from '../ops/functions.ts';
import { dequantiseOp } from '../ops/primitives/dequantise.ts';

export type { CodeType, QuantisedFormat } from '../ir/dtype.ts';
export { CODE_BITS, NF4_IN_WORD, NF4_STEPS, ZERO_STEPS } from '../ops/functions.ts';

/** How one matrix is kept. */
export interface MatrixFormat {
  readonly type: CodeType;
  /** Weights of a row that share a scale. */
  readonly block: number;
  /** Whether scales are codes of 8 bits with a float32 step for each row, or float32 themselves. */
  readonly isDouble: boolean;
}

/** Weights of a row that share a scale, where the format does not say otherwise. */
export const WEIGHT_BLOCK = 32;
/** The blocks of NF4 as published; rows that are not made of them have the usual ones. */
const NF4_BLOCK = 64;

/** Codes of the linear layers. */
export function codeTypeOf(format: QuantisedFormat): CodeType {
  return format.split('-')[0] as CodeType;
}

/** Bits of a code of the linear layers. */
export function codeBits(format: QuantisedFormat): 4 | 8 {
  return CODE_BITS[codeTypeOf(format)];
}

/** How a matrix of a linear layer is kept; null for one whose rows are not made of whole blocks, which stays as it is. */
export function matrixFormat(format: QuantisedFormat, shape: Shape): MatrixFormat | null {
  if (shape.length !== 2) return null;
  const [rows, columns] = shape as [number, number];
  const type = codeTypeOf(format);
  if (format === 'int8-row')
    // float32 numbers lie behind the codes
    return (rows * columns) % 4 === 0 ? { type, block: columns, isDouble: false } : null;
  // what is a byte for each block makes whole words, behind which float32 numbers lie
  const isWhole = (block: number) => columns % block === 0 && ((rows * columns) / block) % 4 === 0;
  const block = (type === 'nf4' ? [NF4_BLOCK, WEIGHT_BLOCK] : [WEIGHT_BLOCK]).find(isWhole);
  return block === undefined ? null : { type, block, isDouble: format.endsWith('-dq') };
}

/** How the embedding and the output head are kept, whatever codes the layers have: in 8 bits, in blocks that are unpacked. */
export function tableFormat(format: QuantisedFormat, shape: Shape): MatrixFormat | null {
  const isDouble = format.endsWith('-dq') || format === 'int8-row';
  return matrixFormat(isDouble ? 'int8-dq' : 'int8', shape);
}

/** A part of a quantised matrix: its name in the graph and in the cache, its type and its shape. */
export interface QuantisedPart<Type extends ComputeDType = ComputeDType> {
  readonly name: string;
  readonly dtype: Type;
  readonly shape: Shape;
}

export interface QuantisedParts {
  readonly codes: QuantisedPart<'i8' | 'u8' | 'u16'>;
  readonly scales: QuantisedPart<'f32' | 'i8'>;
  /** Of int4. */
  readonly zeros: QuantisedPart<'u8'> | null;
  /** Of scales that are codes. */
  readonly steps: QuantisedPart<'f32'> | null;
}

/** The codes [rows, blocks, words], the scales and the zeros [rows, blocks, 1] and the steps [rows, 1, 1] of the matrix `name`. */
export function quantisedParts(
  name: string,
  shape: Shape,
  { type, block, isDouble }: MatrixFormat,
): QuantisedParts {
  const [rows, columns] = shape as [number, number];
  const blocks = columns / block;
  const ofBlocks = [rows, blocks, 1];
  return {
    codes: { name: `${name}.codes`, ...codesOf(type, rows, blocks, block) },
    scales: { name: `${name}.scales`, dtype: isDouble ? 'i8' : 'f32', shape: ofBlocks },
    zeros: type === 'int4' ? { name: `${name}.zeros`, dtype: 'u8', shape: ofBlocks } : null,
    steps: isDouble ? { name: `${name}.steps`, dtype: 'f32', shape: [rows, 1, 1] } : null,
  };
}

/** The numbers of whole rows in few bits, part by part. */
export interface QuantisedRows {
  readonly codes: Int8Array | Uint8Array | Uint16Array;
  readonly scales: Float32Array | Int8Array;
  readonly zeros: Uint8Array | null;
  readonly steps: Float32Array | null;
}

/** What rows of `columns` weights stand for, by the definition of the operation. */
export function unpackedRows(quantised: QuantisedRows, columns: number, format: MatrixFormat): Float32Array {
  const { type, block } = format;
  const rows = (quantised.scales.length * block) / columns;
  const { codes, scales, zeros, steps } = quantisedParts('', [rows, columns], format);
  const parts = [
    { ...codes, data: quantised.codes },
    { ...scales, data: quantised.scales },
    ...(zeros ? [{ ...zeros, data: quantised.zeros! }] : []),
    ...(steps ? [{ ...steps, data: quantised.steps! }] : []),
  ];
  const data = new Float32Array(rows * columns);
  const attrs = { type, block, start: 0, end: rows };
  dequantiseOp.reference(parts, attrs, { dtype: 'f32', shape: [rows, columns], data });
  return data;
}
