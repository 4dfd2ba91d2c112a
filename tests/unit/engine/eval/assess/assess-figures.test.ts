import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../../../../common/protocol/protocol.ts';
import {
  isMemorised,
  overlapMeansSomething,
  overlapOf,
} from '../../../../../main/engine/eval/assess/assess-figures.ts';

const one = (value: number, half = 0.1): Estimate => ({ value, low: value - half, high: value + half });
const at = (low: number, value: number, high: number): Estimate => ({ value, low, high });
const wanted = Array.from({ length: 20 }, (_, i) => `the wanted answer with number ${i} in it`);
const others = wanted.map((_, i) => `something else, ${i}`);
const losses = { trainingLoss: one(1), heldOutLoss: one(2) };

describe('overlapOf', () => {
  it('counts exact answers and shared runs, on training and on held-out prompts', () => {
    const halves = wanted.map((text, i) => (i < 10 ? text.toUpperCase() : 'the wanted answer'));
    const overlap = overlapOf({ said: halves, wanted }, { said: others, wanted }, 1);
    expect(overlap.rows).toBe(20);
    expect([overlap.exactTraining.value, overlap.exactHeldOut.value]).toEqual([0.5, 0]);
    expect(overlap.runTraining.value).toBeCloseTo(0.5 + 0.5 * (3 / 8), 12);
    expect(overlap.runHeldOut.value).toBeLessThan(0.2);
  });
});

describe('isMemorised', () => {
  const reciting = overlapOf({ said: wanted, wanted }, { said: others, wanted }, 1);
  const honest = overlapOf({ said: others, wanted }, { said: others, wanted }, 1);
  const able = overlapOf({ said: wanted, wanted }, { said: wanted, wanted }, 1);

  it('sees recital, but not ability', () => {
    expect(isMemorised('free', losses, reciting)).toBe(true);
    expect(isMemorised('short', losses, honest)).toBe(false);
    expect(isMemorised('free', losses, able)).toBe(false);
  });

  it('goes by the losses for running text', () => {
    expect(isMemorised('text', losses, null)).toBe(false);
    expect(isMemorised('text', { trainingLoss: one(0.5), heldOutLoss: one(2) }, null)).toBe(true);
    expect(isMemorised('text', { trainingLoss: one(0.9, 0.3), heldOutLoss: one(2) }, null)).toBe(false);
  });

  it('asks of running text that its upper bound is below half of the lower one', () => {
    const heldOutLoss = at(2, 3, 4);
    const memorised = (trainingLoss: Estimate) => isMemorised('text', { trainingLoss, heldOutLoss }, null);
    expect(memorised(at(0.1, 0.5, 1))).toBe(false);
    expect(memorised(at(0.1, 0.5, 0.999))).toBe(true);
    expect(memorised(at(0.1, 1.4, 1.5))).toBe(false);
  });

  it.each([
    ['apart and by more than ten points', at(0.5, 0.7, 0.9), at(0.2, 0.4, 0.499), true],
    ['bounds that touch', at(0.5, 0.7, 0.9), at(0.2, 0.4, 0.5), false],
    ['ten points', at(0.05, 0.1, 0.2), at(0, 0, 0.04), false],
    ['eleven points', at(0.05, 0.11, 0.2), at(0, 0, 0.04), true],
    ['less of them', at(0.2, 0.4, 0.499), at(0.5, 0.7, 0.9), false],
  ])('compares training with held-out prompts: %s', (_, training, heldOut, expected) => {
    const none = at(0, 0, 0);
    const exact = { exactTraining: training, exactHeldOut: heldOut, runTraining: none, runHeldOut: none };
    const runs = { exactTraining: none, exactHeldOut: none, runTraining: training, runHeldOut: heldOut };
    expect(isMemorised('free', losses, { rows: 20, ...exact })).toBe(expected);
    expect(isMemorised('short', losses, { rows: 20, ...runs })).toBe(expected);
  });

  it('cannot tell for labels and JSON', () => {
    expect([isMemorised('label', losses, null), isMemorised('json', losses, null)]).toEqual([null, null]);
    expect((['label', 'json', 'short', 'free', 'text'] as const).map(overlapMeansSomething)).toEqual([
      ...[false, false, true, true, false],
    ]);
  });
});
