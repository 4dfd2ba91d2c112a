/**
 * Simple preference optimisation (Meng and others, 2405.14734): -log sigmoid(beta (A_c - A_r) - gamma), A an answer's mean
 * log-likelihood of a token; gamma is the margin that is wanted. It compares with no other model.
 */
import { div, mul, sigmoid, sub } from '../ops/functions.ts';
import { type PairLoss, softplus } from './over-pairs.ts';

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
  reward: (sum, _, length, { beta }) => (beta * sum) / length,
};
