import { expect, test } from 'vitest';
import { addFork, forksOf } from '../../../../../main/engine/eval/classify/classifier.ts';

test('answers with a common beginning part where they differ', () => {
  const answers = [
    [1, 2, 9],
    [1, 3, 5, 9],
    [1, 3, 6, 9],
  ];
  expect(forksOf(answers)).toEqual([
    {
      path: [1],
      ways: [
        { token: 2, answers: [0] },
        { token: 3, answers: [1, 2] },
      ],
    },
    {
      path: [1, 3],
      ways: [
        { token: 5, answers: [1] },
        { token: 6, answers: [2] },
      ],
    },
  ]);
});

test('an answer that begins another one has no fork', () => {
  expect(() => forksOf([[1], [1, 2]])).toThrow(/begins another/);
});

test('log-probabilities over all forks are those of the answers among each other', () => {
  const answers = [
    [0, 3],
    [1, 3],
    [1, 2, 3],
  ];
  const logits = Float32Array.of(0.5, 2, -1, 1);
  const scores = new Float64Array(3);
  for (const fork of forksOf(answers)) addFork(scores, fork, logits);
  const share = (a: number, b: number) => Math.log(Math.exp(a) / (Math.exp(a) + Math.exp(b)));
  const second = share(2, 0.5);
  expect(scores[0]).toBeCloseTo(share(0.5, 2), 6);
  expect(scores[1]).toBeCloseTo(second + share(1, -1), 6);
  expect(scores[2]).toBeCloseTo(second + share(-1, 1), 6);
  expect(scores.reduce((sum, score) => sum + Math.exp(score), 0)).toBeCloseTo(1, 6);
});
