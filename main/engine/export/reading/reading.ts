/** What is exported of a model that reads: an encoder, with a head that sorts its vectors, or none. */

import { probabilities } from '../../eval/classify/calibration.ts';
import { YES } from '../../eval/classify/sets.ts';
import { likeliest } from '../../eval/generator.ts';
import { type AnswerHead, headAnswerScores } from '../../eval/rivals/answer-head.ts';
import type { KeptHead } from '../../eval/rivals/head-file.ts';
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
  /** Of several categories a text: from which probability on each is given; null where a text has the likeliest one. */
  readonly from: readonly number[] | null;
}

/** What is filled beside the first column, from the same vector. */
export interface FurtherColumn {
  readonly name: string;
  /** What the ONNX file calls its probabilities. */
  readonly output: string;
  readonly head: LinearHead;
  readonly sorter: VectorSorter;
}

/** A sorter by vectors: one head, or of several categories a text one of no and yes for each. */
export interface VectorSorter {
  readonly heads: readonly KeptHead[];
  readonly several: { readonly categories: readonly string[]; readonly from: readonly number[] } | null;
}

export interface ReadingModel {
  readonly opened: OpenedEncoder;
  readonly weights: Weights;
  /** What stands before each text. */
  readonly prompt: string;
  readonly head: LinearHead | null;
  /** Of a sorter of several columns: what the first one is called, and the others. */
  readonly columns?: { readonly first: string; readonly others: readonly FurtherColumn[] } | null;
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
  return { answers, weights: Float32Array.from(weights), bias: Float32Array.from(bias), from: null };
}

/** Of several categories the log-odds of each, which are what its head gives to yes more than to no. */
export function linearSorter({ heads, several }: VectorSorter): LinearHead {
  const each = heads.map(({ head, calibration }) => linearHead(head, calibration.temperature));
  if (!several) return each[0]!;
  const odds = (of: Float32Array, row: number) => of[2 * row + YES]! - of[2 * row + 1 - YES]!;
  const width = each[0]!.weights.length / 2;
  const count = each.length;
  return {
    answers: several.categories,
    weights: Float32Array.from({ length: width * count }, (_, i) =>
      odds(each[i % count]!.weights, Math.floor(i / count)),
    ),
    bias: Float32Array.from(each, ({ bias }) => odds(bias, 0)),
    from: several.from,
  };
}

/** Probabilities of the answers for a vector. */
export function headChances(
  { answers, weights, bias, from }: LinearHead,
  vector: Float32Array,
): Float64Array {
  const count = answers.length;
  const scores = Float64Array.from(answers, (_, answer) =>
    vector.reduce((sum, value, i) => sum + value * weights[i * count + answer]!, bias[answer]!),
  );
  return from ? scores.map((score) => 1 / (1 + Math.exp(-score))) : probabilities(scores, 1);
}

/** Probabilities [answers] of each vector, as Fettle itself sorts. */
export function sortedChances(
  { heads, several }: VectorSorter,
  vectors: readonly Float32Array[],
): Float64Array[] {
  const found = heads.map(({ head, calibration }) =>
    headAnswerScores(head, vectors).map((scores) => probabilities(scores, calibration.temperature)),
  );
  return several ? vectors.map((_, row) => Float64Array.from(found, (rows) => rows[row]![YES]!)) : found[0]!;
}

/** The places of the answers that a text gets. */
export function givenOf({ from }: Pick<LinearHead, 'from'>, chances: ArrayLike<number>): number[] {
  const all = Array.from(chances);
  return from ? [...all.keys()].filter((i) => all[i]! >= from[i]!) : [likeliest(all)];
}

/** Tokens of a text at most, the special ones included. */
export function maxTokensOf({
  encoder,
  sentences,
}: Pick<OpenedEncoder, 'encoder'> & { readonly sentences: Pick<SentenceSettings, 'maxTokens'> }): number {
  return Math.min(encoder.maxTokens, sentences.maxTokens ?? Number.POSITIVE_INFINITY);
}
