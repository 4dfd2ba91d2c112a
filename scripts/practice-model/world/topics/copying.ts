/**
 * Copying from the prompt: words, sentences, positions in a list, letters, greetings. What is to be copied is written as
 * it stands, without a capital or a full stop that were not asked for.
 */
import text from '../../../../resources/practice-model/source/world/topics/copying.json' with {
  type: 'json',
};
import { pick, shuffled } from '../../draw.ts';
import { weighted } from '../facts.ts';
import { ADJECTIVES, BOYS, GIRLS, NOUNS, PORTABLE, SPELL, VERBS } from '../lexicon.ts';
import { sentence } from '../sentences.ts';
import { fill } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const ALL = [...new Set([...NOUNS, ...ADJECTIVES, ...VERBS, ...PORTABLE])];
const NAMES = [...GIRLS, ...BOYS];
const word = (random: Random) => pick(random, ALL);
const say = (random: Random, templates: readonly string[], row: Record<string, string>) =>
  fill(pick(random, templates), row, random);

const { REPEAT, TWICE, THRICE, COPY, NTH, NEXT, SPELLING, GREET, THANK, NAME, IN_LIST, FLIP } = text;

function list(random: Random, low = 3, high = 5): string[] {
  return shuffled(random, ALL).slice(0, low + Math.floor(random() * (high - low + 1)));
}

function nth(random: Random): Turn {
  const items = list(random);
  const at = Math.floor(random() * items.length);
  const last = at === items.length - 1 && random() < 0.7;
  const row = { list: items.join(', '), nth: last ? 'last' : (ORDINALS[at] as string) };
  return {
    question: say(random, NTH, row),
    answer: `The ${row.nth} word is ${items[at]}.`,
    short: items[at] as string,
  };
}

function next(random: Random): Turn {
  const items = list(random);
  const at = Math.floor(random() * (items.length - 1));
  const row = { list: items.join(', '), w: items[at] as string };
  return {
    question: say(random, NEXT, row),
    answer: `After ${items[at]} comes ${items[at + 1]}.`,
    short: items[at + 1] as string,
  };
}

function inList(random: Random): Turn {
  const items = list(random);
  const there = random() < 0.5;
  const w = there
    ? pick(random, items)
    : pick(
        random,
        ALL.filter((other) => !items.includes(other)),
      );
  const answer = there ? `Yes, ${w} is in the list.` : `No, ${w} is not in the list.`;
  return {
    question: say(random, IN_LIST, { w, list: items.join(', ') }),
    answer,
    short: there ? 'Yes.' : 'No.',
  };
}

type Maker = (random: Random) => Turn;
const withWord =
  (templates: readonly string[], answer: (w: string) => string, source: readonly string[] = ALL): Maker =>
  (random) => {
    const w = pick(random, source);
    return { question: say(random, templates, { w, n: w }), answer: answer(w) };
  };

const MAKERS: [number, Maker][] = [
  [2, withWord(REPEAT, (w) => w)],
  [1, withWord(TWICE, (w) => `${w} ${w}`)],
  [0.6, withWord(THRICE, (w) => `${w} ${w} ${w}`)],
  [1.2, withWord(SPELLING, (w) => `${[...w].join('-')}.`, SPELL)],
  [0.7, withWord(GREET, (n) => `Hello, ${n}!`, NAMES)],
  [0.5, withWord(THANK, (n) => `Thank you, ${n}!`, NAMES)],
  [1, withWord(NAME, (n) => `Your name is ${n}.`, NAMES)],
  [2.4, nth],
  [1.2, next],
  [1, inList],
  [
    2,
    (random) => {
      const s = sentence(random);
      return { question: say(random, COPY, { s }), answer: s };
    },
  ],
  [
    0.6,
    (random) => {
      const [a, b] = [word(random), word(random)];
      return { question: say(random, FLIP, { a, b }), answer: `${b} ${a}` };
    },
  ],
];
const draw = weighted(MAKERS, ([weight]) => weight);
const turn = (random: Random) => draw(random)[1](random);

export const copying: Topic = {
  name: 'copying',
  weight: 1.4,
  turn,
  talk: (random) => [turn(random), turn(random)],
};
