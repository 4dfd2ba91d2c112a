import { describe, expect, it } from 'vitest';
import { adamw, pullBack, sumOfSquares } from '../../../../main/engine/nn/adamw.ts';
import { noise } from '../../../helpers/graphs.ts';

const SIZE = 101;
const SETTINGS = { rate: 0.01, decay: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-6, clip: 0.5 };

/** The formula of the paper for one number, step by step, as it is written there. */
function byThePaper(start: number, gradients: readonly number[]): number {
  const { rate, decay, beta1, beta2, eps, clip } = SETTINGS;
  let [x, m, v] = [start, 0, 0];
  for (const [i, gradient] of gradients.entries()) {
    const g = clip * gradient;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const [fairM, fairV] = [m / (1 - beta1 ** (i + 1)), v / (1 - beta2 ** (i + 1))];
    x -= rate * (fairM / (Math.sqrt(fairV) + eps) + decay * x);
  }
  return x;
}

/** What the loops take for step `t`, which is counted from 1. */
function scalarsOf(t: number, pull = 0) {
  const { rate, decay, beta1, beta2, eps, clip } = SETTINGS;
  return {
    ...{ scale: clip, rate, beta1, beta2, eps },
    shrink: 1 - rate * (decay + pull),
    unbias1: 1 / (1 - beta1 ** t),
    unbias2: 1 / Math.sqrt(1 - beta2 ** t),
  };
}

function begin() {
  const zeros = () => new Float32Array(SIZE);
  return { param: noise(SIZE, 1), grad: zeros(), m: zeros(), v: zeros() };
}

describe('AdamW', () => {
  it('does what the paper says, in any number of pieces', () => {
    const buffers = begin();
    const start = buffers.param.slice();
    const gradients = [2, 3, 4].map((seed) => noise(SIZE, seed));
    for (const [i, gradient] of gradients.entries()) {
      buffers.grad.set(gradient);
      for (const range of [[0, 40] as const, [40, SIZE] as const]) adamw(buffers, range, scalarsOf(i + 1));
    }
    for (let i = 0; i < SIZE; i++) {
      const expected = byThePaper(
        start[i]!,
        gradients.map((gradient) => gradient[i]!),
      );
      expect(buffers.param[i]).toBeCloseTo(expected, 5);
    }
  });

  it('touches nothing outside its range', () => {
    const buffers = begin();
    const before = buffers.param.slice();
    buffers.grad.fill(1);
    adamw(buffers, [10, 20], scalarsOf(1));
    const changed = [...buffers.param.keys()].filter((i) => buffers.param[i] !== before[i]);
    expect(changed).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(buffers.m[9]).toBe(0);
    expect(buffers.m[20]).toBe(0);
  });

  it('pulls towards the anchor and not towards zero', () => {
    const [free, held] = [begin(), begin()];
    const anchor = noise(SIZE, 9);
    adamw(free, [0, SIZE], scalarsOf(1));
    adamw(held, [0, SIZE], scalarsOf(1, 3));
    pullBack(held.param, anchor, 3 * SETTINGS.rate);
    for (let i = 0; i < SIZE; i++) {
      const pulled = free.param[i]! + 0.03 * (anchor[i]! - begin().param[i]!);
      expect(held.param[i]).toBeCloseTo(pulled, 5);
    }
  });

  it('sums squares over any range', () => {
    const values = noise(SIZE, 5);
    for (const [start, end] of [
      [0, SIZE],
      [3, 10],
      [7, 8],
      [4, 4],
    ] as const) {
      const expected = values.slice(start, end).reduce((sum, value) => sum + value * value, 0);
      expect(sumOfSquares(values, [start, end])).toBeCloseTo(expected, 8);
    }
  });
});
