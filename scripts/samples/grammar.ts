/**
 * A text grammar small enough to write hundreds of varied messages by hand in: `{a|b|c}` picks one (may be nested,
 * may be empty), `[slot]` inserts a value that stays the same within one message.
 */
import { SLOTS } from './slots.ts';

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32): enough for sample texts, and always the same. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One element of a list that is not empty. */
export function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** The list in a random order, as a new array. */
export function shuffled<T>(random: () => number, list: readonly T[]): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

/** Expands one template; `bound` keeps the slot values of a message. Throws on an unknown slot. */
export function expand(template: string, random: () => number, bound: Map<string, string>): string {
  let text = template;
  for (let inner = /\{([^{}]*)\}/.exec(text); inner; inner = /\{([^{}]*)\}/.exec(text)) {
    text = text.replace(inner[0], () => pick(random, (inner?.[1] ?? '').split('|')));
  }
  return text.replace(/\[([a-z]+)\]/g, (_, slot: string) => slotValue(slot, random, bound));
}

function slotValue(slot: string, random: () => number, bound: Map<string, string>): string {
  const known = bound.get(slot);
  if (known !== undefined) return known;
  const source = SLOTS[slot];
  if (!source) throw new Error(`unknown slot [${slot}]`);
  const value = expand(typeof source === 'function' ? source(random) : pick(random, source), random, bound);
  bound.set(slot, value);
  return value;
}
