/** How matrices are kept in few bits: which of them, in what blocks, and under which names the graph asks for their parts. */
import type { Shape } from '../ir/shape.ts';
import type { WeightBits } from '../ops/functions.ts';

export type { WeightBits } from '../ops/functions.ts';

/** Weights of a row that share a scale. */
export const WEIGHT_BLOCK = 32;

/** A part of a rounded matrix: its name in the graph and in the cache, and its shape. */
export interface RoundedPart {
  readonly name: string;
  readonly shape: Shape;
}

/** Whether the rows of a matrix are made of whole blocks; others stay as they are. */
export function isRoundable(shape: Shape): boolean {
  return shape.length === 2 && shape[1]! % WEIGHT_BLOCK === 0;
}

/** The codes [rows, blocks, bytes] and the scales [rows, blocks, 1] of the matrix `name`. */
export function roundedParts(
  name: string,
  shape: Shape,
  bits: WeightBits,
): { readonly codes: RoundedPart; readonly scales: RoundedPart } {
  const [rows, columns] = shape as [number, number];
  const blocks = columns / WEIGHT_BLOCK;
  return {
    codes: { name: `${name}.codes`, shape: [rows, blocks, (WEIGHT_BLOCK * bits) / 8] },
    scales: { name: `${name}.scales`, shape: [rows, blocks, 1] },
  };
}
