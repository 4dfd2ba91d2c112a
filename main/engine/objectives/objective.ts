/**
 * What a run minimises: what of a row counts, how it becomes a batch, its loss, its figures. The loss is in the
 * graphs that run, so that they also say what it costs (docs/recipes/add-an-objective.md).
 */
import type { PreferenceFigures } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import type { TrainingRow } from '../data/rows/schema.ts';
import type { ThinkingUse } from '../data/tokens/conversation.ts';
import { rowEncoder, type TrainOn } from '../data/tokens/encode.ts';
import type { EncoderSource } from '../data/tokens/encode-work.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Model } from '../models/model.ts';
import { headLoss } from '../nn/loss.ts';
import { addLosses } from '../step/batching.ts';
import { batchFeeds, type Loss } from '../step/step-graphs.ts';

export interface Objective {
  /** Graphs of two objectives of one name are the same. */
  readonly name: string;
  /** Whether samples are pairs of sequences that stay in one micro-batch. */
  readonly pairs: boolean;
  /** Whether it compares with what the model says before training. */
  readonly needsReference: boolean;
  /** What makes tokens of a row, and labels of those that the loss counts. */
  encoder(tokenizer: Tokenizer): (row: TrainingRow) => EncodedRow;
  /** What threads make the same encoder from, with the tokenizer of `opened`. */
  encoderSource(opened: Pick<OpenedModel, 'path' | 'added'>): EncoderSource;
  /** What a micro-batch feeds to the graphs; `step`: all of those whose gradients are added up. */
  feeds(model: Model, batch: Batch, step?: readonly Batch[]): Record<string, HostArray>;
  readonly loss: Loss;
  /** What the summed gradient is divided by: labelled tokens, or pairs. */
  countOf(batch: Batch): number;
  /** A new sum of losses. */
  tally(): Tally;
}

/** Sums what is known of batches from the negative log-likelihood of each of their labels. */
export interface Tally {
  add(batch: Batch, nll: HostArray): void;
  readonly figures: Figures;
  /** The loss of each sample so far, in the order of batches: a sum over so many labels, or over one pair. */
  readonly samples: { readonly losses: readonly number[]; readonly counts: readonly number[] };
}

export interface Figures {
  readonly loss: number;
  /** Of labelled tokens; for pairs of those of the better answers. */
  readonly perplexity: number;
  readonly preference?: PreferenceFigures;
}

/** The settings that choose an objective and shape it. */
export type ObjectiveSettings = Pick<RunConfig, 'trainOn'> &
  Partial<Pick<RunConfig, 'objective' | 'thinking' | keyof LossSettings>>;

/** Numbers of the losses over pairs, as the table of settings describes them. */
export type LossSettings = Readonly<
  Record<'beta' | 'labelSmoothing' | 'targetMargin' | 'sftWeight' | 'goodWeight' | 'badWeight', number>
>;

export const nextToken = (trainOn: TrainOn, thinking?: ThinkingUse): Objective => ({
  name: 'next-token',
  pairs: false,
  needsReference: false,
  encoder: (tokenizer) => rowEncoder(tokenizer, trainOn, undefined, thinking),
  encoderSource: ({ path, added }) => ({
    ...{ tokenizer: path, newTokens: added?.texts ?? [], trainOn },
    ...(thinking && { thinking }),
  }),
  feeds: batchFeeds,
  loss: headLoss,
  countOf: ({ labelledCount }) => labelledCount,
  tally: () => new TokenTally(),
});

class TokenTally implements Tally {
  readonly samples = { losses: [] as number[], counts: [] as number[] };
  #nll = 0;
  #labels = 0;

  add(batch: Batch, nll: HostArray): void {
    const { rows, rowLength, segments, labelledCount } = batch;
    this.#nll = addLosses(this.#nll, nll, labelledCount);
    this.#labels += labelledCount;
    const { losses, counts } = this.samples;
    let [last, at] = [-1, losses.length - 1];
    for (let i = 0; i < labelledCount; i++) {
      // labels ascend, so a sample is what lies in one segment of one row
      const position = rows[i]!;
      const here = Math.floor(position / rowLength) * rowLength + segments[position]!;
      if (here !== last) at = losses.push(0) - 1;
      last = here;
      losses[at]! += nll[i]!;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }

  get figures() {
    const loss = this.#nll / this.#labels;
    return { loss, perplexity: Math.exp(loss) };
  }
}
