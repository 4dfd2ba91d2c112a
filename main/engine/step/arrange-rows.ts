/** Rows that were read become micro-batches: split, mixed with general rows, packed to a cheap length. */

import { AllBut, type Counts, type RowNumbers, release } from '../../rows/compact.ts';
import { Rng, streamSeed } from '../../rows/rng.ts';
import { splitRows } from '../../rows/split.ts';
import type { RunConfig } from '../config/config.ts';
import { countPackedRows } from '../data/batches/fill-rows.ts';
import { epochOrder } from '../data/batches/pack.ts';
import { joinRows, type RowStore } from '../data/tokens/token-store.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { type Model, mayContinue } from '../models/model.ts';
import { taskOf } from '../tasks/registry.ts';
import { type Batches, Batching, longestOf, type RowShape, wholeLength } from './batching.ts';

/**
 * Micro-batches of up to so many tokens keep their shape even where the rows fill less: other shapes sum in
 * another order, and older runs must resume to the bit.
 */
const KEPT_PLACES = 1024;
/** Epochs that are packed to see how many rows they make: each has its own order and may differ by a row. */
const PACKED_EPOCHS = 4;

interface Rows {
  readonly store: Pick<RowStore, 'lengths'>;
  readonly rows: RowNumbers;
  readonly pack: boolean;
  readonly seed: number;
  /** Tokens that all rows begin with and that lie in each packed row once. Default 0. */
  readonly shared?: number;
  /** False (evaluation): every epoch has the same order. Default true. */
  readonly shuffle?: boolean;
}

/**
 * The row length whose packing of `rows` costs least: long rows waste less on padding, short ones on
 * attention, which grows with the row. No micro-batch has more rows than the data fill.
 */
export function chooseRowShape(
  model: Model,
  parameterCount: number,
  data: Rows,
  tokensPerBatch: number,
): RowShape {
  const { store, rows, pack, shared = 0 } = data;
  const longest = longestOf(store, rows);
  const own = ownTokens(data, tokensPerBatch);
  const whole = shared === 0 ? tokensPerBatch : wholeLength(own + shared);
  // the order of an epoch is the same for every length
  const order = pack ? orderOf(data, 0) : null;
  const candidates = pack
    ? [1, 1.5, 2, 3, 4, 8].map((factor) => wholeLength(factor * longest))
    : [wholeLength(longest)];
  candidates.push(whole);
  const shapes = [...new Set(candidates)]
    .filter((rowLength) => rowLength >= longest && rowLength <= Math.max(whole, wholeLength(longest)))
    .map((rowLength) => ({
      rowLength,
      shared,
      rowsPerBatch: Math.max(1, Math.floor(own / (rowLength - shared))),
    }))
    .map((shape) => filledShape(shape, data));
  const costs = shapes.map(({ rowLength, rowsPerBatch }) => {
    const packing = { rowLength, shared };
    const packedRows = order ? countPackedRows(order, store.lengths, packing) : rows.length;
    const tokens = Math.ceil(packedRows / rowsPerBatch) * rowsPerBatch * rowLength;
    // forward and backward: 4 flops a weight and token; attention 14 flops a head dimension, key and token
    return tokens * (4 * parameterCount + 14 * model.layers * model.heads * model.headDim * rowLength);
  });
  if (order) release(order);
  const least = shapes[costs.indexOf(Math.min(...costs))];
  return least ?? { rowLength: wholeLength(longest), rowsPerBatch: 1, shared };
}

/**
 * Places that the rows of a micro-batch of `tokens` need behind what they share: it holds as many rows as without sharing, so a step
 * means the same.
 */
function ownTokens({ store, rows, shared = 0 }: Rows, tokens: number): number {
  if (shared === 0) return tokens;
  return Math.ceil(tokens * (1 - (shared * rows.length) / sumOver(rows, store.lengths)));
}

/** Tokens that `rows` begin with and that are computed once for all of them in a packed row; 0 for none. */
function sharedBy(
  { beginning = [] }: Pick<RowStore, 'beginning'>,
  { shareBeginnings, packing, objective }: Sharing,
  model: Pick<Model, 'attendsOnly' | 'ropes'>,
): number {
  const isWanted = shareBeginnings && packing && taskOf({ objective }).samples === 'rows';
  return isWanted && mayContinue(model) ? beginning.length : 0;
}

type Sharing = Pick<RunConfig, 'packing'> & Partial<Pick<RunConfig, 'shareBeginnings' | 'objective'>>;

/** `shape` with no more rows than a whole epoch of the data has, in whatever order its samples are packed. */
export function filledShape(shape: RowShape, data: Rows): RowShape {
  const { rowLength, rowsPerBatch, shared = 0 } = shape;
  const { rows, store, pack } = data;
  if (rowLength * rowsPerBatch <= KEPT_PLACES) return shape;
  if (!pack) return { ...shape, rowsPerBatch: Math.min(rowsPerBatch, Math.max(1, rows.length)) };
  const tokens = sumOver(rows, store.lengths) - shared * rows.length;
  // no packing has fewer rows than that
  if (tokens > (rowLength - shared) * rowsPerBatch) return shape;
  const { shuffle = true } = data;
  const packed = Array.from({ length: shuffle ? PACKED_EPOCHS : 1 }, (_, epoch) =>
    countPackedRows(orderOf(data, epoch), store.lengths, { rowLength, shared }),
  );
  const most = Math.max(1, ...packed) + (shuffle ? 1 : 0);
  return { ...shape, rowsPerBatch: Math.min(rowsPerBatch, rows.length, most) };
}

function orderOf({ rows, seed, shuffle = true }: Rows, epoch: number): Uint32Array {
  return epochOrder({ rows, seed, epoch, shuffle });
}

/** Sum of `of` over `rows`. */
function sumOver(rows: RowNumbers, of: Counts): number {
  let sum = 0;
  for (const row of rows) sum += of[row]!;
  return sum;
}

export interface RunRows {
  /** Rows to train on, without those that are mixed in. */
  readonly rows: RowNumbers;
  readonly replayedRows: number;
  readonly heldOutRows: Uint32Array;
  /** Tokens that the loss counts in an epoch. */
  readonly labelledTokens: number;
  readonly training: Batches;
  readonly heldOut: Batching | null;
}

type Arrangement = Pick<
  RunConfig,
  'tokensPerMicroBatch' | 'splitMicroBatch' | 'packing' | 'heldOut' | 'seed' | 'replay'
> &
  Partial<Pick<RunConfig, 'keepActivations'>> &
  Sharing;

/** The rows of a run, those of `evalData`, and the general ones where some are mixed in. */
interface RowSources {
  readonly store: RowStore & { readonly hashes: Iterable<Uint32Array> };
  readonly evalStore: RowStore | null;
  readonly replayStore: RowStore | null;
}

export function arrangeRows(
  config: Arrangement,
  { model, outline }: Pick<OpenedModel, 'model' | 'outline'>,
  { store, evalStore, replayStore }: RowSources,
): RunRows & { readonly training: Batching } {
  const { count, hashes } = store;
  const split = evalStore
    ? { train: new AllBut(count), heldOut: allRows(evalStore.count) }
    : splitRows(count, { heldOut: config.heldOut, seed: config.seed, hashes });
  const { source, rowsOf } = mixed(config, store, replayStore, split.train);
  const rows = rowsOf(0);
  const shared = sharedBy(source, config, model);
  const choice = { pack: config.packing, seed: config.seed, shared, store: source, rows };
  const shape = chooseRowShape(model, outline.parameterCount, choice, config.tokensPerMicroBatch);
  const { samples } = taskOf(config);
  const training = new Batching({
    ...shape,
    ...choice,
    rowsOf,
    shuffle: true,
    split: config.splitMicroBatch,
    samples,
  });
  const { time, batch } = training.shape(0);
  // what is too large to be trained on at once is to be measured in parts as well
  const atOnce = { rowLength: time, rowsPerBatch: batch };
  const measured = evalStore ?? store;
  return {
    replayedRows: rows.length - split.train.length,
    rows: split.train,
    heldOutRows: split.heldOut,
    labelledTokens: sumOver(rows, source.labelled),
    training,
    heldOut:
      split.heldOut.length === 0 ? null : evaluationBatching(measured, split.heldOut, atOnce, config, model),
  };
}

/**
 * The rows to train on with the share of general rows that `config` asks for: other ones in each epoch, so that few of them are not
 * memorised. Where what frozen layers put out is kept, it is kept for those of the first.
 */
function mixed(
  config: Arrangement,
  store: RowStore,
  replayStore: RowStore | null,
  train: RowNumbers,
): { source: RowStore; rowsOf: (epoch: number) => RowNumbers } {
  if (replayStore === null) return { source: store, rowsOf: () => train };
  const wanted = replayCount(train.length, config.replay);
  const lengthOf = (row: number) => replayStore.lengths[row]!;
  const first = chooseReplay(allRows(replayStore.count), wanted, config.seed);
  const longest = Math.max(longestOf(store, train), longestOf(replayStore, first));
  const others = allRows(replayStore.count).filter((row) => lengthOf(row) <= longest);
  const rowsOf = (epoch: number) => {
    const isFirst = epoch === 0 || config.keepActivations;
    const chosen = isFirst ? first : chooseReplay(others, wanted, config.seed, epoch);
    const rows = new Uint32Array(train.length + wanted);
    rows.set(train.slice());
    rows.set(
      chosen.map((row) => store.count + row),
      train.length,
    );
    return rows;
  };
  return { source: joinRows(store, replayStore), rowsOf };
}

/** Rows as long as their longest sample: an evaluation reads each row once, in order. */
export function evaluationBatching(
  store: RowStore,
  rows: RowNumbers,
  shape: RowShape,
  config: Sharing & Pick<RunConfig, 'seed'>,
  model: Pick<Model, 'attendsOnly' | 'ropes'>,
): Batching {
  const rowLength = Math.max(shape.rowLength, longestOf(store, rows));
  const rowsPerBatch = Math.max(1, Math.floor((shape.rowLength * shape.rowsPerBatch) / rowLength));
  const shared = sharedBy(store, config, model);
  const data = {
    store,
    rows,
    shared,
    pack: config.packing,
    seed: config.seed,
    shuffle: false,
    samples: taskOf(config).samples,
  };
  return new Batching({ ...data, ...filledShape({ rowLength, rowsPerBatch, shared }, data) });
}

/** The same for rows that no training has arranged. */
export function judgedBatching(
  store: RowStore,
  rows: RowNumbers,
  config: Sharing & Pick<RunConfig, 'seed' | 'tokensPerMicroBatch'>,
  { model, outline }: Pick<OpenedModel, 'model' | 'outline'>,
): Batching {
  const { packing: pack, seed, tokensPerMicroBatch } = config;
  const choice = { store, rows, pack, seed, shared: sharedBy(store, config, model) };
  const shape = chooseRowShape(model, outline.parameterCount, choice, tokensPerMicroBatch);
  return evaluationBatching(store, rows, shape, config, model);
}

export function allRows(count: number): Uint32Array {
  return new AllBut(count).slice();
}

/** How many replayed rows make up `share` of all rows that are trained on. */
export function replayCount(rows: number, share: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round((rows * share) / (1 - share)));
}

/** `wanted` of the `available` rows for an epoch: those that stand next in a random order; behind its end comes another order. */
export function chooseReplay(available: Uint32Array, wanted: number, seed: number, epoch = 0): Uint32Array {
  const rng = Rng.fromSeed(streamSeed(seed, 'replay'));
  const { length } = available;
  const from = epoch * wanted;
  const chosen = new Uint32Array(wanted);
  let order: Uint32Array = new Uint32Array();
  for (let i = 0; i < from + wanted; i++) {
    if (i % length === 0) order = rng.shuffle(available.slice());
    if (i >= from) chosen[i - from] = order[i % length]!;
  }
  return chosen;
}
