/** What a run minimises. Its graphs also say what it costs: the planner prices the very graphs that a step runs. */
import type { RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import type { TrainingRow } from '../data/rows/schema.ts';
import { rowEncoder } from '../data/tokens/encode.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { Model } from '../models/model.ts';
import { batchFeeds, evaluationStep, gradientStep } from './step-graphs.ts';

export interface Objective {
  /** What makes tokens of a row, and labels of those that the loss counts. */
  encoder(tokenizer: Tokenizer, config: Pick<RunConfig, 'trainOn'>): (row: TrainingRow) => EncodedRow;
  /** What a micro-batch feeds to the graphs: tokens, and targets with their weights. */
  feeds(model: Model, batch: Batch): Record<string, HostArray>;
  readonly gradientStep: typeof gradientStep;
  readonly evaluationStep: typeof evaluationStep;
  /** `sum` with the loss of each labelled token of `batch` added, one after the other: their order decides the last bit. */
  addLoss(
    sum: number,
    batch: Pick<Batch, 'labelledCount'>,
    outputs: Readonly<Record<string, HostArray>>,
  ): number;
  /** What an evaluation tells of a loss summed over labelled tokens. */
  metrics(sum: number, labelledTokens: number): { readonly loss: number; readonly perplexity: number };
}

/** The next token's negative log-likelihood in nats, over answers or over whole rows. */
export const nextToken: Objective = {
  encoder: (tokenizer, { trainOn }) => rowEncoder(tokenizer, trainOn),
  feeds: batchFeeds,
  gradientStep,
  evaluationStep,
  addLoss: (sum, { labelledCount }, { nll }) => {
    let total = sum;
    for (let i = 0; i < labelledCount; i++) total += nll![i]!;
    return total;
  },
  metrics: (sum, labelledTokens) => {
    const loss = sum / labelledTokens;
    return { loss, perplexity: Math.exp(loss) };
  },
};
