/**
 * The little grammar that the world is written in. `{a|b}` picks one, `[slot]` inserts a value of the row, and a word
 * before the slot's name changes it: `[a animal]` "an owl", `[A animal]` "An owl", `[s animal]` "owls", `[up animal]` "OWL".
 */
import { pick } from '../draw.ts';
import type { Random } from './types.ts';

/** The values of one fact or one story, by slot. */
export type Row = Readonly<Record<string, string>>;

const IRREGULAR: Record<string, string> = {
  man: 'men',
  woman: 'women',
  child: 'children',
  mouse: 'mice',
  goose: 'geese',
  foot: 'feet',
  tooth: 'teeth',
  sheep: 'sheep',
  deer: 'deer',
  fish: 'fish',
  goldfish: 'goldfish',
  salmon: 'salmon',
  trout: 'trout',
  wolf: 'wolves',
  calf: 'calves',
  leaf: 'leaves',
  loaf: 'loaves',
  knife: 'knives',
  wife: 'wives',
  shelf: 'shelves',
  scarf: 'scarves',
  half: 'halves',
  life: 'lives',
  thief: 'thieves',
  person: 'people',
  ox: 'oxen',
  potato: 'potatoes',
  tomato: 'tomatoes',
  hero: 'heroes',
  mosquito: 'mosquitoes',
  echo: 'echoes',
};
const SOUNDS_LIKE_YOU = /^(uni(?!n|m)|use|usual|euro|one\b)/i;
const SILENT_H = /^(hour|honest|heir)/i;

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "a" or "an", by the sound that the word starts with. */
export function article(word: string): string {
  if (SOUNDS_LIKE_YOU.test(word)) return 'a';
  return /^[aeiou]/i.test(word) || SILENT_H.test(word) ? 'an' : 'a';
}

export const withArticle = (word: string) => `${article(word)} ${word}`;

/** The plural of a noun; of several words, that of the last one. */
export function plural(noun: string): string {
  const last = noun.slice(noun.lastIndexOf(' ') + 1);
  const head = noun.slice(0, noun.length - last.length);
  if (IRREGULAR[last]) return head + IRREGULAR[last];
  if (/([^aeiou]|qu)y$/.test(last)) return `${head}${last.slice(0, -1)}ies`;
  if (/(s|x|z|ch|sh)$/.test(last)) return `${head}${last}es`;
  return `${head}${last}s`;
}

/** "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

const SHAPES: Record<string, (value: string) => string> = {
  a: withArticle,
  A: (value) => capital(withArticle(value)),
  s: plural,
  S: (value) => capital(plural(value)),
  up: (value) => value.toUpperCase(),
};

/** Picks the alternatives of a template; nested ones from the inside. */
export function choose(template: string, random: Random): string {
  let text = template;
  for (let inner = /\{([^{}]*)\}/.exec(text); inner; inner = /\{([^{}]*)\}/.exec(text)) {
    const options = (inner[1] as string).split('|');
    text = text.slice(0, inner.index) + pick(random, options) + text.slice(inner.index + inner[0].length);
  }
  return text;
}

/** A template with its alternatives picked and its slots filled; a capital slot name capitalises the value. */
export function fill(template: string, row: Row, random: Random): string {
  return choose(template, random).replace(
    /\[(?:(a|A|s|S|up) )?([A-Za-z]+)\]/g,
    (_, shape: string | undefined, slot: string) => {
      const name = slot.charAt(0).toLowerCase() + slot.slice(1);
      const value = row[name];
      if (value === undefined) throw new Error(`no value for [${slot}] in "${template}"`);
      const shaped = shape ? (SHAPES[shape] as (value: string) => string)(value) : value;
      return name === slot ? shaped : capital(shaped);
    },
  );
}

/** Rows of a table: the first line names the columns, `|` parts the cells, `-` is no value. */
export function table(lines: readonly string[]): Row[] {
  const [head, ...rows] = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.map((cells) => {
    if (cells.length !== head?.length) throw new Error(`wrong number of cells: ${cells.join(' | ')}`);
    return Object.fromEntries(head.map((name, i) => [name, cells[i] as string]).filter(([, v]) => v !== '-'));
  });
}
