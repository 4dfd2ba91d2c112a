/**
 * The grammar of the shop's texts: `{a|b}` picks one (may be nested or empty), `[slot]` inserts a value that stays
 * the same within one message. Unlike the samples' grammar it takes any table of slots, because the things of a
 * message depend on its situation.
 */
import { pick } from '../draw.ts';

export type Slots = Readonly<Record<string, readonly string[]>>;

/** Expands one template with the tables given; `bound` keeps the values of a message. Throws on an unknown slot. */
export function expand(
  template: string,
  slots: Slots,
  random: () => number,
  bound: Map<string, string>,
): string {
  let text = template;
  for (let inner = /\{([^{}]*)\}/.exec(text); inner; inner = /\{([^{}]*)\}/.exec(text)) {
    const choice = pick(random, (inner[1] as string).split('|'));
    text = text.slice(0, inner.index) + choice + text.slice(inner.index + inner[0].length);
  }
  return text.replace(/\[([a-z]+)\]/g, (_, name: string) => slotValue(name, slots, random, bound));
}

function slotValue(name: string, slots: Slots, random: () => number, bound: Map<string, string>): string {
  const known = bound.get(name);
  if (known !== undefined) return known;
  const source = slots[name];
  if (!source || source.length === 0) throw new Error(`unknown slot [${name}]`);
  const value = expand(pick(random, source), slots, random, bound);
  bound.set(name, value);
  return value;
}

/** One space between words, none before punctuation, "a" and "an" by sound, a capital at the start of a sentence. */
export function tidy(text: string): string {
  return text
    .replace(/ +/g, ' ')
    .replace(/ ([,.?!;:])(?!\d)/g, '$1')
    .replace(/\b([Aa])n? (\w+)/g, (_, a: string, word: string) => `${article(a, word)} ${word}`)
    .replace(/(^|[.?!] |\n)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
    .trim();
}

function article(a: string, word: string): string {
  const silent = /^(hour|honest|heir|8|11|18)/i.test(word);
  const vowel = /^[aeiou]/i.test(word) && !/^(one|once|us[ei]|uni[tvqf]|euro)/i.test(word);
  return silent || vowel ? `${a}n` : a;
}
