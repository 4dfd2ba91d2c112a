/**
 * Long things to repeat. A model learns to copy by copying much at once: every token of a long answer shows it that what
 * stood before can be taken from the prompt. Not part of the quiz; the topic "copying" asks for short copies.
 */
import text from '../../../../resources/practice-model/source/world/topics/repeating.json' with {
  type: 'json',
};
import { pick, shuffled } from '../../draw.ts';
import { weighted } from '../facts.ts';
import { ADJECTIVES, BOYS, GIRLS, NOUNS, PORTABLE, VERBS } from '../lexicon.ts';
import { sentence } from '../sentences.ts';
import type { Random, Topic, Turn } from '../types.ts';

const WORDS = [...new Set([...NOUNS, ...ADJECTIVES, ...VERBS, ...PORTABLE])];
const NAMES = [...GIRLS, ...BOYS];
const { ASK_WORDS, ASK_TEXT, ASK_LINES, ASK_BACKWARDS } = text;

const count = (random: Random, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
const someOf = (random: Random, from: readonly string[], low: number, high: number) =>
  shuffled(random, from).slice(0, count(random, low, high));

type Maker = (random: Random) => Turn;

const MAKERS: readonly (readonly [number, Maker])[] = [
  [
    3,
    (random) => {
      const joint = pick(random, [', ', ' ', ' and ']);
      const words = someOf(random, WORDS, 6, 18).join(joint);
      return { question: pick(random, ASK_WORDS) + words, answer: words };
    },
  ],
  [
    1,
    (random) => {
      const names = someOf(random, NAMES, 4, 10).join(', ');
      return { question: pick(random, ASK_WORDS) + names, answer: names };
    },
  ],
  [
    1,
    (random) => {
      const numbers = Array.from({ length: count(random, 5, 14) }, () => String(count(random, 0, 99))).join(
        ' ',
      );
      return { question: pick(random, ASK_WORDS) + numbers, answer: numbers };
    },
  ],
  [
    2,
    (random) => {
      const text = Array.from({ length: count(random, 2, 4) }, () => sentence(random)).join(' ');
      return { question: pick(random, ASK_TEXT) + text, answer: text };
    },
  ],
  [
    1.5,
    (random) => {
      const words = someOf(random, WORDS, 4, 9);
      return {
        question: pick(random, ASK_LINES) + words.join(', '),
        answer: words.map((word) => `- ${word}`).join('\n'),
      };
    },
  ],
  [
    0.7,
    (random) => {
      const words = someOf(random, WORDS, 3, 6);
      return { question: pick(random, ASK_BACKWARDS) + words.join(' '), answer: words.reverse().join(' ') };
    },
  ],
];
const draw = weighted(MAKERS, ([weight]) => weight);
const turn = (random: Random) => draw(random)[1](random);

export const repeating: Topic = {
  name: 'repeating',
  weight: 1,
  turn,
  talk: (random) => [turn(random), turn(random)],
};
