/**
 * Losses over two sequences of a sample: a better and a worse answer, or a rated one. The graph has their derivatives by the log-likelihood
 * of each answer, as weights of its labels; the losses themselves are computed from what it says of labels.
 */
import { internal } from '../../../common/errors.ts';
import type { Batch, PairRow } from '../data/batches/batch.ts';
import { rowEncoder } from '../data/tokens/encode.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { requireAnswers } from '../models/sorting.ts';
import { headLoss } from '../nn/loss.ts';
import { add, concat, gather, mul, neg, reshape, scatterAdd, slice } from '../ops/functions.ts';
import { batchFeeds } from './feeds.ts';
import type { LossSettings, Outputs, Tally, Task, TaskSettings } from './task.ts';

/** One pair, in numbers. */
export interface Pair {
  /** Log-likelihood of each answer, in nats: by the model, and by the one before training. */
  readonly sums: Two;
  readonly references: Two;
  /** Labels of each answer. */
  readonly lengths: Two;
  /** 1, or -1 for an answer that was rated as bad. */
  readonly sign: number;
}

export type Two = readonly [first: number, second: number];

/** The pairs of a micro-batch in a graph: the same as columns [P,1]. */
interface PairColumns {
  readonly graph: Graph;
  readonly sums: readonly [Value, Value];
  readonly references: readonly [Value, Value];
  readonly lengths: readonly [Value, Value];
  readonly signs: Value;
  /** 1 for a pair, 0 for filler. */
  readonly real: Value;
}

export interface PairLoss {
  readonly name: string;
  readonly needsReference: boolean;
  /** Whether the second sequence of a row is its prompt with the answer to another one. */
  readonly isRated?: true;
  readonly defaults: Readonly<Partial<LossSettings>>;
  /** The loss of each pair of a micro-batch, without that of the better answers' tokens. */
  losses(pairs: readonly Pair[], settings: LossSettings): readonly number[];
  /** Their derivatives by the log-likelihoods of both answers [P,1]; null for an answer that is only compared with. */
  slopes(pairs: PairColumns, settings: LossSettings): readonly [Value, Value | null];
  /** Factor of the mean negative log-likelihood of the better answers' labels, which is added. */
  tokenWeight(settings: LossSettings): number;
  /** How much an answer is preferred, in units of its own. */
  reward(sum: number, reference: number, length: number, settings: LossSettings): number;
}

export const NO_NUMBERS: LossSettings = {
  beta: 0.1,
  labelSmoothing: 0,
  targetMargin: 0,
  sftWeight: 0,
  goodWeight: 1,
  badWeight: 1,
};

/** log(1 + exp(x)), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const sigmoidOf = (x: number): number => Math.exp(-softplus(-x));

export function overPairs(loss: PairLoss, given: TaskSettings): Task {
  const { trainOn = 'answers', thinking } = given;
  const settings = settled(loss, given);
  const tokenWeight = loss.tokenWeight(settings);
  const pairs = loss.isRated ? ('rated' as const) : ('better' as const);
  const kind = { trainOn, pairs, ...(thinking && { thinking }) };
  return {
    name: `${loss.name} ${JSON.stringify(settings)}`,
    samples: 'pairs',
    needsReference: loss.needsReference,
    encoder: (tokenizer, model) => {
      requireAnswers(model);
      return rowEncoder(tokenizer, trainOn, pairs, thinking);
    },
    encoderSource: ({ path, added }) => ({ tokenizer: path, newTokens: added?.texts ?? [], ...kind }),
    feeds: (model, batch, step = [batch]) => ({
      ...batchFeeds(model, batch),
      ...pairFeeds(batch, loss.needsReference),
      tokenShare: Float32Array.of(tokenWeight * shareOf(step)),
    }),
    loss: (inputs, wanted, shape) =>
      headLoss(
        {
          ...inputs,
          weights: (nll) =>
            weightsOf(nll, shape.pairs, { loss, settings, tokenWeight, labels: inputs.weights }),
        },
        wanted,
      ),
    countOf: (batch) => pairsOf(batch).rows.length,
    tally: () => new PairTally(loss, settings, tokenWeight),
  };
}

/** The numbers of a loss: those that were set, else its own. */
function settled({ defaults }: PairLoss, given: TaskSettings): LossSettings {
  const set = Object.entries(NO_NUMBERS).map(([name, value]) => {
    const key = name as keyof LossSettings;
    return [key, given[key] ?? defaults[key] ?? value];
  });
  return Object.fromEntries(set) as LossSettings;
}

function pairsOf({ pairs }: Batch) {
  if (pairs) return pairs;
  throw internal('a batch without pairs');
}

/** Pairs over labels of better answers: with this weight a label's loss counts in their mean as a pair's does in its. */
function shareOf(step: readonly Batch[]): number {
  let [pairs, labels] = [0, 0];
  for (const batch of step) {
    const { rows, answers } = pairsOf(batch);
    pairs += rows.length;
    for (let i = 0; i < batch.labelledCount; i++) if (answers[i]! % 2 === 0) labels++;
  }
  return pairs / Math.max(1, labels);
}

const referencesOf = ({ reference }: PairRow, needed: boolean): Two => {
  if (reference && !reference.some(Number.isNaN)) return reference;
  if (needed) throw internal('a pair that was not measured before training');
  return [0, 0];
};

const signOf = ({ bad }: PairRow): number => (bad ? -1 : 1);

function pairFeeds(batch: Batch, needsReference: boolean): Record<string, HostArray> {
  const { rows, answers, inAnswer, lengths } = pairsOf(batch);
  const capacity = lengths.length / 2;
  const references = new Float32Array(2 * capacity);
  const [signs, real] = [new Float32Array(capacity), new Float32Array(capacity)];
  for (const [pair, row] of rows.entries()) {
    references.set(referencesOf(row, needsReference), 2 * pair);
    signs[pair] = signOf(row);
    real[pair] = 1;
  }
  return { answers, inAnswer, answerLengths: lengths, references, signs, real };
}

interface Weighing {
  readonly loss: PairLoss;
  readonly settings: LossSettings;
  readonly tokenWeight: number;
  /** [N] 1 for a label, 0 for filler. */
  readonly labels: Value;
}

/** The weight of each label [N], whose negative log-likelihoods are `nll`: the derivative of the summed loss of `count` pairs by it. */
function weightsOf(
  nll: Value,
  count: number | undefined,
  { loss, settings, tokenWeight, labels: isLabel }: Weighing,
): Value {
  if (count === undefined) throw internal('a graph for pairs without their number');
  const { graph } = nll;
  const labels = nll.shape[0]!;
  const list = (name: string) => graph.input(name, 'f32', [count, 1]);
  const halves = (x: Value): readonly [Value, Value] => {
    const table = reshape(x, [count, 2]);
    return [slice(table, 1, 0, 1), slice(table, 1, 1, 2)];
  };
  const answers = graph.input('answers', 'i32', [labels]);
  const inAnswer = graph.input('inAnswer', 'f32', [labels]);
  const columns = {
    graph,
    sums: halves(neg(scatterAdd(mul(nll, inAnswer), answers, 2 * count))),
    references: halves(graph.input('references', 'f32', [2 * count])),
    lengths: halves(graph.input('answerLengths', 'f32', [2 * count])),
    signs: list('signs'),
    real: list('real'),
  };
  const [first, second] = loss.slopes(columns, settings);
  const real = (slope: Value) => mul(slope, columns.real);
  const slopes = concat([real(first), second ? real(second) : mul(columns.real, 0)], 1);
  // a label's log-likelihood falls as its negative one grows
  const own = mul(gather(reshape(neg(slopes), [2 * count]), answers), inAnswer);
  if (tokenWeight === 0) return own;
  const isFirst = gather(reshape(concat([columns.real, mul(columns.real, 0)], 1), [2 * count]), answers);
  return add(own, mul(mul(isFirst, isLabel), graph.input('tokenShare', 'f32', [1])));
}

interface AnswerSums {
  answers: number;
  reward: number;
  sum: number;
  labels: number;
}

class PairTally implements Tally {
  readonly #loss: PairLoss;
  readonly #settings: LossSettings;
  readonly #tokenWeight: number;
  readonly #pairLosses: number[] = [];
  /** Of the labels of each pair's better answer. */
  readonly #nll: number[] = [];
  #labels = 0;
  #right = 0;
  /** Sums over answers that were preferred, and over the others. */
  readonly #chosen: AnswerSums = { answers: 0, reward: 0, sum: 0, labels: 0 };
  readonly #rejected: AnswerSums = { answers: 0, reward: 0, sum: 0, labels: 0 };

  constructor(loss: PairLoss, settings: LossSettings, tokenWeight: number) {
    this.#loss = loss;
    this.#settings = settings;
    this.#tokenWeight = tokenWeight;
  }

  add(batch: Batch, outputs: Outputs): void {
    const nll = outputs.nll!;
    const { rows, answers, inAnswer, lengths } = pairsOf(batch);
    const sums = new Float64Array(2 * rows.length);
    const first = this.#nll.length;
    for (const _ of rows) this.#nll.push(0);
    for (let i = 0; i < batch.labelledCount; i++) {
      const answer = answers[i]!;
      sums[answer]! -= nll[i]! * inAnswer[i]!;
      if (answer % 2 === 1) continue;
      this.#nll[first + answer / 2]! += nll[i]!;
      this.#labels++;
    }
    const two = (of: ArrayLike<number>, pair: number): Two => [of[2 * pair]!, of[2 * pair + 1]!];
    const pairs = rows.map((row, pair) => ({
      sums: two(sums, pair),
      references: referencesOf(row, this.#loss.needsReference),
      lengths: two(lengths, pair),
      sign: signOf(row),
    }));
    this.#pairLosses.push(...this.#loss.losses(pairs, this.#settings));
    for (const pair of pairs) this.#compare(pair);
  }

  #compare({ sums, references, lengths, sign }: Pair): void {
    const reward = (side: 0 | 1) =>
      this.#loss.reward(sums[side], references[side], lengths[side], this.#settings);
    const note = (to: AnswerSums, side: 0 | 1) => {
      to.answers++;
      to.reward += reward(side);
      to.sum += sums[side];
      to.labels += lengths[side];
    };
    note(sign > 0 ? this.#chosen : this.#rejected, 0);
    if (this.#loss.isRated) {
      if (sign * reward(0) > 0) this.#right++;
      return;
    }
    note(this.#rejected, 1);
    if (reward(0) > reward(1)) this.#right++;
  }

  get figures() {
    const { answers, sum, reward, labels } = this.#chosen;
    const other = this.#rejected;
    const pairs = this.#pairLosses.length;
    const mean = (sumOfAll: number, count: number) => (count === 0 ? 0 : sumOfAll / count);
    return {
      loss: mean(total(this.#pairLosses), pairs) + this.#tokenWeight * mean(total(this.#nll), this.#labels),
      perplexity: Math.exp(-mean(sum, labels)),
      preference: {
        accuracy: mean(this.#right, pairs),
        margin: mean(reward, answers) - mean(other.reward, other.answers),
        chosen: mean(sum, answers),
        rejected: mean(other.sum, other.answers),
      },
    };
  }

  get samples() {
    const share = (this.#tokenWeight * this.#pairLosses.length) / Math.max(1, this.#labels);
    const losses = this.#pairLosses.map((loss, pair) => loss + share * this.#nll[pair]!);
    return { losses, counts: losses.map(() => 1) };
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
