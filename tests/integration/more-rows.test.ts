/** What more rows would bring, asked for at a terminal: on messages to a town hall, and where it can't be told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CurveResult } from '../../common/protocol/protocol.ts';
import { fettle, resultOf } from '../helpers/fettle.ts';

const TOWN = path.join(import.meta.dirname, '..', 'bench', 'data', 'german_train.csv');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'fettle-more-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('forecasts twice and four times the rows, and names categories', async () => {
  const result = resultOf<CurveResult>(
    await fettle(['data', 'more', '--data', TOWN, '--by', 'words', '--json']),
  );
  expect(result.forecasts.map(({ rows }) => rows)).toEqual([120, 240, 480]);
  const [now, twice, fourfold] = result.forecasts.map(({ accuracy }) => accuracy);
  expect(now!.value).toBeGreaterThan(0.3);
  expect(twice!.value).toBeGreaterThan(now!.value);
  expect(fourfold!.value).toBeGreaterThan(twice!.value);
  expect(result.gains.length).toBeGreaterThan(0);
  expect(result.points.map(({ asked }) => asked)).toEqual([120, 120, 120, 120]);
});

it('says it in words', async () => {
  const { out, code } = await fettle(['data', 'more', '--data', TOWN, '--by', 'words']);
  expect(code).toBe(0);
  expect(out).toMatch(/With more {3}120 more rows: likely \d+% \(\d+% to \d+%\) right/);
  // further away the interval is too wide to name one figure
  expect(out).toMatch(/ 360 more rows: likely \d+% to \d+% right/);
});

it('forecasts the fields of JSON answers, and leaves out those whose values are new each time', async () => {
  const file = path.join(folder, 'fields.jsonl');
  const [areas, foods] = [
    ['north', 'south', 'east'],
    ['soup', 'rice', 'bread', 'fish'],
  ];
  const lines = Array.from({ length: 80 }, (_, i) => {
    const answer = { area: areas[i % 3], food: foods[i % 4], name: `place ${i}` };
    return JSON.stringify({
      prompt: `place ${i}, ${answer.area}${i % 6}, serves ${answer.food}${i % 8}`,
      completion: JSON.stringify(answer),
    });
  });
  writeFileSync(file, lines.join('\n'));
  const { out, code } = await fettle(['data', 'more', '--data', file]);
  expect(code).toBe(0);
  expect(out).toMatch(/^Rows {8}80 rows$/m);
  expect(out).toMatch(/^Fields {6}(area, food|food, area)$/m);
  expect(out).toContain('not name: nearly every row has another value');
  expect(out).toMatch(/With more {3}80 more rows: likely .*\d+% to \d+%\)? right/);
});

it.each([
  [
    'too few rows',
    ['text,category', ...Array.from({ length: 20 }, (_, i) => `text ${i},${i % 2}`)],
    'A forecast needs 40 rows',
  ],
  [
    'answers that are neither categories nor fields',
    ['text,category', ...Array.from({ length: 60 }, (_, i) => `text ${i},answer ${i}`)],
    'How much, only a training with them shows.',
  ],
])('refuses %s', async (name, lines, said) => {
  const file = path.join(folder, `${name}.csv`);
  writeFileSync(file, lines.join('\n'));
  const { code, err } = await fettle(['data', 'more', '--data', file, '--by', 'words']);
  expect(code).not.toBe(0);
  expect(err).toContain(said);
});
