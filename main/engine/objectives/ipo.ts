/**
 * Identity preference optimisation (Azar and others, 2310.12036): (d_c / n_c - d_r / n_r - 1 / (2 beta))^2, with means over
 * an answer's tokens as TRL has them after a word with the authors.
 */
import { div, mul, sub } from '../ops/functions.ts';
import type { PairLoss } from './over-pairs.ts';

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
  reward: (sum, reference, _, { beta }) => beta * (sum - reference),
};
