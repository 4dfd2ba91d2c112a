/**
 * How pairs are measured whatever they were trained with: the loss of the better answers' tokens, and how much likelier the
 * mean token of the better answer is than that of the worse one, with no other model to compare with.
 */
import { internal } from '../../../common/errors.ts';
import type { PairLoss } from './over-pairs.ts';

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

/** In place of losses: how far the better answer is ahead. */
export const leadOfBetter = measuring('lead-of-better', {
  losses: (pairs) => pairs.map(({ sums, lengths }) => sums[0] / lengths[0] - sums[1] / lengths[1]),
  tokenWeight: () => 0,
});
