/**
 * A training on a graphics card that is not here, from what its maker publishes: operations over the published rate and the share
 * of it that a training reaches. The one place for it: the lessons' time and the plan's "If you had" both ask here. The rate is that of
 * products in 16 bits, so the memory is that of a training in 16 bits, too (`memoryIn` in textbook.ts).
 */
import type { Accelerator, AcceleratorTime } from '../../common/api/learn.ts';
import { assumedPricePerHour } from './hardware-prices.ts';

/**
 * The share of the published rate that trainings reach. Chowdhery et al. 2022 (PaLM, table 3) compare what was published of large
 * ones: 21.3 % (GPT-3), 30.2 % (Megatron-Turing NLG), 32.5 % (Gopher) and 46.2 % (PaLM). Small models reach less.
 */
export const USUAL_UTILISATION = { value: 0.4, low: 0.2, high: 0.5 } as const;

export interface Training {
  /** Floating point operations of all of it. */
  readonly operations: number;
  /** In 16 bits. */
  readonly neededBytes: number;
  /** Share of the published rate, from 0 to 1. */
  readonly utilisation: number;
  /** Price of an hour that the person knows; ours where it is missing. */
  readonly pricePerHour?: number | undefined;
}

/** Seconds and cost of a training on `card`, and whether it fits into its memory. */
export function onCard(
  card: Accelerator,
  { operations, neededBytes, utilisation, pricePerHour: known }: Training,
): AcceleratorTime {
  const seconds = operations / (card.peakFlops * utilisation);
  const pricePerHour = known ?? assumedPricePerHour(card.id);
  return {
    ...card,
    ...{ seconds, pricePerHour, cost: (pricePerHour * seconds) / 3600 },
    assumedPrice: known === undefined,
    fits: neededBytes <= card.memoryBytes,
  };
}
