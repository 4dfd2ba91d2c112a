/** Following a format: one word, capitals, yes or no, lists, "A, B and C", tiny JSON objects. */
import text from '../../../../resources/practice-model/source/world/topics/format.json' with { type: 'json' };
import { pick, shuffled } from '../../draw.ts';
import { weighted } from '../facts.ts';
import {
  ANIMALS,
  BOYS,
  COLOURS,
  DRINKS,
  FRUIT,
  GIRLS,
  JOBS,
  NOUNS,
  PORTABLE,
  VEGETABLES,
} from '../lexicon.ts';
import { sentence } from '../sentences.ts';
import { fill, listed, plural } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';
import { animals } from './animals.ts';
import { colours } from './colours.ts';
import { days } from './days.ts';
import { numbers } from './numbers.ts';
import { people } from './people.ts';
import { places } from './places.ts';
import { wordsTopic } from './words.ts';

const FACTS = [animals, colours, days, numbers, people, places, wordsTopic];
const { ONE_WORD, CAPITALS, YES_NO, SENTENCE, BULLETS, NUMBERED, JOIN, UPPER, ASK_JSON } = text;
const LISTS: readonly (readonly string[])[] = [
  FRUIT,
  VEGETABLES,
  DRINKS,
  PORTABLE,
  COLOURS,
  ANIMALS.map((row) => row.animal as string),
];
const IN_JSON = ['as JSON', 'as a JSON object', 'in JSON'];

const join = (question: string, how: string, random: Random) =>
  random() < 0.75 ? `${question} ${how}` : `${how.replace(/\?$/, ':')} ${question}`;

function factWith(random: Random, accept: (turn: Turn) => boolean): Turn {
  for (;;) {
    const turn = pick(random, FACTS).turn(random);
    if (accept(turn) && turn.question.endsWith('?')) return turn;
  }
}

const isYesNo = (turn: Turn) => turn.short === 'Yes.' || turn.short === 'No.';
type Maker = (random: Random) => Turn;

const short: Maker = (random) => {
  const turn = factWith(random, (t) => t.short !== undefined && !isYesNo(t) && !t.short.includes(' '));
  return { question: join(turn.question, pick(random, ONE_WORD), random), answer: turn.short as string };
};
const shout: Maker = (random) => {
  const turn = factWith(random, (t) => t.short !== undefined);
  return { question: join(turn.question, pick(random, CAPITALS), random), answer: turn.answer.toUpperCase() };
};
const yesNo: Maker = (random) => {
  const turn = factWith(random, isYesNo);
  return { question: join(turn.question, pick(random, YES_NO), random), answer: turn.short as string };
};
const whole: Maker = (random) => {
  const turn = factWith(random, () => true);
  return { question: join(turn.question, pick(random, SENTENCE), random), answer: turn.answer };
};

function items(random: Random): string[] {
  return shuffled(random, pick(random, LISTS)).slice(0, 3);
}
const listing =
  (templates: readonly string[], write: (list: string[]) => string): Maker =>
  (random) => {
    const list = items(random);
    return {
      question: fill(pick(random, templates), { items: list.join(', ') }, random),
      answer: write(list),
    };
  };
const upper: Maker = (random) => {
  const text = random() < 0.7 ? pick(random, NOUNS) : sentence(random);
  return { question: fill(pick(random, UPPER), { text }, random), answer: text.toUpperCase() };
};

interface Scheme {
  readonly said: readonly string[];
  readonly row: (random: Random) => Record<string, string | number>;
}
const DIGITS: Record<string, number> = { no: 0, two: 2, four: 4, six: 6, eight: 8, ten: 10 };
const legged = ANIMALS.filter((row) => row.legs !== undefined);
const name = (random: Random) => pick(random, [...GIRLS, ...BOYS]);
const SCHEMES: Scheme[] = [
  {
    said: ['The colour is [colour].', 'I like the colour [colour].', 'It is [colour].'],
    row: (r) => ({ colour: pick(r, COLOURS) }),
  },
  {
    row: (r) => {
      const animal = pick(
        r,
        legged.filter((row) => row.legs !== 'no'),
      );
      return { animal: animal.animal as string, legs: DIGITS[animal.legs as string] as number };
    },
    ...text.SCHEMES[0]!,
  },
  {
    said: ['[Name] is [age] years old.', 'My friend [name] is [age].', '[Name] is [age] years old today.'],
    row: (r) => ({ name: name(r), age: 5 + Math.floor(r() * 75) }),
  },
  {
    row: (r) => ({
      thing: pick(r, PORTABLE),
      colour: pick(
        r,
        COLOURS.filter((colour) => colour !== 'orange'),
      ),
    }),
    ...text.SCHEMES[1]!,
  },
  {
    said: ['[Name] is [a job].', '[Name] works as [a job].', 'My neighbour [name] is [a job].'],
    row: (r) => ({ name: name(r), job: pick(r, JOBS).job as string }),
  },
  {
    row: (r) => ({ things: plural(pick(r, PORTABLE)), count: 2 + Math.floor(r() * 18) }),
    ...text.SCHEMES[2]!,
  },
];

const json: Maker = (random) => {
  const scheme = pick(random, SCHEMES);
  const row = scheme.row(random);
  const texts = Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)]));
  const said = fill(pick(random, scheme.said), texts, random);
  const keys = listed(Object.keys(row));
  const question = fill(pick(random, ASK_JSON), { json: pick(random, IN_JSON), keys, said }, random);
  return { question, answer: JSON.stringify(row) };
};

const MAKERS: [number, Maker][] = [
  [2, short],
  [1, shout],
  [1.3, yesNo],
  [0.6, whole],
  [1, listing(BULLETS, (list) => list.map((item) => `- ${item}`).join('\n'))],
  [0.7, listing(NUMBERED, (list) => list.map((item, i) => `${i + 1}. ${item}`).join('\n'))],
  [1, listing(JOIN, listed)],
  [1, upper],
  [3, json],
];
const draw = weighted(MAKERS, ([weight]) => weight);
const turn = (random: Random) => draw(random)[1](random);

export const format: Topic = {
  name: 'format',
  weight: 1.4,
  turn,
  talk: (random) => [turn(random), turn(random)],
};
