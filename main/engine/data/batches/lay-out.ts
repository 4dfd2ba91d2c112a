/** The micro-batches of a planned epoch: its samples, laid out as tokens, positions, segments and labels. */
import { assert } from '../../../../common/errors.ts';
import type { Counts } from '../../../rows/compact.ts';
import type { StoredRow } from '../tokens/token-store.ts';
import { type Batch, type BatchLayout, emptyLayout, finishBatch } from './batch.ts';
import { type PackedEpoch, rowsOf } from './pack.ts';

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
