/** What is exported of a model that reads: an encoder, with a head that sorts its vectors, or none. */

import { amongEachOther } from '../../eval/generator.ts';
import type { AnswerHead } from '../../eval/rivals/answer-head.ts';
import type { headOf } from '../../eval/vectors/reranker.ts';
import type { OpenedEncoder } from '../../load/open-encoder.ts';
import type { SentenceSettings } from '../../load/sentence-settings.ts';
import type { Weights } from '../../load/weights.ts';

/** A head as one product: of any number of parts, since a softmax doesn't change where the same is added to all scores. */
export interface LinearHead {
  readonly answers: readonly string[];
  /** [width, answers]; the temperature is in it. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface ReadingModel {
  readonly opened: OpenedEncoder;
  readonly weights: Weights;
  /** What stands before each text. */
  readonly prompt: string;
  readonly head: LinearHead | null;
  /** Of a reranker: what gives one score to two texts. */
  readonly pairs?: Awaited<ReturnType<typeof headOf>> | null;
}

/** What an answer gets that no row taught. */
const NEVER = -1e9;

export function linearHead({ answers, parts }: AnswerHead, temperature: number): LinearHead {
  const { width } = parts[0]!.head;
  const count = answers.length;
  const [weights, bias] = [new Float64Array(width * count), new Float64Array(count)];
  for (const { of, head } of parts)
    for (const [answer, label] of of.entries()) {
      if (label < 0) {
        bias[answer] = NEVER;
        continue;
      }
      const labels = head.labels.length;
      for (let i = 0; i < width; i++)
        weights[i * count + answer]! += head.weights[i * labels + label]! / temperature;
      if (bias[answer] !== NEVER) bias[answer]! += head.weights[width * labels + label]! / temperature;
    }
  return { answers, weights: Float32Array.from(weights), bias: Float32Array.from(bias) };
}

/** Log-probabilities of the answers for a vector. */
export function headLogs({ answers, weights, bias }: LinearHead, vector: Float32Array): Float64Array {
  const count = answers.length;
  return amongEachOther(
    answers.map((_, answer) =>
      vector.reduce((sum, value, i) => sum + value * weights[i * count + answer]!, bias[answer]!),
    ),
  );
}

/** Tokens of a text at most, the special ones included. */
export function maxTokensOf({
  encoder,
  sentences,
}: Pick<OpenedEncoder, 'encoder'> & { readonly sentences: Pick<SentenceSettings, 'maxTokens'> }): number {
  return Math.min(encoder.maxTokens, sentences.maxTokens ?? Number.POSITIVE_INFINITY);
}
