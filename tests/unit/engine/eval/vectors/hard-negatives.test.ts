import { expect, test } from 'vitest';
import { withHardNegatives } from '../../../../../main/engine/eval/vectors/hard-negatives.ts';

/** A vector in the plane at so many degrees; its length does not count. */
const at = (degrees: number, length = 1) =>
  Float32Array.of(length * Math.cos((degrees * Math.PI) / 180), length * Math.sin((degrees * Math.PI) / 180));

const stop = new AbortController().signal;
// 0: a query, 1: its passage, 2 to 5: other passages, further and further away
const vectors = [at(0, 3), at(40), at(42, 5), at(50), at(70, 0.1), at(120)];
const row = { query: 0, passage: 1, negatives: [] };
const mined = (rows: Parameters<typeof withHardNegatives>[0], count: number) =>
  withHardNegatives(rows, vectors, { count, passages: [1, 2, 3, 4, 5], stop }).map(
    ({ negatives }) => negatives,
  );

test('the nearest wrong passages come first; what is nearly as near as the right one may be right', () => {
  // cos 42° is 97% of cos 40°
  expect(mined([row], 2)).toEqual([[3, 4]]);
  expect(mined([row], 9)).toEqual([[3, 4, 5]]);
});

test('another answer to the same query is never wrong, and what is known to be wrong stands once', () => {
  const rows = [
    { ...row, negatives: [4] },
    { query: 0, passage: 3, negatives: [] },
  ];
  expect(mined(rows, 1)).toEqual([[4, 5], [4]]);
});

test('ends where it is stopped', () => {
  const aborted = AbortSignal.abort(new Error('enough'));
  expect(() => withHardNegatives([row], vectors, { count: 1, passages: [2], stop: aborted })).toThrow(
    'enough',
  );
});
