/**
 * The order of one epoch. Padding costs as much time as text, so several samples share a row, each a segment of its own.
 * The plan follows from seed and epoch alone, so a resumed run finds the same batches from its number of steps.
 */
import { assert } from '../../../../common/errors.ts';
import { AllBut, type Counts, countsUpTo, type RowNumbers, release } from '../../../rows/compact.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { WordFile } from '../../../rows/word-file.ts';
import { packInto } from './fill-rows.ts';

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
