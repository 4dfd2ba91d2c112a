/**
 * Odds ratio preference optimisation (Hong and others, 2403.07691): the better answer's own loss and beta times -log sigmoid
 * of the log odds ratio, with an answer's odds of its mean token. It compares with no other model.
 */
import { add, div, exp, log, mul, sigmoid, sub } from '../ops/functions.ts';
import { type PairLoss, softplus } from './over-pairs.ts';

/** Keeps 1 - exp(A) above 0 in float32, where an answer is as good as certain. */
const TINY = 1e-8;

const logOdds = (mean: number): number => mean - Math.log(-Math.expm1(mean) + TINY);

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
  reward: (sum, _, length, { beta }) => (beta * sum) / length,
};
