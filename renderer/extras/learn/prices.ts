/** What an hour on a graphics card costs a person: kept in the settings, so that all calculators and later visits have it. */
import { settings } from '../../state/settings.svelte.ts';

/** Keeps the price; null returns to the assumed one. */
export function keepPrice(card: string, price: number | null): void {
  const { [card]: _, ...others } = settings.value.cardPrices;
  void settings.set({ cardPrices: price === null ? others : { ...others, [card]: price } });
}
