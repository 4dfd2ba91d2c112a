/**
 * `node scripts/think-first/make.ts`: writes the sample "think-first": small sums from everyday life, each with the steps that lead to its
 * answer and the answer alone behind them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Rng, streamSeed } from '../../main/rows/rng.ts';

const ROWS = { 'think-first.jsonl': 200, 'think-first.held-out.jsonl': 50 };
const SAMPLES = path.resolve(import.meta.dirname, '../../resources/samples');

const rng = Rng.fromSeed(streamSeed(1, 'think-first'));
const one = <T>(all: readonly T[]): T => all[rng.below(all.length)]!;
const from = (low: number, high: number) => low + rng.below(high - low + 1);

const THINGS = ['cups', 'plates', 'apples', 'candles', 'books', 'eggs', 'nails', 'tiles', 'stamps', 'bulbs'];
const BOXES = ['box', 'crate', 'basket', 'bag'];
const PEOPLE = ['Mira', 'Jonas', 'Leila', 'Tom', 'Ada', 'Paolo', 'Nils', 'Grace'];

interface Sum {
  readonly question: string;
  readonly steps: readonly string[];
  readonly answer: string;
}

const KINDS: readonly (() => Sum)[] = [
  () => {
    const [boxes, each, gone, thing, box] = [from(2, 9), from(3, 12), from(1, 5), one(THINGS), one(BOXES)];
    const all = boxes * each;
    return {
      question: `Each ${box} holds ${each} ${thing}. There are ${boxes} of them, and ${gone} ${thing} break. How many are left?`,
      steps: [`${boxes} times ${each} is ${all}.`, `${all} - ${gone} = ${all - gone}.`],
      answer: `${all - gone} ${thing} are left.`,
    };
  },
  () => {
    const [price, count, paid, thing] = [from(2, 9), from(2, 6), from(55, 99), one(THINGS)];
    const cost = price * count;
    return {
      question: `${one(PEOPLE)} buys ${count} ${thing} for ${price} euros each and pays with ${paid} euros. How much comes back?`,
      steps: [`${count} times ${price} is ${cost} euros.`, `${paid} - ${cost} = ${paid - cost}.`],
      answer: `${paid - cost} euros come back.`,
    };
  },
  () => {
    const [people, each, spare, thing] = [from(2, 6), from(2, 9), from(0, 1), one(THINGS)];
    const all = people * each + spare;
    const rest = spare === 0 ? 'none is over' : '1 is over';
    return {
      question: `${people} people share ${all} ${thing} evenly. How many does each get, and how many are over?`,
      steps: [`${people} times ${each} is ${people * each}.`, `${all} - ${people * each} = ${spare}.`],
      answer: `Each gets ${each}, and ${rest}.`,
    };
  },
  () => {
    const [hour, minute, takes] = [from(7, 20), 5 * from(1, 11), 5 * from(2, 11)];
    const end = minute + takes;
    const [later, left] = end < 60 ? [hour, end] : [hour + 1, end - 60];
    const clock = (h: number, m: number) => `${h}:${String(m).padStart(2, '0')}`;
    const carry = end < 60 ? [] : [`${end} - 60 = ${left}, so it is an hour later.`];
    return {
      question: `A bus leaves at ${clock(hour, minute)} and takes ${takes} minutes. When does it arrive?`,
      steps: [`${minute} + ${takes} = ${end}.`, ...carry],
      answer: `It arrives at ${clock(later, left)}.`,
    };
  },
  () => {
    const [first, more, less] = [from(10, 40), from(3, 20), from(2, 9)];
    const [a, b] = [first + more, first + more - less];
    const thing = one(THINGS);
    return {
      question: `${one(PEOPLE)} has ${first} ${thing}, gets ${more} more and gives ${less} away. How many are there now?`,
      steps: [`${first} + ${more} = ${a}.`, `${a} - ${less} = ${b}.`],
      answer: `There are ${b} ${thing} now.`,
    };
  },
];

const known = new Set<string>();
for (const [file, rows] of Object.entries(ROWS)) {
  const lines: string[] = [];
  while (lines.length < rows) {
    const { question, steps, answer } = one(KINDS)();
    if (known.has(question)) continue;
    known.add(question);
    const reply = { role: 'assistant', reasoning_content: steps.join('\n'), content: answer };
    lines.push(JSON.stringify({ messages: [{ role: 'user', content: question }, reply] }));
  }
  fs.writeFileSync(path.join(SAMPLES, file), `${lines.join('\n')}\n`);
}
