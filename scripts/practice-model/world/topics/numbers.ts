/** Counting, comparing, adding and taking away, up to 100. */
import { pick } from '../../draw.ts';
import { weighted } from '../facts.ts';
import { BOYS, GIRLS } from '../lexicon/people.ts';
import { FRUIT, PORTABLE } from '../lexicon/things.ts';
import { inWords } from '../numbers-in-words.ts';
import { capital, fill, plural } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const between = (random: Random, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
const put = (templates: readonly string[], row: Record<string, string | number>, random: Random) =>
  fill(
    pick(random, templates),
    Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)])),
    random,
  );

/** Sums the model can know by heart: up to 20, whole tens, and a ten with a one. */
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

const PLUS = [
  'What is [a] plus [b]?',
  'What is [a] + [b]?',
  'How much is [a] plus [b]?',
  'How much is [a] and [b]?',
  'Add [a] and [b].',
  '[a] + [b] = ?',
  '[a] plus [b] is what?',
  'What do [a] and [b] make?',
  'Can you add [a] and [b]?',
  'Tell me what [a] plus [b] is.',
];
const MINUS = [
  'What is [a] minus [b]?',
  'What is [a] - [b]?',
  'How much is [a] minus [b]?',
  'Take [b] away from [a].',
  '[a] - [b] = ?',
  '[a] minus [b] is what?',
  'How much is left when you take [b] from [a]?',
  'Can you take [b] away from [a]?',
  'Tell me what [a] minus [b] is.',
];
const AFTER = [
  'What number comes after [n]?',
  'Which number comes after [n]?',
  'What comes after [n]?',
  'Which number follows [n]?',
  'What is the next number after [n]?',
  'Count on by one from [n].',
  'What number is one more than [n]?',
  'Tell me the number after [n].',
];
const BEFORE = [
  'What number comes before [n]?',
  'Which number comes before [n]?',
  'What comes before [n]?',
  'What is the number just before [n]?',
  'Count back by one from [n].',
  'What number is one less than [n]?',
  'Tell me the number before [n].',
];
const BIGGER = [
  'Which is bigger, [a] or [b]?',
  'Which number is bigger, [a] or [b]?',
  'What is more, [a] or [b]?',
  'Which is the bigger number, [a] or [b]?',
  'Is [a] or [b] bigger?',
  'Tell me the bigger number: [a] or [b].',
];
const SMALLER = [
  'Which is smaller, [a] or [b]?',
  'Which number is smaller, [a] or [b]?',
  'What is less, [a] or [b]?',
  'Which is the smaller number, [a] or [b]?',
  'Is [a] or [b] smaller?',
  'Tell me the smaller number: [a] or [b].',
];
const SPELT = [
  'Write [n] in words.',
  'How do you write [n] in words?',
  'What is [n] in words?',
  'Write the number [n] as a word.',
  'Say [n] in words.',
];
const DIGITS = [
  'Write [w] as a number.',
  'Write [w] in digits.',
  'What is [w] in digits?',
  'How do you write [w] with digits?',
  'Write the number [w] in digits.',
];
const GAIN = [
  '[Name] has [a] [things] and {gets|finds|buys} [b] more. How many [things] does [name] have now?',
  '[Name] had [a] [things]. Then [name] {got|found|bought} [b] more. How many [things] does [name] have now?',
  'There are [a] [things] in a box. [Name] puts in [b] more. How many [things] are in the box now?',
];
const LOSS = [
  '[Name] has [a] [things] and {gives away|loses|sells} [b]. How many [things] does [name] have now?',
  '[Name] had [a] [things]. Then [name] {gave away|lost|sold} [b]. How many [things] does [name] have now?',
  'There are [a] [things] in a box. [Name] takes out [b]. How many [things] are in the box now?',
];
const PARITY = [
  'Is [n] even or odd?',
  'Is [n] an even or an odd number?',
  'Is the number [n] odd or even?',
  'Tell me if [n] is even or odd.',
];
const DOUBLE = [
  'What is double [n]?',
  'What is twice [n]?',
  'What is two times [n]?',
  'How much is two times [n]?',
  'Double the number [n].',
];
const HALF = [
  'What is half of [n]?',
  'How much is half of [n]?',
  'Give me half of [n].',
  'What do you get when you halve [n]?',
];
const COUNT = [
  'Count from [a] to [b].',
  'Can you count from [a] to [b]?',
  'Please count from [a] to [b].',
  'Say the numbers from [a] to [b].',
];
const BACK = [
  'Count back from [a] to [b].',
  'Count down from [a] to [b].',
  'Can you count backwards from [a] to [b]?',
];
const HOW_MANY = [
  'How many words are these: [list]?',
  'How many things are in this list: [list]?',
  'Count these: [list]. How many are there?',
];

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
