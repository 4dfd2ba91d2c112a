/**
 * Direct preference optimisation (Rafailov and others, 2305.18290): -log sigmoid(h) with h = beta (d_c - d_r), d an answer's
 * log-likelihood less that of the model before training. Smoothing s: (1 - s) of it and s of -log sigmoid(-h).
 */
import { mul, sigmoid, sub } from '../ops/functions.ts';
import { type PairLoss, softplus } from './over-pairs.ts';

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
  reward: (sum, reference, _, { beta }) => beta * (sum - reference),
};
