/**
 * Kahneman-Tversky optimisation (Ethayarajh and others, 2402.01306) of single answers: 1 - sigmoid(beta (d - z)) for a good
 * one, 1 - sigmoid(beta (z - d)) for a bad one. z, without gradient, is the mean of d over prompts with an answer to another one, at least 0.
 */
import { add, div, maximum, mul, reduceSum, sigmoid, sub } from '../ops/functions.ts';
import { type PairLoss, sigmoidOf } from './over-pairs.ts';

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
  reward: (sum, reference, _, { beta }) => beta * (sum - reference),
};
