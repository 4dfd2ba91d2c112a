/**
 * The order of one epoch. Padding costs as much time as text, so several samples share a row, each a segment of its own.
 * The plan follows from seed and epoch alone, so a resumed run finds the same batches from its number of steps.
 */
import { assert } from '../../../../common/errors.ts';
import { Rng, streamSeed } from '../rows/rng.ts';
import type { StoredRow } from '../tokens/token-store.ts';
import { type Batch, type BatchLayout, emptyLayout, finishBatch } from './batch.ts';

export interface EpochOptions {
  /** Tokens of each sample, by its index in the store. */
  readonly lengths: Uint32Array;
  /** The samples of this epoch: indices into `lengths`. None may be longer than `rowLength`. */
  readonly rows: Uint32Array;
  /** T, tokens of a packed row. */
  readonly rowLength: number;
  /** B, packed rows of a micro-batch. */
  readonly rowsPerBatch: number;
  readonly seed: number;
  /** Counted from 0; another epoch has another order. */
  readonly epoch: number;
  /** False (evaluation): samples stay in the order of `rows` as far as packing allows. */
  readonly shuffle: boolean;
  /** False: one sample a row, the rest is padding. Default true. */
  readonly pack?: boolean;
  /** Counted labels of each sample; with it, shuffled micro-batches are made similar in their number of labels. */
  readonly labelled?: Uint32Array;
}

/** Which samples lie in which packed row; micro-batch b is the packed rows from b * rowsPerBatch. */
export interface PackedEpoch {
  readonly rowLength: number;
  readonly rowsPerBatch: number;
  readonly packedRows: number;
  readonly batches: number;
  /** Sample indices, packed row after packed row. */
  readonly samples: Uint32Array;
  /** [packedRows + 1] where each packed row starts in `samples`. */
  readonly rowStarts: Uint32Array;
  /** Real tokens of the epoch. */
  readonly tokens: number;
  /** Share of the packed rows' places that hold real tokens, 0 to 1. */
  readonly fill: number;
}

/** Batches balanced together: wide enough to even out labels, narrow enough that the order stays random. */
const BALANCED_BATCHES = 64;

/** Plans one epoch; every sample of `rows` occurs exactly once. */
export function planEpoch(options: EpochOptions): PackedEpoch {
  const { lengths, rowLength, rowsPerBatch, shuffle } = options;
  assert(rowLength >= 1 && rowsPerBatch >= 1, `a batch of ${rowsPerBatch} rows of ${rowLength} tokens`);
  const rng = Rng.fromSeed(streamSeed(options.seed, 'epoch', options.epoch));
  const order = options.rows.slice();
  if (shuffle) rng.shuffle(order);
  const rowOf = options.pack === false ? order.map((_, i) => i) : assignToRows(order, lengths, rowLength);
  const grouped = groupByRow(order, rowOf);
  const packedRows = grouped.rowStarts.length - 1;
  const sequence = Uint32Array.from({ length: packedRows }, (_, row) => row);
  if (shuffle) rng.shuffle(sequence);
  if (shuffle && options.labelled) balance(sequence, rowSums(grouped, options.labelled), rowsPerBatch, rng);
  const tokens = countTokens(order, lengths, rowLength);
  return {
    rowLength,
    rowsPerBatch,
    packedRows,
    batches: Math.ceil(packedRows / rowsPerBatch),
    ...reorder(grouped, sequence),
    tokens,
    fill: packedRows === 0 ? 0 : tokens / (packedRows * rowLength),
  };
}

type Grouped = Pick<PackedEpoch, 'samples' | 'rowStarts'>;

function countTokens(order: Uint32Array, lengths: Uint32Array, rowLength: number): number {
  let tokens = 0;
  for (const sample of order) {
    const length = lengths[sample]!;
    assert(
      length >= 1 && length <= rowLength,
      `sample ${sample} of ${length} tokens in rows of ${rowLength}`,
    );
    tokens += length;
  }
  return tokens;
}

/** Counting sort of the samples by packed row; inside a row they keep their order. */
function groupByRow(order: Uint32Array, rowOf: Uint32Array): Grouped {
  let count = 0;
  for (const row of rowOf) count = Math.max(count, row + 1);
  const rowStarts = new Uint32Array(count + 1);
  for (const row of rowOf) rowStarts[row + 1]!++;
  for (let row = 0; row < count; row++) rowStarts[row + 1]! += rowStarts[row]!;
  const next = rowStarts.slice();
  const samples = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) samples[next[rowOf[i]!]!++] = order[i]!;
  return { samples, rowStarts };
}

function reorder({ samples, rowStarts }: Grouped, sequence: Uint32Array): Grouped {
  const out: Grouped = {
    samples: new Uint32Array(samples.length),
    rowStarts: new Uint32Array(rowStarts.length),
  };
  let filled = 0;
  for (const [i, row] of sequence.entries()) {
    out.samples.set(samples.subarray(rowStarts[row]!, rowStarts[row + 1]!), filled);
    filled += rowStarts[row + 1]! - rowStarts[row]!;
    out.rowStarts[i + 1] = filled;
  }
  return out;
}

/** Sum of `perSample` over the samples of each packed row. */
function rowSums({ samples, rowStarts }: Grouped, perSample: Uint32Array): Uint32Array {
  const sums = new Uint32Array(rowStarts.length - 1);
  for (let row = 0; row < sums.length; row++) {
    for (let i = rowStarts[row]!; i < rowStarts[row + 1]!; i++) sums[row]! += perSample[samples[i]!]!;
  }
  return sums;
}

/**
 * Makes the batches of each window alike in `sums` (labels of a packed row): the window's rows, sorted, are dealt to
 * its batches forwards and backwards in turn, then the batches are shuffled. Rows beyond the last full batch stay.
 */
function balance(sequence: Uint32Array, sums: Uint32Array, rowsPerBatch: number, rng: Rng): void {
  if (rowsPerBatch < 2) return;
  const full = sequence.length - (sequence.length % rowsPerBatch);
  const step = BALANCED_BATCHES * rowsPerBatch;
  for (let start = 0; start < full; start += step) {
    const window = sequence.subarray(start, Math.min(full, start + step));
    const sorted = window.slice().sort((a, b) => sums[b]! - sums[a]! || a - b);
    const places = rng.shuffle(Uint32Array.from({ length: window.length / rowsPerBatch }, (_, i) => i));
    for (const [i, row] of sorted.entries()) {
      const turn = Math.floor(i / places.length);
      const seat = turn % 2 === 0 ? i % places.length : places.length - 1 - (i % places.length);
      window[places[seat]! * rowsPerBatch + turn] = row;
    }
  }
}

/** Counted labels of each micro-batch of the plan; `labelled` is the store's, by sample. */
export function labelledPerBatch(plan: PackedEpoch, labelled: Uint32Array): Uint32Array {
  const perRow = rowSums(plan, labelled);
  const perBatch = new Uint32Array(plan.batches);
  for (const [row, sum] of perRow.entries()) perBatch[Math.floor(row / plan.rowsPerBatch)]! += sum;
  return perBatch;
}

/** The most counted labels that any micro-batch of the plan has: the capacity that all of them fit. */
export function maxLabelledPerBatch(plan: PackedEpoch, labelled: Uint32Array): number {
  return labelledPerBatch(plan, labelled).reduce((most, count) => Math.max(most, count), 0);
}

/** Where batches read their samples: a token store, or an array in tests. */
interface SampleSource {
  row(index: number): Promise<StoredRow>;
}

/** Static lengths of the lists of a batch. */
interface Capacities {
  readonly labelCapacity?: number;
  /** Of samples that are pairs; left out where they are single sequences. */
  readonly pairCapacity?: number;
}

/**
 * Reads the samples of micro-batch `batchIndex` and lays them out. Every batch has rowsPerBatch rows: the last one is
 * filled up with empty rows.
 */
export async function materialiseBatch(
  source: SampleSource,
  plan: PackedEpoch,
  batchIndex: number,
  { labelCapacity, pairCapacity }: Capacities = {},
): Promise<Batch> {
  assert(batchIndex >= 0 && batchIndex < plan.batches, `batch ${batchIndex} of ${plan.batches}`);
  const firstRow = batchIndex * plan.rowsPerBatch;
  const endRow = Math.min(plan.packedRows, firstRow + plan.rowsPerBatch);
  const from = plan.rowStarts[firstRow]!;
  const indices = Array.from(plan.samples.subarray(from, plan.rowStarts[endRow]!));
  const samples = await Promise.all(indices.map((index) => source.row(index)));
  const layout = emptyLayout(plan.rowsPerBatch, plan.rowLength, pairCapacity);
  for (let row = firstRow; row < endRow; row++) {
    const own = samples.slice(plan.rowStarts[row]! - from, plan.rowStarts[row + 1]! - from);
    placeSamples(layout, (row - firstRow) * plan.rowLength, own);
  }
  return finishBatch(layout, labelCapacity);
}

function placeSamples(layout: BatchLayout, rowStart: number, samples: readonly StoredRow[]): void {
  const { pairs } = layout;
  let start = rowStart;
  for (const [sample, row] of samples.entries()) {
    const { ids, trained, second = ids.length, shared = 0 } = row;
    assert(start + ids.length <= rowStart + layout.rowLength, 'the samples of a packed row overflow it');
    layout.tokens.set(ids, start);
    const side = pairs ? 2 * pairs.rows.push(row) - 2 : 0;
    for (let t = 0; t < ids.length; t++) {
      const isSecond = t >= second ? 1 : 0;
      layout.segments[start + t] = pairs ? 3 * sample + (t < shared ? 0 : 1 + isSecond) : sample;
      layout.positions[start + t] = isSecond ? shared + t - second : t;
      if (trained[t]! > 0) layout.labels[start + t] = ids[t]!;
      if (!pairs) continue;
      pairs.continued[start + t] = shared > 0 ? 3 * sample : layout.segments[start + t]!;
      pairs.sides[start + t] = side + isSecond;
      pairs.aside[start + t] = trained[t]! > 1 ? 1 : 0;
    }
    start += ids.length;
  }
}

/** Rows open at once: cost is samples x this, and 64 fills typical data to 98% and more. */
const OPEN_ROWS = 64;

/**
 * The packed row of each sample of `order`, rows numbered as they are opened: best fit among at most 64 open rows; where
 * none has room, the fullest is closed and a new one opened. A sample longer than `rowLength` gets a row of its own.
 */
export function assignToRows(order: Uint32Array, lengths: Uint32Array, rowLength: number): Uint32Array {
  const rowOf = new Uint32Array(order.length);
  const openRow = new Uint32Array(OPEN_ROWS);
  const room = new Int32Array(OPEN_ROWS);
  let open = 0;
  let rows = 0;
  for (let i = 0; i < order.length; i++) {
    const length = lengths[order[i]!]!;
    let slot = bestFit(room, open, length);
    if (slot < 0) {
      slot = open < OPEN_ROWS ? open++ : fullest(room);
      openRow[slot] = rows++;
      room[slot] = rowLength;
    }
    rowOf[i] = openRow[slot]!;
    room[slot]! -= length;
  }
  return rowOf;
}

/** The slot with the least room that still holds `length`, or -1. */
function bestFit(room: Int32Array, open: number, length: number): number {
  let best = -1;
  for (let slot = 0; slot < open; slot++) {
    if (room[slot]! < length) continue;
    if (best < 0 || room[slot]! < room[best]!) best = slot;
  }
  return best;
}

function fullest(room: Int32Array): number {
  let slot = 0;
  for (let i = 1; i < room.length; i++) if (room[i]! < room[slot]!) slot = i;
  return slot;
}
