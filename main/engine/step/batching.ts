/** Rows in micro-batches of one shape: each epoch's plan, and the labelled positions of its graph. */

import type { Counts, RowNumbers } from '../../rows/compact.ts';
import { plannedSteps, type RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import { packInto } from '../data/batches/fill-rows.ts';
import { materialiseBatch, placesOf, type SamplePlace } from '../data/batches/lay-out.ts';
import {
  filled,
  labelsOf,
  maxLabelledPerBatch,
  type PackedEpoch,
  PackedRows,
  perBatch,
  planEpoch,
  rowsOf,
} from '../data/batches/pack.ts';
import type { RowStore } from '../data/tokens/token-store.ts';
import type { Executor } from '../exec/executor.ts';
import type { BatchShape, Samples } from '../tasks/feeds.ts';

/** Packed rows are multiples of so many tokens. */
const LENGTH_STEP = 32;
const LABEL_STEP = 64;
const PAIR_STEP = 4;

export interface RowShape {
  readonly rowLength: number;
  readonly rowsPerBatch: number;
  /** Tokens that all samples begin with and that lie in each row once. Default 0. */
  readonly shared?: number | undefined;
}

interface BatchingOptions extends RowShape {
  readonly store: RowStore;
  /** Of the first epoch, and of all others unless `rowsOf` says otherwise. */
  readonly rows: RowNumbers;
  /** The rows of an epoch, none longer than the longest of the first one. */
  readonly rowsOf?: (epoch: number) => RowNumbers;
  readonly pack: boolean;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Parts that each micro-batch goes through the model in. Default 1. */
  readonly split?: number;
  /** Default `rows`. */
  readonly samples?: Samples;
}

/** The micro-batches of a run as its steps see them. */
export type MicroBatches = Pick<Batching, 'isSplit' | 'shape' | 'batches' | 'partsOf' | 'batch'>;

/** Those of a run's rows, whose sections may be tokenised as the training comes to them. */
export type Batches = Pick<
  Batching,
  keyof MicroBatches | 'plan' | 'parts' | 'tokensAtOnce' | 'sections' | 'enter' | 'saved' | 'resume'
>;

interface Planned {
  readonly epoch: number;
  readonly plan: PackedEpoch;
  readonly parts: SplitEpoch;
  readonly shape: BatchShape;
}

export class Batching {
  /** Epochs that make up a pass through all rows. */
  readonly sections: number = 1;
  readonly #options: BatchingOptions;
  readonly #batches = new Map<number, number>();
  readonly #longest: number;
  readonly #part: RowShape;
  #planned: Planned | null = null;

  constructor(options: BatchingOptions) {
    this.#options = options;
    const { rows, store, split = 1 } = options;
    this.#longest = longestOf(store, rows);
    this.#part = partShape(options, split, this.#longest);
  }

  /** Has the rows of `epoch` ready; before that its micro-batches are an estimate where rows are in sections. */
  async enter(_epoch: number): Promise<void> {}

  /** What a checkpoint holds of the epochs that were entered, and how a resumed run gets it back. */
  get saved(): { readonly sectionBatches?: readonly number[] } {
    return {};
  }

  resume(_sectionBatches?: readonly number[]): void {}

  /** Whether a micro-batch may go through the model in several parts. */
  get isSplit(): boolean {
    return (this.#options.split ?? 1) > 1;
  }

  /** Places for tokens that go through the model at once, and the fewest that they can be split down to. */
  get tokensAtOnce(): { readonly now: number; readonly least: number } {
    const { rowLength, rowsPerBatch } = this.#part;
    return { now: rowLength * rowsPerBatch, least: shortestRow(this.#options.rowLength, this.#longest) };
  }

  /** The plan of an epoch; it follows from the seed and the epoch alone. */
  plan(epoch: number): PackedEpoch {
    return this.#epoch(epoch).plan;
  }

  /** Micro-batches of an epoch; remembered, since counting them asks for the plan. */
  batches(epoch: number): number {
    const known = this.#batches.get(epoch) ?? this.plan(epoch).batches;
    this.#batches.set(epoch, known);
    return known;
  }

  /** Parts of all micro-batches of an epoch: as many as the batches where nothing is split. */
  parts(epoch: number): number {
    return this.#epoch(epoch).parts.plan.batches;
  }

  /** The parts of micro-batches `first` to `end` (excluded): the first one, and the one after the last. */
  partsOf(epoch: number, first: number, end: number): readonly [first: number, end: number] {
    const { starts } = this.#epoch(epoch).parts;
    return [starts[first]!, starts[end]!];
  }

  /** The shape of what goes through the model at once: the epoch's micro-batches, or their parts. */
  shape(epoch: number): BatchShape {
    return this.#epoch(epoch).shape;
  }

  /** What goes through the model at once: a micro-batch of an epoch, or a part where they are split. */
  batch(epoch: number, part: number): Promise<Batch> {
    const { parts, shape } = this.#epoch(epoch);
    const { labels: labelCapacity, pairs } = shape;
    const { samples } = this.#options;
    return materialiseBatch(this.#options.store, parts.plan, part, {
      labelCapacity,
      ...(pairs !== undefined && { pairCapacity: pairs }),
      sorted: samples === 'sorted',
    });
  }

  /** Where its samples lie in it. */
  places(epoch: number, part: number): readonly SamplePlace[] {
    const { store, samples } = this.#options;
    return placesOf(this.#epoch(epoch).parts.plan, part, store.lengths, { sorted: samples === 'sorted' });
  }

  /** Tokens of each row of the store that its rows are in. */
  get lengths(): Counts {
    return this.#options.store.lengths;
  }

  /** The same rows with a plan of their own: looking at another epoch here would plan this one twice. */
  again(): Batching {
    return new Batching(this.#options);
  }

  #epoch(epoch: number): Planned {
    if (this.#planned?.epoch === epoch) return this.#planned;
    // not two of them at once
    this.#planned = null;
    const {
      store,
      rowsOf = () => this.#options.rows,
      rowLength,
      rowsPerBatch,
      pack,
      shuffle,
      seed,
      split = 1,
      shared = 0,
    } = this.#options;
    const { lengths, labelled } = store;
    const packing = { rowLength, rowsPerBatch, pack, shuffle, seed, epoch, shared };
    const plan = planEpoch({ lengths, labelled, rows: rowsOf(epoch), ...packing });
    const parts = split === 1 ? unsplit(plan) : splitPlan(plan, this.#part, store);
    const most = maxLabelledPerBatch(parts.plan);
    const { rowLength: time, rowsPerBatch: batch } = this.#part;
    const labels = Math.min(batch * time, roundUp(most, LABEL_STEP));
    const shape = {
      batch,
      time,
      labels,
      ...(this.#options.samples === 'pairs' && { pairs: mostSamples(parts.plan) }),
      ...(shared > 0 && { shared }),
    };
    this.#planned = { epoch, plan, parts, shape };
    return this.#planned;
  }
}

/** Tokens of the longest of `rows`, at least 1. */
export function longestOf({ lengths }: Pick<RowStore, 'lengths'>, rows: RowNumbers): number {
  let most = 1;
  for (const row of rows) most = Math.max(most, lengths[row]!);
  return most;
}

const roundUp = (count: number, step: number) => Math.ceil(Math.max(1, count) / step) * step;

/** The length of a row with room for so many tokens. */
export const wholeLength = (tokens: number): number => roundUp(tokens, LENGTH_STEP);

/** Room for the samples of any micro-batch of the plan. */
function mostSamples(plan: PackedEpoch): number {
  const most = perBatch(plan, 'rowSizes').reduce((before, count) => Math.max(before, count), 1);
  return roundUp(most, PAIR_STEP);
}

function unsplit(plan: PackedEpoch): SplitEpoch {
  return { plan, starts: new Uint32Array(plan.batches + 1).map((_, i) => i) };
}

/** Optimizer steps of an epoch: the last may have fewer micro-batches than the others. */
export function stepsInEpoch(
  training: Pick<Batches, 'batches'>,
  epoch: number,
  gradientAccumulation: number,
): number {
  return Math.ceil(training.batches(epoch) / gradientAccumulation);
}

/** Optimizer steps of a run; an estimate until the last section of rows was entered. */
export function stepsOfRun(
  { epochs, maxSteps, gradientAccumulation }: Pick<RunConfig, 'epochs' | 'maxSteps' | 'gradientAccumulation'>,
  training: Pick<Batches, 'batches' | 'sections'>,
): number {
  const sections = epochs === undefined ? undefined : epochs * training.sections;
  return plannedSteps({ epochs: sections, maxSteps }, (epoch) =>
    stepsInEpoch(training, epoch, gradientAccumulation),
  );
}

interface Stepping<Asked extends keyof MicroBatches = 'batches' | 'partsOf'> {
  readonly config: { readonly gradientAccumulation: number };
  readonly batching: Pick<MicroBatches, Asked>;
}

/** The micro-batches of the step at `place`, or their parts: the first one, and the one after the last. */
export function partsOfStep(
  { config: { gradientAccumulation }, batching }: Stepping,
  { epoch, epochStep }: { readonly epoch: number; readonly epochStep: number },
): readonly [first: number, end: number] {
  const from = epochStep * gradientAccumulation;
  const to = Math.min(batching.batches(epoch), from + gradientAccumulation);
  return batching.partsOf(epoch, from, to);
}

/** Whether the gradient of a step is a sum over several runs of its graph, or lives where it must be one. */
export function accumulates({
  config: { gradientAccumulation },
  batching: { isSplit },
  executor: { keeps },
}: Stepping<'isSplit'> & { readonly executor: Pick<Executor, 'keeps'> }): boolean {
  return gradientAccumulation > 1 || isSplit || keeps === 'device';
}

/**
 * A micro-batch that does not fit into memory goes through the model in parts. Its samples stay what they are, and gradients are summed
 * over them, so an optimizer step means the same with any number of parts; only the memory differs.
 */

/** The parts of an epoch: a plan whose batches are parts, with those of micro-batch b from starts[b] to starts[b + 1]. */
interface SplitEpoch {
  readonly plan: PackedEpoch;
  /** [batches + 1], counted in parts. */
  readonly starts: Uint32Array;
}

/**
 * The shape of a part where micro-batches of `whole` go through in `parts`: whole rows as long as there are enough of them, then shorter
 * rows, down to one that holds the longest sample (`longest` tokens).
 */
export function partShape(whole: RowShape, parts: number, longest: number): RowShape {
  const { rowsPerBatch, rowLength, shared } = whole;
  if (parts <= rowsPerBatch) return { rowLength, rowsPerBatch: Math.floor(rowsPerBatch / parts), shared };
  const begun = shared ?? 0;
  const wanted =
    Math.floor(((rowsPerBatch * (rowLength - begun)) / parts + begun) / LENGTH_STEP) * LENGTH_STEP;
  return { rowLength: Math.max(wanted, shortestRow(rowLength, longest)), rowsPerBatch: 1, shared };
}

/** Tokens of the shortest row that holds every sample: the smallest part that there is. */
function shortestRow(rowLength: number, longest: number): number {
  return Math.min(rowLength, wholeLength(longest));
}

/** Divides each micro-batch of `plan` into parts of `shape`; every sample stays in its micro-batch. */
export function splitPlan(
  plan: PackedEpoch,
  shape: RowShape,
  { lengths, labelled }: Pick<RowStore, 'lengths' | 'labelled'>,
): SplitEpoch {
  const rows = new PackedRows();
  let taken = 0;
  const add = (samples: readonly number[]): void => {
    if (samples.length > 0) taken++;
    rows.rowStarts.push(rows.samples.length);
    rows.rowSizes.push(samples.length);
    rows.rowLabels.push(labelsOf(samples, labelled));
    for (const sample of samples) rows.samples.push(sample);
  };
  const starts = new Uint32Array(plan.batches + 1);
  for (let batch = 0; batch < plan.batches; batch++) {
    for (const row of rowsOf(plan, batch))
      for (const part of shape.rowLength === plan.rowLength ? [row] : packedAgain(row, shape, lengths))
        add(part);
    // the next micro-batch begins with a part of its own
    while (rows.rowStarts.length % shape.rowsPerBatch !== 0) add([]);
    starts[batch + 1] = rows.rowStarts.length / shape.rowsPerBatch;
  }
  const { tokens, shared } = plan;
  const packed = { rowLength: shape.rowLength, packedRows: rows.rowStarts.length, tokens, shared };
  const fill = filled(packed, tokens - shared * (rows.samples.length - taken));
  return { plan: { ...shape, ...rows, ...packed, batches: starts[plan.batches]!, fill }, starts };
}

/** The samples of a row, packed again into shorter ones. */
function packedAgain(
  row: readonly number[],
  { rowLength, shared = 0 }: RowShape,
  lengths: Counts,
): (readonly number[])[] {
  const shorter: (readonly number[])[] = [];
  packInto({ rowLength, shared }, row, lengths, (number, samples) => {
    shorter[number] = samples;
  });
  return shorter;
}
