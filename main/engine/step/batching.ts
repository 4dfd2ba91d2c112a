/** Rows in micro-batches of one shape: each epoch's plan, and the labelled positions of its graph. */

import type { Batch } from '../data/batches/batch.ts';
import { materialiseBatch, maxLabelledPerBatch, type PackedEpoch, planEpoch } from '../data/batches/pack.ts';
import {
  type PartShape,
  partShape,
  type SplitEpoch,
  shortestRow,
  splitPlan,
} from '../data/batches/split-plan.ts';
import type { RowStore } from '../data/tokens/token-store.ts';
import type { Executor } from '../exec/executor.ts';
import type { HostArray } from '../ir/dtype.ts';

const LABEL_STEP = 64;
const PAIR_STEP = 4;

/** Shape of a micro-batch: rows, tokens a row, and how many labelled positions go through the head. */
export interface BatchShape {
  readonly batch: number;
  readonly time: number;
  readonly labels: number;
  /** Pairs of answers, where samples are such. */
  readonly pairs?: number;
}

/** Whether micro-batches of both shapes go through the same graphs. */
export function sameShape(a: BatchShape, b: BatchShape): boolean {
  return a.batch === b.batch && a.time === b.time && a.labels === b.labels && a.pairs === b.pairs;
}

interface BatchingOptions {
  readonly store: RowStore;
  readonly rows: Uint32Array;
  readonly rowLength: number;
  readonly rowsPerBatch: number;
  readonly pack: boolean;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Parts that each micro-batch goes through the model in. Default 1. */
  readonly split?: number;
  /** Whether each sample is a pair of answers. Default false. */
  readonly pairs?: boolean;
}

/** The micro-batches of a run as its steps see them. */
export type MicroBatches = Pick<Batching, 'isSplit' | 'shape' | 'batches' | 'partsOf' | 'batch'>;

interface Planned {
  readonly epoch: number;
  readonly plan: PackedEpoch;
  readonly parts: SplitEpoch;
  readonly shape: BatchShape;
}

export class Batching {
  readonly #options: BatchingOptions;
  readonly #batches = new Map<number, number>();
  readonly #longest: number;
  readonly #part: PartShape;
  #planned: Planned | null = null;

  constructor(options: BatchingOptions) {
    this.#options = options;
    const { rows, store, split = 1 } = options;
    this.#longest = rows.reduce((most, row) => Math.max(most, store.lengths[row]!), 1);
    this.#part = partShape(options, split, this.#longest);
  }

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
    return materialiseBatch(this.#options.store, parts.plan, part, {
      labelCapacity,
      ...(pairs !== undefined && { pairCapacity: pairs }),
    });
  }

  #epoch(epoch: number): Planned {
    if (this.#planned?.epoch === epoch) return this.#planned;
    const { store, rows, rowLength, rowsPerBatch, pack, shuffle, seed, split = 1 } = this.#options;
    const { lengths, labelled } = store;
    const plan = planEpoch({ lengths, labelled, rows, rowLength, rowsPerBatch, pack, shuffle, seed, epoch });
    const parts = split === 1 ? unsplit(plan) : splitPlan(plan, this.#part, lengths);
    const most = maxLabelledPerBatch(parts.plan, labelled);
    const { rowLength: time, rowsPerBatch: batch } = this.#part;
    const labels = Math.min(batch * time, roundUp(most, LABEL_STEP));
    const shape = { batch, time, labels, ...(this.#options.pairs && { pairs: mostSamples(parts.plan) }) };
    this.#planned = { epoch, plan, parts, shape };
    return this.#planned;
  }
}

const roundUp = (count: number, step: number) => Math.ceil(Math.max(1, count) / step) * step;

/** Room for the samples of any micro-batch of the plan. */
function mostSamples(plan: PackedEpoch): number {
  const { rowStarts, rowsPerBatch, packedRows, batches } = plan;
  let most = 1;
  for (let batch = 0; batch < batches; batch++) {
    const [first, end] = [batch * rowsPerBatch, Math.min(packedRows, (batch + 1) * rowsPerBatch)];
    most = Math.max(most, rowStarts[end]! - rowStarts[first]!);
  }
  return roundUp(most, PAIR_STEP);
}

function unsplit(plan: PackedEpoch): SplitEpoch {
  return { plan, starts: Uint32Array.from({ length: plan.batches + 1 }, (_, i) => i) };
}

/** `sum` and the losses of `count` labelled positions, in order: it decides the last bit. */
export function addLosses(sum: number, losses: HostArray, count: number): number {
  let total = sum;
  for (let i = 0; i < count; i++) total += losses[i]!;
  return total;
}

/** Optimizer steps of an epoch: the last may have fewer micro-batches than the others. */
export function stepsInEpoch(training: Batching, epoch: number, gradientAccumulation: number): number {
  return Math.ceil(training.batches(epoch) / gradientAccumulation);
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
