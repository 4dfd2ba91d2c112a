/** How matrices are kept in few bits: which of them, in what blocks, and under which names the graph asks for their parts. */
import type { Shape } from '../ir/shape.ts';
import type { WeightBits } from '../ops/functions.ts';

export { type WeightBits, ZERO_STEPS } from '../ops/functions.ts';

/** Weights of a row that share a scale. */
export const WEIGHT_BLOCK = 32;
/** The embedding and the output head are kept in so many bits, whatever the matrices of the layers have. */
export const TABLE_BITS: WeightBits = 8;

/** A part of a rounded matrix: its name in the graph and in the cache, and its shape. */
export interface RoundedPart {
  readonly name: string;
  readonly shape: Shape;
}

export interface RoundedParts {
  readonly codes: RoundedPart;
  readonly scales: RoundedPart;
  /** Of codes of 4 bits. */
  readonly zeros: RoundedPart | null;
}

/** Whether the rows of a matrix are made of whole blocks, whose zeros make whole words; others stay as they are. */
export function isRoundable(shape: Shape): boolean {
  const [rows, columns] = shape as [number, number];
  return shape.length === 2 && columns % WEIGHT_BLOCK === 0 && ((rows * columns) / WEIGHT_BLOCK) % 4 === 0;
}

/** The codes [rows, blocks, bytes], the scales and the zeros [rows, blocks, 1] of the matrix `name`. */
export function roundedParts(name: string, shape: Shape, bits: WeightBits): RoundedParts {
  const [rows, columns] = shape as [number, number];
  const blocks = columns / WEIGHT_BLOCK;
  return {
    codes: { name: `${name}.codes`, shape: [rows, blocks, (WEIGHT_BLOCK * bits) / 8] },
    scales: { name: `${name}.scales`, shape: [rows, blocks, 1] },
    zeros: bits === 4 ? { name: `${name}.zeros`, shape: [rows, blocks, 1] } : null,
  };
}
