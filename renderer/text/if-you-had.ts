/** What is said of a run on graphics cards that are not here. */
import type { IfYouHad, PlanEstimate } from '../../common/api/contract.ts';
import { about, bytes, measure, number, percent } from '../../common/words/format.ts';

/** Below this a computer of one's own is done before a card is rented. */
const WORTH_RENTING_SECONDS = 10 * 60;
/** Shorter times are "less than a minute". */
const MINUTE = 50;

/** The cards worth a word: none before the time here is known, or where it is short anyway. */
export function worthSaying({
  ifYouHad,
  totalSeconds,
}: Pick<PlanEstimate, 'ifYouHad' | 'totalSeconds'>): readonly IfYouHad[] {
  return totalSeconds !== null && totalSeconds.value >= WORTH_RENTING_SECONDS ? ifYouHad : [];
}

export const ifYouHadWords = {
  title: 'If you had',
  /** On a rented NVIDIA H100 SXM: about 4 minutes, about 0.20 USD. */
  line: ({
    name,
    fits,
    memoryBytes,
    neededBytes,
    seconds,
    cost,
    pricePerHour,
    currency,
  }: IfYouHad): string => {
    if (!fits)
      return `On a rented ${name}: too big for its ${bytes(memoryBytes)}, because it needs ${bytes(neededBytes)} in 16 bits.`;
    const price =
      seconds.value < MINUTE
        ? `less than ${measure(number(pricePerHour / 60, 2), currency)}`
        : `about ${measure(number(cost.value, 2), currency)}`;
    return `On a rented ${name}: ${about(seconds.value)}, ${price}.`;
  },
  basis: ({ utilisation: { low, high }, pricesFrom }: IfYouHad): string =>
    `From the makers' published figures, not measured: computing in 16 bits, at ${percent(low)} to ${percent(high)} of what they promise. Prices are our assumptions of ${pricesFrom}.`,
} as const;
