/**
 * What a run teaches a model: what of a row counts, how it becomes a batch, its loss, its figures. The loss is in the graphs that run, so
 * that they also say what it costs (docs/recipes/add-a-task.md).
 */
import type { TaskFigures } from '../../../common/step-figures.ts';
import type { TrainingRow } from '../../rows/schema.ts';
import type { RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import type { EncoderSource } from '../data/tokens/encode-work.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Model } from '../models/model.ts';
import type { Loss, Samples } from './feeds.ts';

export interface Task {
  /** Graphs of two tasks of one name are the same. */
  readonly name: string;
  readonly samples: Samples;
  /** Whether it compares with what the model says before training. */
  readonly needsReference: boolean;
  /** What its head decides between, where the head is one of its own: found in the rows. */
  categoriesIn?(config: CategoryRows, stop: AbortSignal): Promise<readonly string[]>;
  /** What makes tokens of a row, and labels of those that the loss counts. */
  encoder(tokenizer: Tokenizer, model: Pick<Model, 'categories'>): (row: TrainingRow) => EncodedRow;
  /** What threads make the same encoder from, with the tokenizer of `opened`. */
  encoderSource(opened: Pick<OpenedModel, 'path' | 'added' | 'model'>): EncoderSource;
  /** What a micro-batch feeds to the graphs; `step`: all of those whose gradients are added up. */
  feeds(model: Model, batch: Batch, step?: readonly Batch[]): Record<string, HostArray>;
  readonly loss: Loss;
  /** What the summed gradient is divided by: labelled tokens, pairs, or texts. */
  countOf(batch: Batch): number;
  /** A new sum of losses. */
  tally(): Tally;
}

/** What graphs put out: `nll`, the negative log-likelihood of each label, and what else a loss tells. */
export type Outputs = Readonly<Record<string, HostArray | undefined>>;

/** Sums what is known of batches from what graphs put out for each of their labels. */
export interface Tally {
  add(batch: Batch, outputs: Outputs): void;
  readonly figures: TaskFigures;
  /** The loss of each sample so far, in the order of batches: a sum over so many labels, or over one pair. */
  readonly samples: { readonly losses: readonly number[]; readonly counts: readonly number[] };
}

/** The settings that choose a task and shape it. */
export type TaskSettings = Partial<
  Pick<RunConfig, 'objective' | 'trainOn' | 'thinking' | keyof LossSettings>
>;

/** Where the rows of a run are, and how they are read. */
export type CategoryRows = Pick<RunConfig, 'data' | 'evalData' | 'map' | 'promptTemplate' | 'system'> & {
  readonly sheet?: string | undefined;
};

/** Numbers of the losses over pairs, as the table of settings describes them. */
export type LossSettings = Readonly<
  Record<'beta' | 'labelSmoothing' | 'targetMargin' | 'sftWeight' | 'goodWeight' | 'badWeight', number>
>;
