/**
 * The order of one epoch. Padding costs as much time as text, so several samples share a row, each a segment of its own.
 * The plan follows from seed and epoch alone, so a resumed run finds the same batches from its number of steps.
 */
import { assert } from '../../../../common/errors.ts';
import { AllBut, type Counts, countsUpTo, type RowNumbers, release } from '../../../rows/compact.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { WordFile } from '../../../rows/word-file.ts';
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
  /** So many tokens that all samples begin with lie in a packed row once. Default 0. */
  readonly shared?: number;
}

/** Which samples lie in which packed row, on the disk where they are many; micro-batch b is the packed rows from b * rowsPerBatch. */
export interface PackedEpoch extends PackedRows {
  readonly rowLength: number;
  readonly rowsPerBatch: number;
  /** Tokens that all samples begin with and that lie in a packed row once. */
  readonly shared: number;
  readonly packedRows: number;
  readonly batches: number;
  /** Tokens of all samples, each with its whole beginning. */
  readonly tokens: number;
  /** Share of the packed rows' places that hold real tokens, 0 to 1. */
  readonly fill: number;
}

/** Lists of packed rows and their samples. */
export class PackedRows {
  /** Sample indices; those of a packed row are together. */
  readonly samples = new WordFile();
  /** [packedRows] where each packed row begins in `samples`. */
  readonly rowStarts = new WordFile();
  /** [packedRows] how many it has. */
  readonly rowSizes = new WordFile();
  /** [packedRows] their counted labels. */
  readonly rowLabels = new WordFile();
}

/** Batches balanced together: wide enough to even out labels, narrow enough that the order stays random. */
const BALANCED_BATCHES = 64;

/** Plans one epoch; every sample of `rows` occurs exactly once. */
export function planEpoch(options: EpochOptions): PackedEpoch {
  const { lengths, labelled, rowLength, rowsPerBatch, shuffle, pack = true, shared = 0 } = options;
  assert(rowLength >= 1 && rowsPerBatch >= 1, `a batch of ${rowsPerBatch} rows of ${rowLength} tokens`);
  const rng = epochRng(options);
  const order = inOrder(options, rng);
  const tokens = countTokens(order, lengths, rowLength);
  const rows = new PackedRows();
  /** Number, size and labels of each packed row, as they are closed. */
  const closed = new WordFile();
  const packedRows = packInto({ rowLength, pack, shared }, order, lengths, (row, samples) => {
    for (const word of [row, samples.length, labelsOf(samples, labelled)]) closed.push(word);
    for (const sample of samples) rows.samples.push(sample);
  });
  release(order);
  const starts = new Uint32Array(packedRows);
  const sizes = countsUpTo(rowLength, packedRows);
  const labels = countsUpTo(rowLength, packedRows);
  for (let i = 0, start = 0; i < closed.length; i += 3) {
    const row = closed.at(i);
    starts[row] = start;
    sizes[row] = closed.at(i + 1);
    labels[row] = closed.at(i + 2);
    start += sizes[row]!;
  }
  closed.close();
  const sequence = new AllBut(packedRows).slice();
  if (shuffle) rng.shuffle(sequence);
  if (shuffle && labelled) balance(sequence, labels, rowsPerBatch, rng);
  for (const row of sequence) {
    rows.rowStarts.push(starts[row]!);
    rows.rowSizes.push(sizes[row]!);
    rows.rowLabels.push(labels[row]!);
  }
  for (const list of [starts, sizes, labels, sequence]) release(list);
  const batches = Math.ceil(packedRows / rowsPerBatch);
  const fill = filled({ packedRows, rowLength }, tokens - shared * (options.rows.length - packedRows));
  return { ...rows, rowLength, rowsPerBatch, shared, packedRows, batches, tokens, fill };
}

/** Share of the places of packed rows that hold one of `tokens`. */
export function filled(
  { packedRows, rowLength }: Pick<PackedEpoch, 'packedRows' | 'rowLength'>,
  tokens: number,
): number {
  return packedRows === 0 ? 0 : tokens / (packedRows * rowLength);
}

function epochRng({ seed, epoch }: Pick<EpochOptions, 'seed' | 'epoch'>): Rng {
  return Rng.fromSeed(streamSeed(seed, 'epoch', epoch));
}

/** The samples of an epoch in the order in which they are packed, in memory of the caller's own. */
export function epochOrder(options: Pick<EpochOptions, 'rows' | 'shuffle' | 'seed' | 'epoch'>): Uint32Array {
  return inOrder(options, epochRng(options));
}

function inOrder({ rows, shuffle }: Pick<EpochOptions, 'rows' | 'shuffle'>, rng: Rng): Uint32Array {
  const samples = rows.slice();
  return shuffle ? rng.shuffle(samples) : samples;
}

/** Sum of the counted labels of `samples`. */
export function labelsOf(samples: readonly number[], labelled: Counts | undefined): number {
  let sum = 0;
  if (labelled) for (const sample of samples) sum += labelled[sample]!;
  return sum;
}

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

function samplesInRow({ samples, rowStarts, rowSizes }: PackedRows, row: number): number[] {
  const start = rowStarts.at(row);
  return Array.from({ length: rowSizes.at(row) }, (_, i) => samples.at(start + i));
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

/** Sum of a list of packed rows for each micro-batch of the plan: of their labels, or of their sizes. */
export function perBatch(plan: PackedEpoch, of: 'rowLabels' | 'rowSizes'): Uint32Array {
  const sums = new Uint32Array(plan.batches);
  for (let row = 0; row < plan.packedRows; row++)
    sums[Math.floor(row / plan.rowsPerBatch)]! += plan[of].at(row);
  return sums;
}

/** Counted labels of each micro-batch of the plan. */
export const labelledPerBatch = (plan: PackedEpoch): Uint32Array => perBatch(plan, 'rowLabels');

/** The most counted labels that any micro-batch of the plan has: the capacity that all of them fit. */
export function maxLabelledPerBatch(plan: PackedEpoch): number {
  return labelledPerBatch(plan).reduce((most, count) => Math.max(most, count), 0);
}

/** The samples of micro-batches `first` to `end` (excluded) by packed row. */
export function rowsOf(plan: PackedEpoch, first: number, end = first + 1): number[][] {
  const [from, to] = [first, end].map((batch) => Math.min(plan.packedRows, batch * plan.rowsPerBatch));
  return Array.from({ length: to! - from! }, (_, i) => samplesInRow(plan, from! + i));
}

/** The samples of micro-batches `first` to `end` (excluded), packed row after packed row. */
export function samplesOf(plan: PackedEpoch, first: number, end = first + 1): number[] {
  return rowsOf(plan, first, end).flat();
}

/** Where tokens of a sample lie in a micro-batch: `count` of them, from its token `from`, at the flattened index `at`. */
export interface SamplePlace {
  readonly sample: number;
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

/** The number of what is no sample, but the beginning that all of them share. */
export const BEGINNING = -1;

/** Where `materialiseBatch` lays the samples of micro-batch `batchIndex`. */
export function placesOf(
  plan: PackedEpoch,
  batchIndex: number,
  lengths: Counts,
  { sorted = false }: Pick<Capacities, 'sorted'> = {},
): SamplePlace[] {
  const { shared, rowLength } = plan;
  const places: SamplePlace[] = [];
  for (const [row, samples] of rowsOf(plan, batchIndex).entries()) {
    let at = row * rowLength;
    const add = (sample: number, from: number, count: number) => {
      places.push({ sample, from, count, at });
      at += count;
    };
    if (shared > 0 && samples.length > 0) add(BEGINNING, 0, shared);
    // the category behind a text is no token of it
    for (const sample of samples) add(sample, shared, lengths[sample]! - shared - (sorted ? 1 : 0));
  }
  return places;
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
  /** Whether samples are texts with a category behind each. Default false. */
  readonly sorted?: boolean;
}

/**
 * Reads the samples of micro-batch `batchIndex` and lays them out. Every batch has rowsPerBatch rows: the last one is
 * filled up with empty rows.
 */
export async function materialiseBatch(
  source: SampleSource,
  plan: PackedEpoch,
  batchIndex: number,
  { labelCapacity, pairCapacity, sorted }: Capacities = {},
): Promise<Batch> {
  assert(batchIndex >= 0 && batchIndex < plan.batches, `batch ${batchIndex} of ${plan.batches}`);
  const rows = await Promise.all(
    rowsOf(plan, batchIndex).map((samples) => Promise.all(samples.map((index) => source.row(index)))),
  );
  const { shared } = plan;
  const layout = emptyLayout(plan.rowsPerBatch, plan.rowLength, {
    pairs: pairCapacity,
    continues: shared > 0,
    ...(sorted && { sorted }),
  });
  for (const [row, samples] of rows.entries()) {
    const start = row * plan.rowLength;
    if (shared > 0 && samples.length > 0) placeBranches(layout, start, samples, shared);
    else placeSamples(layout, start, samples);
  }
  return finishBatch(layout, labelCapacity);
}

/** The beginning of all `samples` in the first segment, and what follows it in one for each, which continues the first. */
function placeBranches(
  layout: BatchLayout,
  rowStart: number,
  samples: readonly StoredRow[],
  shared: number,
): void {
  const { tokens, positions, segments, labels, until } = layout;
  let start = rowStart;
  const place = (ids: Int32Array, segment: number, last: number, from: number, to: number): number => {
    assert(start + to - from <= rowStart + layout.rowLength, 'the samples of a packed row overflow it');
    tokens.set(ids.subarray(from, to), start);
    segments.fill(segment, start, start + to - from);
    until!.fill(last, start, start + to - from);
    for (let t = from; t < to; t++) positions[start + t - from] = t;
    start += to - from;
    return start - to;
  };
  place(samples[0]!.ids, 0, samples.length, 0, shared);
  for (const [sample, { ids, trained }] of samples.entries()) {
    const offset = place(ids, 1 + sample, 1 + sample, shared, ids.length);
    for (let t = shared; t < ids.length; t++) if (trained[t]! > 0) labels[offset + t] = ids[t]!;
  }
  layout.repeated += shared * (samples.length - 1);
}

function placeSamples(layout: BatchLayout, rowStart: number, samples: readonly StoredRow[]): void {
  const { pairs, until, categories } = layout;
  let start = rowStart;
  for (const [sample, row] of samples.entries()) {
    if (categories) {
      start = placeSorted(layout, start, sample, row);
      continue;
    }
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
      until![start + t] = t < shared ? 3 * sample + 2 : layout.segments[start + t]!;
      pairs.sides[start + t] = side + isSecond;
      pairs.aside[start + t] = trained[t]! > 1 ? 1 : 0;
    }
    start += ids.length;
  }
}

/** Lays out a text without the category behind it, which is asked for at the text's last token; gives where the next sample begins. */
function placeSorted(layout: BatchLayout, start: number, sample: number, { ids }: StoredRow): number {
  const length = ids.length - 1;
  layout.tokens.set(ids.subarray(0, length), start);
  for (let t = 0; t < length; t++) {
    layout.segments[start + t] = sample;
    layout.positions[start + t] = t;
  }
  layout.categories![start + length - 1] = ids[length]!;
  return start + length;
}

/** Rows open at once: cost is samples x this, and 64 fills typical data to 98% and more. */
const OPEN_ROWS = 64;

interface Packing {
  readonly rowLength: number;
  /** False: one sample a row. Default true. */
  readonly pack?: boolean;
  /** So many tokens that all samples begin with lie in a packed row once. Default 0. */
  readonly shared?: number;
}

/**
 * Packed rows that are being filled, numbered as they are opened: best fit among at most 64 of them; where none has room, the fullest is
 * closed and a new one opened.
 */
class OpenRows {
  /** [slots] the number of the row that is open in each. */
  readonly rows = new Uint32Array(OPEN_ROWS);
  /** Rows opened so far. */
  opened = 0;
  readonly #room = new Int32Array(OPEN_ROWS);
  readonly #packing: Packing;
  #open = 0;

  constructor(packing: Packing) {
    this.#packing = packing;
  }

  /** The slot of the row that takes a sample of `length`; `onClose` is told of one whose row is full. */
  place(length: number, onClose?: (slot: number) => void): number {
    const { rowLength, pack = true, shared = 0 } = this.#packing;
    const own = length - shared;
    let slot = bestFit(this.#room, this.#open, own);
    if (slot < 0) {
      const isNew = this.#open < (pack ? OPEN_ROWS : 1);
      slot = isNew ? this.#open++ : fullest(this.#room);
      if (!isNew) onClose?.(slot);
      this.rows[slot] = this.opened++;
      this.#room[slot] = pack ? rowLength - shared : own;
    }
    this.#room[slot]! -= own;
    return slot;
  }
}

/** How many packed rows `order` makes. */
export function countPackedRows(order: Uint32Array, lengths: Counts, packing: Packing): number {
  const open = new OpenRows(packing);
  for (const sample of order) open.place(lengths[sample]!);
  return open.opened;
}

/**
 * Packs `order`. Tells `use` each row when it is closed: its number (rows are numbered as they are opened), and its samples, which keep
 * their order. A sample longer than `rowLength` gets a row of its own. Gives the number of rows.
 */
export function packInto(
  packing: Packing,
  order: Iterable<number>,
  lengths: Counts,
  use: (row: number, samples: readonly number[]) => void,
): number {
  const open = new OpenRows(packing);
  const held = Array.from({ length: OPEN_ROWS }, (): number[] => []);
  const close = (slot: number): void => {
    use(open.rows[slot]!, held[slot]!);
    held[slot] = [];
  };
  for (const sample of order) {
    const slot = open.place(lengths[sample]!, close);
    held[slot]!.push(sample);
  }
  for (const [slot, samples] of held.entries()) if (samples.length > 0) close(slot);
  return open.opened;
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
