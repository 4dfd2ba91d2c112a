/** The table of what a model forgets by its data, from lines as `npm run bench:forgetting` keeps them. */
import { expect, test } from 'vitest';
import {
  CONDITIONS,
  type ForgettingLine,
  forgettingTable,
  isOf,
  passesOf,
  settingOf,
} from '../bench/forgetting-table.ts';

const COST = { seconds: 1, load: [0, 0] as const };

function line(seed: number, after: number, condition = CONDITIONS[0]!.name): ForgettingLine {
  return {
    ...{ model: 'm.gguf', condition, seed, at: '', version: '', machine: {}, threads: 1, flags: '' },
    learned: { items: 20, before: 5, after: 15 },
    abilities: { facts: { items: 30, before: 20, after }, code: { items: 10, before: 5, after: 5 } },
    quiz: null,
    costs: { training: COST, judging: COST },
  };
}

test('has means over runs, abilities together, and an interval from five runs on', () => {
  const few = [1, 2].map((seed) => line(seed, 16));
  const [first, ...others] = CONDITIONS;
  expect(forgettingTable(few).split('\n').slice(2)).toEqual([
    `| m.gguf | ${first!.name} | 2 | +50.0 | −10.0 |  |`,
    ...others.map(({ name }) => `| m.gguf | ${name} | 0 |  |  |  |`),
  ]);
  const many = [14, 16, 18, 16, 16].map((after, i) => line(i + 1, after));
  const cell = forgettingTable(many).split('\n')[2]!.split(' | ')[4]!;
  // the mean's standard error is sqrt(12.5 / 5): changes of 40 questions, of which 2 are 5 points
  expect(cell).toBe('−10.0 (−14.4 to −5.6)');
});

test('shows as many rows whatever the data, or each of more rows once', () => {
  const seenBy = (model: string) => CONDITIONS.map((one) => one.rows * passesOf(one, settingOf(model)));
  expect(seenBy('practice-model')).toEqual([600, 600, 600, 600, 600]);
  expect(seenBy('m.gguf')).toEqual([600, 100, 100, 100, 100]);
});

test('knows a run by model, condition and seed', () => {
  expect(isOf(line(1, 1), { model: 'm.gguf', condition: CONDITIONS[0]!.name, seed: 1 })).toBe(true);
  expect(isOf(line(1, 1), { model: 'm.gguf', condition: CONDITIONS[1]!.name, seed: 1 })).toBe(false);
  expect(isOf(line(1, 1), { model: 'm.gguf', condition: CONDITIONS[0]!.name, seed: 2 })).toBe(false);
});
