/** Cards that people rent, with what several of them need to be known by. */
import type { RentedCard } from '../../../common/extras/learn/calls.ts';
import { ACCELERATORS, assumedPricePerHour, publishedCard } from '../../plan/accelerators.ts';

/** Power that a card draws at most, as its maker publishes it (TDP). Watts. */
const WATTS: Readonly<Record<string, number>> = {
  t4: 70,
  l4: 72,
  'a100-40': 400,
  'a100-80': 400,
  'h100-pcie': 350,
  'h100-sxm': 700,
  h200: 700,
  b200: 1000,
  'rtx-3060': 170,
  'rtx-3090': 350,
  'rtx-4090': 450,
  'rtx-5090': 575,
};

const USUAL_CARD = 'a100-80';

/** Those that people rent, with what several of them need to be known by; the one that trainings of large models published most is first. */
export function rentedCards(): readonly RentedCard[] {
  const cards = ACCELERATORS.map(({ id }) => ({
    ...publishedCard(id),
    pricePerHour: assumedPricePerHour(id),
    watts: WATTS[id]!,
  }));
  return cards.toSorted((a, b) => Number(b.id === USUAL_CARD) - Number(a.id === USUAL_CARD));
}
