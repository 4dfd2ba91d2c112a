/**
 * The order of one epoch. Padding costs as much time as text, so several samples share a row, each a segment of its own.
 * The plan follows from seed and epoch alone, so a resumed run finds the same batches from its number of steps.
 */
import { assert } from '../../../../common/errors.ts';
import { type Counts, countsUpTo, type RowNumbers } from '../rows/compact.ts';
import { Rng, streamSeed } from '../rows/rng.ts';
import type { StoredRow } from '../tokens/token-store.ts';
import { type Batch, type BatchLayout, emptyLayout, finishBatch } from './batch.ts';

export interface EpochOptions {
  /** Tokens of each sample, by its index in the store. */
  readonly lengths: Counts;
  /** The samples of this epoch: indices into `lengths`. None may be longer than `rowLength`. */
  readonly rows: RowNumbers;
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
  readonly labelled?: Counts;
}

/** Which samples lie in which packed row; micro-batch b is the packed rows from b * rowsPerBatch. */
export interface PackedEpoch {
  readonly rowLength: number;
  readonly rowsPerBatch: number;
  readonly packedRows: number;
  readonly batches: number;
  /** Sample indices; those of a packed row are together. */
  readonly samples: Uint32Array;
  /** [packedRows] where each packed row begins in `samples`. */
  readonly rowStarts: Uint32Array;
  /** [packedRows] how many it has. */
  readonly rowSizes: Counts;
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
  const rng = epochRng(options);
  const samples = options.rows.slice();
  if (shuffle) rng.shuffle(samples);
  const tokens = countTokens(samples, lengths, rowLength);
  const packed = options.pack === false ? oneEach(samples) : packTogether(samples, lengths, rowLength);
  const { packedRows } = packed;
  const sequence = new Uint32Array(packedRows).map((_, row) => row);
  if (shuffle) rng.shuffle(sequence);
  if (shuffle && options.labelled) {
    const labels = countsUpTo(rowLength, packedRows);
    forEachSample(packed, (sample, row) => {
      labels[row]! += options.labelled![sample]!;
    });
    balance(sequence, labels, rowsPerBatch, rng);
  }
  const rowSizes = countsUpTo(rowLength, packedRows);
  for (const [i, row] of sequence.entries()) {
    rowSizes[i] = packed.rowSizes[row]!;
    sequence[i] = packed.rowStarts[row]!;
  }
  return {
    rowLength,
    rowsPerBatch,
    packedRows,
    batches: Math.ceil(packedRows / rowsPerBatch),
    samples,
    rowStarts: sequence,
    rowSizes,
    tokens,
    fill: packedRows === 0 ? 0 : tokens / (packedRows * rowLength),
  };
}

function epochRng({ seed, epoch }: Pick<EpochOptions, 'seed' | 'epoch'>): Rng {
  return Rng.fromSeed(streamSeed(seed, 'epoch', epoch));
}

/** The samples of an epoch in the order in which they are packed. */
export function epochOrder(options: Pick<EpochOptions, 'rows' | 'shuffle' | 'seed' | 'epoch'>): Uint32Array {
  const samples = options.rows.slice();
  return options.shuffle ? epochRng(options).shuffle(samples) : samples;
}

type Packed = Pick<PackedEpoch, 'samples' | 'rowStarts' | 'rowSizes' | 'packedRows'>;

function countTokens(order: Uint32Array, lengths: Counts, rowLength: number): number {
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

function oneEach(samples: Uint32Array): Packed {
  const rowSizes = new Uint8Array(samples.length).fill(1);
  return { samples, rowStarts: samples.map((_, row) => row), rowSizes, packedRows: samples.length };
}

/** Tells `use` each sample, packed row after packed row, of those from `first` to before `end`. */
function forEachSample(
  { samples, rowStarts, rowSizes, packedRows }: Packed,
  use: (sample: number, row: number) => void,
  [first, end] = [0, packedRows],
): void {
  for (let row = first; row < end; row++) {
    const from = rowStarts[row]!;
    for (let i = from; i < from + rowSizes[row]!; i++) use(samples[i]!, row);
  }
}

/**
 * Makes the batches of each window alike in `sums` (labels of a packed row): the window's rows, sorted, are dealt to
 * its batches forwards and backwards in turn, then the batches are shuffled. Rows beyond the last full batch stay.
 */
function balance(sequence: Uint32Array, sums: Counts, rowsPerBatch: number, rng: Rng): void {
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
export function labelledPerBatch(plan: PackedEpoch, labelled: Counts): Uint32Array {
  const perBatch = new Uint32Array(plan.batches);
  forEachSample(plan, (sample, row) => {
    perBatch[Math.floor(row / plan.rowsPerBatch)]! += labelled[sample]!;
  });
  return perBatch;
}

/** The most counted labels that any micro-batch of the plan has: the capacity that all of them fit. */
export function maxLabelledPerBatch(plan: PackedEpoch, labelled: Counts): number {
  return labelledPerBatch(plan, labelled).reduce((most, count) => Math.max(most, count), 0);
}

/** The samples of micro-batches `first` to `end` (excluded), packed row after packed row. */
export function samplesOf(plan: PackedEpoch, first: number, end = first + 1): number[] {
  const samples: number[] = [];
  const rows = [first, end].map((batch) => Math.min(plan.packedRows, batch * plan.rowsPerBatch));
  forEachSample(plan, (sample) => samples.push(sample), rows as [number, number]);
  return samples;
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
  const samples = await Promise.all(samplesOf(plan, batchIndex).map((index) => source.row(index)));
  const layout = emptyLayout(plan.rowsPerBatch, plan.rowLength, pairCapacity);
  for (let row = firstRow; row < endRow; row++) {
    const own = samples.splice(0, plan.rowSizes[row]!);
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
 * Packed rows that are being filled, numbered as they are opened: best fit among at most 64 of them; where none has room, the fullest is
 * closed and a new one opened. A sample longer than `rowLength` gets a row of its own.
 */
class OpenRows {
  /** [slots] the number of the row that is open in each. */
  readonly rows = new Uint32Array(OPEN_ROWS);
  /** Rows opened so far. */
  opened = 0;
  readonly #room = new Int32Array(OPEN_ROWS);
  readonly #rowLength: number;
  #open = 0;

  constructor(rowLength: number) {
    this.#rowLength = rowLength;
  }

  /** The slot of the row that takes a sample of `length`; `onClose` is told of one whose row is full. */
  place(length: number, onClose?: (slot: number) => void): number {
    let slot = bestFit(this.#room, this.#open, length);
    if (slot < 0) {
      const isNew = this.#open < OPEN_ROWS;
      slot = isNew ? this.#open++ : fullest(this.#room);
      if (!isNew) onClose?.(slot);
      this.rows[slot] = this.opened++;
      this.#room[slot] = this.#rowLength;
    }
    this.#room[slot]! -= length;
    return slot;
  }
}

/** How many packed rows `order` makes. */
export function countPackedRows(order: Uint32Array, lengths: Counts, rowLength: number): number {
  const open = new OpenRows(rowLength);
  for (const sample of order) open.place(lengths[sample]!);
  return open.opened;
}

/**
 * Packs `samples` in their order, and in their place: the samples of a row are put together when it is closed, where those were that have
 * been passed already. Inside a row they keep their order; rows have the numbers by which they were opened.
 */
export function packTogether(samples: Uint32Array, lengths: Counts, rowLength: number): Packed {
  const open = new OpenRows(rowLength);
  const held = Array.from({ length: OPEN_ROWS }, (): number[] => []);
  const sizes = new Uint32Array(OPEN_ROWS);
  // as many as there may be: pages that nobody writes to take no memory
  const rowStarts = new Uint32Array(samples.length);
  const rowSizes = countsUpTo(Math.max(1, rowLength), samples.length);
  let filled = 0;
  const close = (slot: number): void => {
    const row = open.rows[slot]!;
    rowStarts[row] = filled;
    rowSizes[row] = sizes[slot]!;
    for (let i = 0; i < sizes[slot]!; i++) samples[filled++] = held[slot]![i]!;
    sizes[slot] = 0;
  };
  for (const sample of samples) {
    const slot = open.place(lengths[sample]!, close);
    held[slot]![sizes[slot]!++] = sample;
  }
  for (const [slot, size] of sizes.entries()) if (size > 0) close(slot);
  return { samples, rowStarts, rowSizes, packedRows: open.opened };
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
