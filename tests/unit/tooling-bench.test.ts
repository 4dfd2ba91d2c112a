/** The tables and pictures of `npm run bench`, and that its cases know their inputs. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CASES } from '../bench/cases.ts';
import { type Figures, tableOf } from '../bench/figures.ts';
import { Inputs } from '../bench/inputs.ts';
import { writePlots } from '../bench/plots.ts';

const rates = (...each: number[]) => each.map((tokensPerSecond): Figures => ({ tokensPerSecond }));

it('a table has medians, the spread where it is large, and the median ratio of the rounds', () => {
  const measured = [
    { name: 'base', trials: rates(100, 200, 110) },
    { name: 'twice', trials: rates(200, 402, 219) },
    { name: 'steady', trials: rates(300, 301) },
    { name: 'gone', trials: [], error: 'not here' },
  ];
  expect(tableOf(measured, ['tokensPerSecond', 'peakBytes']).split('\n')).toEqual([
    '|  | tokens/s | ratio |',
    '| --- | --- | --- |',
    '| base | 110 (100 to 200) | 1.00x |',
    '| twice | 219 (200 to 402) | 2.00x |',
    '| steady | 301 | 2.25x |',
    '| gone | not here |  |',
  ]);
});

it('less of a time is a higher ratio', () => {
  const took = (stepSeconds: number) => [{ stepSeconds }];
  const table = tableOf(
    [
      { name: 'a', trials: took(4) },
      { name: 'b', trials: took(2) },
    ],
    ['stepSeconds'],
  );
  expect(table).toContain('| b | 2.00 s | 2.00x |');
});

it('draws each size as a dot, and a straight line from the first to the last', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-plots-'));
  const measured = [1, 2, 4].map((size) => ({ name: String(100 * size), trials: [{ stepSeconds: size }] }));
  writePlots(folder, { 'growth-tokens': { measured } });
  expect(fs.readdirSync(folder)).toEqual(['growth-tokens.svg']);
  const svg = fs.readFileSync(path.join(folder, 'growth-tokens.svg'), 'utf8');
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain('>4.0 s<');
  // proportional: the straight line begins at the origin
  expect(svg).toContain('class="straight" d="M40.0 164.0');
  fs.rmSync(folder, { recursive: true });
});

it('long prompts ask one question each behind texts of the samples, and are answered by a person’s words', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-inputs-'));
  const file = new Inputs(folder).longPrompts();
  const rows = fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { messages: { role: string; content: string }[] });
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.every(({ messages }) => messages.map(({ role }) => role).join() === 'user,assistant')).toBe(
    true,
  );
  expect(new Set(rows.map(({ messages }) => messages[0]!.content)).size).toBe(rows.length);
  fs.rmSync(folder, { recursive: true });
});

it('contenders of a case have names of their own', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-inputs-'));
  const setting = {
    ...{ model: 'model.gguf', threads: 1, steps: 2, isQuick: true, peers: null },
    inputs: new Inputs(folder),
  };
  for (const name of [
    'headline',
    'rows-sorting',
    'rows-tools',
    'rows-emails',
    'preference',
    'full',
    'recompute',
    'full-memory',
    'growth-tokens',
  ] as const) {
    const names = (await CASES[name].contenders(setting)).map((one) => one.name);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
  }
  fs.rmSync(folder, { recursive: true });
});

it('sorting rows have one instruction, which names every answer’s parts', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-inputs-'));
  const rows = fs
    .readFileSync(new Inputs(folder).instructed(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { messages: { role: string; content: string }[] }).messages);
  const instructions = new Set(rows.map(([first]) => first!.content));
  expect(instructions.size).toBe(1);
  const [instruction] = instructions;
  for (const messages of rows)
    for (const part of Object.values(JSON.parse(messages.at(-1)!.content) as Record<string, string>))
      expect(instruction).toMatch(new RegExp(`\\b${part}\\b`));
  fs.rmSync(folder, { recursive: true });
});
