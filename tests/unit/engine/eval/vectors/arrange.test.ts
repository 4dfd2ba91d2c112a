import { expect, test } from 'vitest';
import { arrange, TEXTS_PER_TOKEN } from '../../../../../main/engine/eval/vectors/arrange.ts';
import { seeded } from '../../../../helpers/random.ts';

const random = seeded(3);
const MANY = Array.from({ length: 700 }, () => 2 + Math.floor(random() ** 4 * 500));

test.each([
  ['one short text', [7]],
  ['texts of all lengths', MANY],
  ['as many as there may be, each of two tokens', Array(3000).fill(2)],
  ['one that is longer than a batch', [3, 5000, 4]],
])('%s: each text lies once, within its row, beside no other', (_, lengths) => {
  const batches = arrange(lengths);
  const seen = batches.flatMap(({ texts }) => texts.map(({ text }) => text)).sort((a, b) => a - b);
  expect(seen).toEqual(lengths.map((_, i) => i));
  for (const { rows, rowLength, texts } of batches) {
    const taken = Array.from({ length: rows }, () => new Uint8Array(rowLength));
    for (const { text, row, start } of texts)
      for (let i = start; i < start + lengths[text]!; i++) taken[row]![i]!++;
    expect(taken.every((row) => row.length === rowLength && row.every((count) => count <= 1))).toBe(true);
    expect(texts.length).toBeLessThanOrEqual(rows * rowLength * TEXTS_PER_TOKEN);
  }
});

test('shapes are few, and little of them is padding', () => {
  const batches = arrange(MANY);
  const size = batches.reduce((sum, { rows, rowLength }) => sum + rows * rowLength, 0);
  const tokens = MANY.reduce((sum, length) => sum + length, 0);
  expect(tokens / size).toBeGreaterThan(0.85);
  expect(new Set(batches.map(({ rows, rowLength }) => `${rows}x${rowLength}`)).size).toBeLessThan(8);
});

test('nothing is no batch', () => expect(arrange([])).toEqual([]));
