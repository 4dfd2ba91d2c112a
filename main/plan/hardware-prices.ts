/**
 * What an hour on a graphics card costs where it is rented: round figures of the order that clouds asked, assumed and not looked
 * up. They change every month and between providers, so each can be changed where it is shown, and is marked as an assumption.
 */
export const PRICES_FROM = '2025-06';
export const PRICES_CURRENCY = 'USD';

const PER_HOUR: Readonly<Record<string, number>> = {
  t4: 0.4,
  l4: 0.8,
  'a100-40': 1.3,
  'a100-80': 1.8,
  'h100-pcie': 2.4,
  'h100-sxm': 3,
  'rtx-3060': 0.1,
  'rtx-3090': 0.25,
  'rtx-4090': 0.4,
  'rtx-5090': 0.7,
};

/** The assumed price of an hour on a card, by its id; 0 for one without. */
export function assumedPricePerHour(id: string): number {
  return PER_HOUR[id] ?? 0;
}
