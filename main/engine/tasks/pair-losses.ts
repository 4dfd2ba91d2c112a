/**
 * The losses of pairs of answers, each as a function of their log-likelihoods in numbers and, for the gradient, in the graph. The last two
 * only measure. preferences.ts makes a task of one.
 */
import { internal } from '../../../common/errors.ts';
import { add, div, exp, log, maximum, mul, reduceSum, sigmoid, sub } from '../ops/functions.ts';
import { type PairLoss, sigmoidOf, softplus } from './preferences.ts';

const aboveReference: PairLoss['reward'] = (sum, reference, _, { beta }) => beta * (sum - reference);
const ofMeanToken: PairLoss['reward'] = (sum, _, length, { beta }) => (beta * sum) / length;

/**
 * Direct preference optimisation (Rafailov and others, 2305.18290): -log sigmoid(h) with h = beta (d_c - d_r), d an answer's log-likelihood
 * less that of the model before training. Smoothing s: (1 - s) of it and s of -log sigmoid(-h).
 */
export const dpo: PairLoss = {
  name: 'dpo',
  needsReference: true,
  defaults: { beta: 0.1 },
  losses: (pairs, { beta, labelSmoothing }) =>
    pairs.map(({ sums, references }) => {
      const h = beta * (sums[0] - references[0] - (sums[1] - references[1]));
      return (1 - labelSmoothing) * softplus(-h) + labelSmoothing * softplus(h);
    }),
  slopes: ({ sums, references }, { beta, labelSmoothing }) => {
    const h = mul(sub(sub(sums[0], references[0]), sub(sums[1], references[1])), beta);
    const slope = mul(sub(sigmoid(h), 1 - labelSmoothing), beta);
    return [slope, mul(slope, -1)];
  },
  tokenWeight: ({ sftWeight }) => sftWeight,
  reward: aboveReference,
};

/**
 * Identity preference optimisation (Azar and others, 2310.12036): (d_c / n_c - d_r / n_r - 1 / (2 beta))^2, with means over an answer's
 * tokens as TRL has them after a word with the authors.
 */
export const ipo: PairLoss = {
  name: 'ipo',
  needsReference: true,
  defaults: { beta: 0.1 },
  losses: (pairs, { beta }) =>
    pairs.map(({ sums, references, lengths }) => {
      const [c, r] = ([0, 1] as const).map((side) => (sums[side] - references[side]) / lengths[side]);
      return (c! - r! - 1 / (2 * beta)) ** 2;
    }),
  slopes: ({ sums, references, lengths }, { beta }) => {
    const mean = (side: 0 | 1) => div(sub(sums[side], references[side]), lengths[side]);
    const slope = mul(sub(sub(mean(0), mean(1)), 1 / (2 * beta)), 2);
    return [div(slope, lengths[0]), mul(div(slope, lengths[1]), -1)];
  },
  tokenWeight: ({ sftWeight }) => sftWeight,
  reward: aboveReference,
};

/**
 * Kahneman-Tversky optimisation (Ethayarajh and others, 2402.01306) of single answers: 1 - sigmoid(beta (d - z)) for a good one, 1 -
 * sigmoid(beta (z - d)) for a bad one. z, without gradient, is the mean of d over prompts with an answer to another one, at least 0.
 */
export const kto: PairLoss = {
  name: 'kto',
  needsReference: true,
  isRated: true,
  defaults: { beta: 0.1 },
  losses: (pairs, { beta, goodWeight, badWeight }) => {
    const others = pairs.reduce((sum, { sums, references }) => sum + sums[1] - references[1], 0);
    const z = Math.max(0, others / Math.max(1, pairs.length));
    return pairs.map(({ sums, references, sign }) => {
      const weight = sign > 0 ? goodWeight : badWeight;
      return weight * sigmoidOf(-sign * beta * (sums[0] - references[0] - z));
    });
  },
  slopes: ({ sums, references, signs, real }, { beta, goodWeight, badWeight }) => {
    const others = reduceSum(mul(sub(sums[1], references[1]), real), [0], true);
    const z = maximum(div(others, maximum(reduceSum(real, [0], true), 1)), 0);
    const value = sigmoid(mul(mul(sub(sub(sums[0], references[0]), z), signs), beta));
    const weight = add(mul(signs, (goodWeight - badWeight) / 2), (goodWeight + badWeight) / 2);
    const slope = mul(mul(value, sub(value, 1)), mul(mul(signs, weight), beta));
    return [slope, null];
  },
  tokenWeight: () => 0,
  reward: aboveReference,
};

/** Keeps 1 - exp(A) above 0 in float32, where an answer is as good as certain. */
const TINY = 1e-8;

const logOdds = (mean: number): number => mean - Math.log(-Math.expm1(mean) + TINY);

/**
 * Odds ratio preference optimisation (Hong and others, 2403.07691): the better answer's own loss and beta times -log sigmoid of the log
 * odds ratio, with an answer's odds of its mean token. It compares with no other model.
 */
export const orpo: PairLoss = {
  name: 'orpo',
  needsReference: false,
  defaults: { beta: 0.1, sftWeight: 1 },
  losses: (pairs, { beta }) =>
    pairs.map(
      ({ sums, lengths }) => beta * softplus(logOdds(sums[1] / lengths[1]) - logOdds(sums[0] / lengths[0])),
    ),
  slopes: ({ sums, lengths }, { beta }) => {
    const of = (side: 0 | 1) => {
      const mean = div(sums[side], lengths[side]);
      const others = add(mul(sub(exp(mean), 1), -1), TINY);
      return { odds: sub(mean, log(others)), others };
    };
    const [chosen, rejected] = [of(0), of(1)];
    const slope = mul(sub(sigmoid(sub(chosen.odds, rejected.odds)), 1), beta);
    return [
      div(div(slope, chosen.others), lengths[0]),
      mul(div(div(slope, rejected.others), lengths[1]), -1),
    ];
  },
  tokenWeight: ({ sftWeight }) => sftWeight,
  reward: ofMeanToken,
};

/**
 * Simple preference optimisation (Meng and others, 2405.14734): -log sigmoid(beta (A_c - A_r) - gamma), A an answer's mean log-likelihood
 * of a token; gamma is the margin that is wanted. It compares with no other model.
 */
export const simpo: PairLoss = {
  name: 'simpo',
  needsReference: false,
  defaults: { beta: 2, targetMargin: 0.5 },
  losses: (pairs, { beta, targetMargin }) =>
    pairs.map(({ sums, lengths }) =>
      softplus(targetMargin - beta * (sums[0] / lengths[0] - sums[1] / lengths[1])),
    ),
  slopes: ({ sums, lengths }, { beta, targetMargin }) => {
    const better = sub(div(sums[0], lengths[0]), div(sums[1], lengths[1]));
    const slope = mul(sub(sigmoid(sub(mul(better, beta), targetMargin)), 1), beta);
    return [div(slope, lengths[0]), mul(div(slope, lengths[1]), -1)];
  },
  tokenWeight: ({ sftWeight }) => sftWeight,
  reward: ofMeanToken,
};

/**
 * Measures pairs, whatever loss they were trained with: the loss of the better answers' tokens, and how much likelier the better answer's
 * mean token is than the worse one's. No other model is asked.
 */
const measuring = (name: string, loss: Pick<PairLoss, 'losses' | 'tokenWeight'>): PairLoss => ({
  name,
  needsReference: false,
  defaults: {},
  slopes: () => {
    throw internal(`${name} is only measured`);
  },
  reward: (sum, _, length) => sum / length,
  ...loss,
});

export const answersOfPairs = measuring('answers-of-pairs', {
  losses: (pairs) => pairs.map(() => 0),
  tokenWeight: () => 1,
});

/** Instead of losses: how far the better answer is ahead. */
export const leadOfBetter = measuring('lead-of-better', {
  losses: (pairs) => pairs.map(({ sums, lengths }) => sums[0] / lengths[0] - sums[1] / lengths[1]),
  tokenWeight: () => 0,
});
