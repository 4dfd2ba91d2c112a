import { expect, test } from 'vitest';
import { readingsOf } from '../../../../../main/engine/eval/classify/readings.ts';

test('what answers begin with is read once, and each of their tokens counts', () => {
  const answers = [
    [1, 2, 9],
    [1, 3, 5, 9],
    [1, 3, 9],
    [1, 3, 6, 9],
  ];
  const { trunk, branches, steps } = readingsOf(answers);
  expect(trunk).toEqual([1]);
  expect(branches.map(({ ids }) => ids)).toEqual([[3, 5], [3, 6], [2]]);
  const told = steps.map(({ id, branch, places }) => [
    id,
    ...places.map((i) => branches[branch]!.followers[i]!.id),
  ]);
  expect(told).toEqual(answers.map((ids) => ids.slice(1)));
  expect(branches[0]!.followers).toEqual([
    { after: 0, id: 5 },
    { after: 1, id: 9 },
    { after: 0, id: 9 },
  ]);
});

test('answers of a token need nothing read behind the prompt', () => {
  const { trunk, branches, steps } = readingsOf([[4], [7]]);
  expect({ trunk, branches }).toEqual({ trunk: [], branches: [] });
  expect(steps.map(({ id, places }) => [id, places])).toEqual([
    [4, []],
    [7, []],
  ]);
});

test('an answer that begins another one keeps a token of its own', () => {
  const { trunk, branches, steps } = readingsOf([
    [1, 2],
    [1, 2, 3],
  ]);
  expect(trunk).toEqual([1]);
  expect(branches.map(({ ids }) => ids)).toEqual([[2]]);
  expect(steps.map(({ places }) => places.length)).toEqual([0, 1]);
});
