/** The words of the shop: its things, what may stand around any message, and scraps that tell its meaning. */
import text from '../../../resources/practice-model/source/shop/words.json' with { type: 'json' };
import type { Slots } from './grammar.ts';

/** Each changes nothing in what a message means; cross words say nothing about hurry. */
export const { GREETINGS, OPENINGS, CROSS, CALM, DEADLINES, CLOSINGS, REMARKS } = text;

/** Everything a message may name besides its thing: people, days, occasions, money, places. All of it made up. */
export const SLOTS: Slots = text.SLOTS;

/** Scraps of two to six words that alone tell what a letter is about, by the `choice` of its meaning. */
export const TELLS: Readonly<Record<string, readonly string[]>> = text.TELLS;

/** Scraps that tell that it cannot wait, and why. */
export const { PRESSING } = text;

/** The things of the shop by what can happen to them: only what holds water leaks, only what has a plug sparks. */
const SINGULAR: Readonly<Record<string, string[]>> = text.SINGULAR;
const PLURAL: Readonly<Record<string, string[]>> = text.PLURAL;

/** The slots `[thing]`, `[things]` and `[other]` for pools named in one string ("plug wet"); all pools without one. */
export function thingSlots(pools?: string): Record<string, readonly string[]> {
  const names = pools ? pools.split(' ') : Object.keys(SINGULAR);
  const from = (table: Readonly<Record<string, string[]>>) =>
    names.flatMap((name) => table[name] as string[]);
  return { thing: from(SINGULAR), things: from(PLURAL), other: Object.values(SINGULAR).flat() };
}
