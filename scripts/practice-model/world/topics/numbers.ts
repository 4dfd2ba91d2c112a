/** Counting, comparing, adding and taking away, up to 100. */
import text from '../../../../resources/practice-model/source/world/topics/numbers.json' with {
  type: 'json',
};
import { pick } from '../../draw.ts';
import { weighted } from '../facts.ts';
import { BOYS, FRUIT, GIRLS, PORTABLE } from '../lexicon.ts';
import { capital, fill, plural } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const between = (random: Random, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
const put = (templates: readonly string[], row: Record<string, string | number>, random: Random) =>
  fill(
    pick(random, templates),
    Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)])),
    random,
  );

/** Sums the model can memorise: up to 20, whole tens, and a ten with a one. */
function addends(random: Random): [number, number] {
  const kind = random();
  if (kind < 0.75) {
    const a = between(random, 0, 12);
    return [a, between(random, 0, Math.min(12, 20 - a))];
  }
  if (kind < 0.87) {
    const a = between(random, 1, 9);
    return [10 * a, 10 * between(random, 1, 10 - a)];
  }
  return [10 * between(random, 2, 9), between(random, 1, 9)];
}

const {
  PLUS,
  MINUS,
  AFTER,
  BEFORE,
  BIGGER,
  SMALLER,
  SPELT,
  DIGITS,
  GAIN,
  LOSS,
  PARITY,
  DOUBLE,
  HALF,
  COUNT,
  BACK,
  HOW_MANY,
  SMALL,
  TENS,
} = text;

/** The number (0 to 100) in words, "forty-two". */
function inWords(n: number): string {
  if (n < 20) return SMALL[n] as string;
  if (n === 100) return 'a hundred';
  const rest = n % 10;
  return TENS[Math.floor(n / 10)] + (rest === 0 ? '' : `-${SMALL[rest]}`);
}

type Maker = (random: Random) => Turn;
const answer = (question: string, text: string, short: string | number): Turn => ({
  question,
  answer: capital(text),
  short: `${capital(String(short))}.`,
});

const plus: Maker = (random) => {
  const [a, b] = addends(random);
  return answer(put(PLUS, { a, b }, random), `${a} plus ${b} is ${a + b}.`, a + b);
};
const minus: Maker = (random) => {
  const [b, c] = addends(random);
  return answer(put(MINUS, { a: b + c, b }, random), `${b + c} minus ${b} is ${c}.`, c);
};
const after: Maker = (random) => {
  const n = between(random, 0, 99);
  return answer(put(AFTER, { n }, random), `After ${n} comes ${n + 1}.`, n + 1);
};
const before: Maker = (random) => {
  const n = between(random, 1, 100);
  return answer(put(BEFORE, { n }, random), `Before ${n} comes ${n - 1}.`, n - 1);
};
const compare: Maker = (random) => {
  const [a, gap] = [between(random, 0, 100), between(random, 1, 100)];
  const b = (a + gap) % 101;
  const bigger = random() < 0.5;
  const [big, small] = [Math.max(a, b), Math.min(a, b)];
  if (bigger) return answer(put(BIGGER, { a, b }, random), `${big} is bigger than ${small}.`, big);
  return answer(put(SMALLER, { a, b }, random), `${small} is smaller than ${big}.`, small);
};
const spelt: Maker = (random) => {
  const n = between(random, 0, 99);
  if (random() < 0.5) return answer(put(SPELT, { n }, random), `${inWords(n)}.`, inWords(n));
  return answer(put(DIGITS, { w: inWords(n) }, random), `${n}.`, n);
};

function storySum(random: Random): Turn {
  const name = pick(random, random() < 0.5 ? GIRLS : BOYS);
  const thing = pick(random, random() < 0.5 ? FRUIT : PORTABLE);
  const [a, b] = [between(random, 1, 10), between(random, 1, 8)];
  const gains = random() < 0.55;
  const start = gains ? a : a + b;
  const left = gains ? a + b : a;
  const row = { name, things: plural(thing), a: inWords(start), b: inWords(b) };
  const question = put(gains ? GAIN : LOSS, row, random);
  const noun = left === 1 ? thing : plural(thing);
  const inBox = question.includes('box now');
  const text = inBox
    ? `There ${left === 1 ? 'is' : 'are'} ${inWords(left)} ${noun} in the box.`
    : `${name} has ${inWords(left)} ${noun}.`;
  return answer(question, text, inWords(left));
}

const parity: Maker = (random) => {
  const n = between(random, 0, 100);
  const word = n % 2 === 0 ? 'even' : 'odd';
  return answer(put(PARITY, { n }, random), `${n} is ${word}.`, word);
};
const twice: Maker = (random) => {
  const n = between(random, 1, 20);
  if (random() < 0.5) return answer(put(DOUBLE, { n }, random), `Double ${n} is ${2 * n}.`, 2 * n);
  return answer(put(HALF, { n: 2 * n }, random), `Half of ${2 * n} is ${n}.`, n);
};
const count: Maker = (random) => {
  const a = between(random, 1, 90);
  const steps = Array.from({ length: between(random, 4, 9) }, (_, i) => a + i);
  const up = random() < 0.7;
  const order = up ? steps : [...steps].reverse();
  const question = put(up ? COUNT : BACK, { a: order[0] as number, b: order.at(-1) as number }, random);
  return { question, answer: `${order.join(', ')}.` };
};
const howMany: Maker = (random) => {
  const list = Array.from({ length: between(random, 2, 6) }, () => pick(random, PORTABLE));
  const n = inWords(list.length);
  return answer(put(HOW_MANY, { list: list.join(', ') }, random), `There are ${n}.`, n);
};

const MAKERS: [number, Maker][] = [
  [3, plus],
  [2.5, minus],
  [1.6, after],
  [1.6, before],
  [3, compare],
  [1, spelt],
  [2, storySum],
  [0.7, parity],
  [0.8, twice],
  [0.7, count],
  [0.8, howMany],
];
const draw = weighted(MAKERS, ([weight]) => weight);
const turn = (random: Random) => draw(random)[1](random);

export const numbers: Topic = {
  name: 'numbers',
  weight: 2.4,
  turn,
  talk: (random) => [turn(random), turn(random)],
};
