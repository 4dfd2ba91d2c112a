/**
 * Letters with little left of them: words lost, sentences lost, notes of a few words, scraps jotted down at the desk. Only single
 * words tell what such a letter is about, so that a model has to weigh every word and cannot rest on a wording it has seen.
 */
import { pick, shuffled } from '../draw.ts';
import { expand, tidy } from './grammar.ts';
import { type Letter, letterFor } from './letter.ts';
import { MEANINGS } from './meanings.ts';
import type { Meaning } from './types.ts';
import { PRESSING, REMARKS, SLOTS, TELLS, thingSlots } from './words.ts';

/** What is left of a letter, and whether enough is left to tell that it cannot wait. */
export interface Note {
  readonly text: string;
  readonly meaning: Meaning;
  readonly urgent?: string;
  /** Whether the hurry of the letter can still be asked about. */
  readonly whole: boolean;
}

type Maker = (random: () => number) => Note;

/** Words that tell nothing: a note of telling words has none of them. */
const FILLERS = new Set(
  `a an the i you he she it we they me him her us them my your his its our their this that these those is are was were be been am do does
  did has have had will would can could should shall may might must and or but so if of to in on at by for with from as than then there here
  not no yes one two three very really just also too still now please what which who how when where why all any some more into up out about
  after before over under again because while`
    .split(/\s+/)
    .filter(Boolean),
);

const LOST = { least: 0.25, most: 0.65 };

/** A letter without 25 to 65 % of its words, in their order. */
const thinned: Maker = (random) => {
  const letter = letterFor(random, false);
  const lost = LOST.least + random() * (LOST.most - LOST.least);
  const words = bodyOf(letter).split(/\s+/);
  const left = words.filter(() => random() >= lost);
  return noteOf(letter, (left.length < 2 ? words : left).join(' '), lost < 0.4);
};

/** Three to nine telling words of a letter, in their order or in none. */
const keywords: Maker = (random) => {
  const letter = letterFor(random, false);
  const words = letter.core
    .replace(/[^\p{L}\p{N}' -]/gu, ' ')
    .split(/\s+/)
    .filter((word) => word.length > 1 && !FILLERS.has(word.toLowerCase()));
  const chosen = shuffled(random, [...words.keys()]).slice(0, 3 + Math.floor(random() * 7));
  const order = random() < 0.5 ? chosen.sort((a, b) => a - b) : chosen;
  const left = order.map((at) => words[at]);
  const text = left.length > 0 ? left.join(pick(random, [', ', ' ', ' ', ' / '])) : letter.core;
  return noteOf(letter, random() < 0.6 ? text.toLowerCase() : text, false);
};

/** A letter as somebody in a hurry notes it down: no words that tell nothing. */
const telegram: Maker = (random) => {
  const letter = letterFor(random, false);
  const left = letter.core.split(/\s+/).filter((word) => !FILLERS.has(word.toLowerCase().replace(/\W/g, '')));
  return noteOf(letter, left.length > 1 ? left.join(' ') : letter.core, true);
};

/** Some sentences of the situation itself, in any order, and sometimes a remark beside the matter. */
const pieces: Maker = (random) => {
  const letter = letterFor(random, false);
  const sentences = shuffled(random, letter.core.split(/(?<=[.?!]) /));
  const kept = sentences.slice(0, Math.max(1, Math.ceil(sentences.length * (0.4 + random() * 0.6))));
  const all = random() < 0.5 ? [...kept, remark(random)] : kept;
  return noteOf(letter, shuffled(random, all).join(' '), kept.length === sentences.length);
};

/** One to four scraps of one meaning, sometimes with one that tells of hurry or a remark. */
const scraps: Maker = (random) => {
  const meaning = pick(random, MEANINGS);
  const bound = new Map<string, string>();
  const slots = { ...SLOTS, ...thingSlots() };
  const say = (text: string) => expand(text, slots, random, bound);
  const tells = shuffled(random, TELLS[meaning.choice] ?? []).slice(0, 1 + Math.floor(random() * 4));
  const calm = meaning.choice === 'a thank-you' || random() < 0.8;
  const { scrap, why } = pick(random, PRESSING);
  const parts = tells.map(say);
  if (random() < 0.4) parts.push(say(pick(random, ['[thing]', '[things]', '[other]', 'the [thing]'])));
  if (!calm) parts.push(say(scrap));
  const joined = shuffled(random, parts).join(pick(random, [', ', '. ', '; ', ' - ', ' + ', '\n']));
  const text =
    random() < 0.25 ? `${tidy(joined)}. ${remark(random)}` : random() < 0.5 ? tidy(joined) : joined;
  return { text, meaning, whole: true, ...(calm ? {} : { urgent: why }) };
};

const MAKERS: readonly Maker[] = [
  thinned,
  thinned,
  thinned,
  keywords,
  keywords,
  telegram,
  pieces,
  pieces,
  scraps,
  scraps,
];

export function noteFor(random: () => number): Note {
  return pick(random, MAKERS)(random);
}

function noteOf({ meaning, urgent }: Letter, text: string, whole: boolean): Note {
  return { text, meaning, whole, ...(urgent ? { urgent } : {}) };
}

/** The letter in one line, sometimes only what it is about. */
function bodyOf({ text, core }: Letter): string {
  return text.length < 2 * core.length ? text.replaceAll('\n', ' ') : core;
}

function remark(random: () => number): string {
  return tidy(expand(pick(random, REMARKS), SLOTS, random, new Map()));
}
