/** The shape of micro-batches: the length of packed rows that costs least, and how many of them there are at most. */

import { type PackedEpoch, planEpoch } from '../data/batches/pack.ts';
import type { RowStore } from '../data/tokens/token-store.ts';
import type { Model } from '../models/model.ts';

const LENGTH_STEP = 32;
/**
 * Micro-batches of up to so many tokens, which is what a run has without further words, keep their places even where the rows fill
 * less: they cost little, and other shapes have sums in another order, so that a run from before would not go on to the bit.
 */
const KEPT_PLACES = 1024;
/** Epochs that are packed to see how many rows they make: each has an order of its own, and they differ by a row or two. */
const PACKED_EPOCHS = 4;

export interface RowShape {
  readonly rowLength: number;
  readonly rowsPerBatch: number;
}

interface Rows {
  readonly store: Pick<RowStore, 'lengths'>;
  readonly rows: Uint32Array;
  readonly pack: boolean;
  readonly seed: number;
  /** False (evaluation): every epoch has the same order. Default true. */
  readonly shuffle?: boolean;
}

/**
 * The row length whose packing of `rows` takes the least arithmetic: long rows waste less on padding, short ones on
 * attention, whose cost per token grows with the row. No micro-batch has more rows than the data fill.
 */
export function chooseRowShape(
  model: Model,
  parameterCount: number,
  data: Rows,
  tokensPerBatch: number,
): RowShape {
  const { store, rows, pack } = data;
  const longest = rows.reduce((most, row) => Math.max(most, store.lengths[row]!), 1);
  const candidates = pack
    ? [1, 1.5, 2, 3, 4, 8].map((factor) => roundUp(factor * longest))
    : [roundUp(longest)];
  candidates.push(tokensPerBatch);
  const shapes = [...new Set(candidates)]
    .filter((rowLength) => rowLength >= longest && rowLength <= Math.max(tokensPerBatch, roundUp(longest)))
    .map((rowLength) => ({ rowLength, rowsPerBatch: Math.max(1, Math.floor(tokensPerBatch / rowLength)) }))
    .map((shape) => filledShape(shape, data));
  const costs = shapes.map(({ rowLength, rowsPerBatch }) => {
    const plan = epochOf(data, { rowLength, rowsPerBatch }, 0);
    const tokens = plan.batches * rowsPerBatch * rowLength;
    // forward and backward: 4 flops a weight and token; attention 14 flops a head dimension, key and token
    return tokens * (4 * parameterCount + 14 * model.layers * model.heads * model.headDim * rowLength);
  });
  return shapes[costs.indexOf(Math.min(...costs))] ?? { rowLength: roundUp(longest), rowsPerBatch: 1 };
}

/** `shape` with no more rows than a whole epoch of the data has, in whatever order its samples are packed. */
export function filledShape(shape: RowShape, data: Rows): RowShape {
  const { rowLength, rowsPerBatch } = shape;
  const { rows, store, pack } = data;
  if (rowLength * rowsPerBatch <= KEPT_PLACES) return shape;
  if (!pack) return { rowLength, rowsPerBatch: Math.min(rowsPerBatch, Math.max(1, rows.length)) };
  const tokens = rows.reduce((sum, row) => sum + store.lengths[row]!, 0);
  // no packing has fewer rows than that
  if (tokens > rowLength * rowsPerBatch) return shape;
  const { shuffle = true } = data;
  const packed = Array.from(
    { length: shuffle ? PACKED_EPOCHS : 1 },
    (_, epoch) => epochOf(data, shape, epoch).packedRows,
  );
  const most = Math.max(1, ...packed) + (shuffle ? 1 : 0);
  return { rowLength, rowsPerBatch: Math.min(rowsPerBatch, rows.length, most) };
}

function epochOf(
  { store, rows, pack, seed, shuffle = true }: Rows,
  shape: RowShape,
  epoch: number,
): PackedEpoch {
  return planEpoch({ lengths: store.lengths, rows, ...shape, seed, epoch, shuffle, pack });
}

function roundUp(length: number): number {
  return Math.ceil(length / LENGTH_STEP) * LENGTH_STEP;
}
