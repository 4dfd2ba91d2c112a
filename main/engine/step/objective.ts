/**
 * What a run minimises: what of a row counts, how it becomes a batch, its loss, its metrics. The loss is in
 * the graphs that run, so that they also say what it costs (docs/recipes/add-an-objective.md).
 */
import type { RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import type { TrainingRow } from '../data/rows/schema.ts';
import { rowEncoder } from '../data/tokens/encode.ts';
import type { EncoderSource } from '../data/tokens/encode-work.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Model } from '../models/model.ts';
import { headLoss } from '../nn/loss.ts';
import { batchFeeds, type Loss } from './step-graphs.ts';

export interface Objective {
  /** Graphs of two objectives of one name are the same. */
  readonly name: string;
  /** What makes tokens of a row, and labels of those that the loss counts. */
  encoder(tokenizer: Tokenizer): (row: TrainingRow) => EncodedRow;
  /** What threads make the same encoder from, with the tokenizer of `opened`. */
  encoderSource(opened: Pick<OpenedModel, 'path' | 'added'>): EncoderSource;
  /** What a micro-batch feeds to the graphs: tokens, and targets with their weights. */
  feeds(model: Model, batch: Batch): Record<string, HostArray>;
  readonly loss: Loss;
  /** What an evaluation tells of a loss summed over labelled tokens. */
  metrics(sum: number, labelledTokens: number): { readonly loss: number; readonly perplexity: number };
}

type TrainOn = RunConfig['trainOn'];

/** The next token's negative log-likelihood in nats, over answers or over whole rows. */
const nextToken = (trainOn: TrainOn): Objective => ({
  name: 'next-token',
  encoder: (tokenizer) => rowEncoder(tokenizer, trainOn),
  encoderSource: ({ path, added }) => ({ tokenizer: path, newTokens: added?.texts ?? [], trainOn }),
  feeds: batchFeeds,
  loss: headLoss,
  metrics: (sum, labelledTokens) => {
    const loss = sum / labelledTokens;
    return { loss, perplexity: Math.exp(loss) };
  },
});

const OBJECTIVES: Readonly<Record<TrainOn, Objective>> = {
  answers: nextToken('answers'),
  all: nextToken('all'),
};

export function objectiveOf({ trainOn }: Pick<RunConfig, 'trainOn'>): Objective {
  return OBJECTIVES[trainOn];
}
