/** The table of what a model forgets by its data, from lines as `npm run bench:forgetting` keeps them. */
import { expect, test } from 'vitest';
import {
  CONDITIONS,
  conditionsOf,
  type ForgettingLine,
  forgettingTable,
  isOf,
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
  const others = CONDITIONS.slice(1).filter(({ rows }) => rows <= 100);
  expect(forgettingTable(few).split('\n').slice(2)).toEqual(
    others.map(({ name }) => `| m.gguf | ${name} | 0 |  |  |  |`),
  );
  const run = few.map((one) => ({ ...one, condition: others[0]!.name }));
  expect(forgettingTable(run).split('\n')[2]).toBe(`| m.gguf | ${others[0]!.name} | 2 | +50.0 | −10.0 |  |`);
  const many = [14, 16, 18, 16, 16].map((after, i) => line(i + 1, after, others[0]!.name));
  const cell = forgettingTable(many).split('\n')[2]!.split(' | ')[4]!;
  // the mean's standard error is sqrt(12.5 / 5): changes of 40 questions, of which 2 are 5 points
  expect(cell).toBe('−10.0 (−14.4 to −5.6)');
});

test('asks a model that sees fewer rows no condition with more', () => {
  const rowsOf = (model: string) => conditionsOf(settingOf(model)).map(({ rows }) => rows);
  expect(rowsOf('practice-model')).toContain(600);
  expect(Math.max(...rowsOf('m.gguf'))).toBe(100);
});

test('knows a run by model, condition and seed', () => {
  expect(isOf(line(1, 1), { model: 'm.gguf', condition: CONDITIONS[0]!.name, seed: 1 })).toBe(true);
  expect(isOf(line(1, 1), { model: 'm.gguf', condition: CONDITIONS[1]!.name, seed: 1 })).toBe(false);
  expect(isOf(line(1, 1), { model: 'm.gguf', condition: CONDITIONS[0]!.name, seed: 2 })).toBe(false);
});
