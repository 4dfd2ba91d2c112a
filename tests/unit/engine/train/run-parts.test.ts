import { describe, expect, it } from 'vitest';
import { plannedSteps, plannedWarmup } from '../../../../main/engine/config/config.ts';
import { learningRateAt, type ScheduleName } from '../../../../main/engine/train/run-parts.ts';

/** Rates of `get_scheduler` in Transformers 5 with a peak of 2e-4: name, warm-up, steps, the rate of each step. */
const TRANSFORMERS: readonly [ScheduleName, number, number, readonly number[]][] = [
  ['constant', 0, 3, [2e-4, 2e-4, 2e-4]],
  ['constant', 1, 3, [0, 2e-4, 2e-4]],
  ['constant', 3, 6, [0, 6.666666666666667e-5, 1.3333333333333334e-4, 2e-4, 2e-4, 2e-4]],
  ['constant', 8, 5, [0, 2.5e-5, 5e-5, 7.500000000000001e-5, 1e-4]],
  ['linear', 0, 1, [2e-4]],
  ['linear', 0, 5, [2e-4, 1.6e-4, 1.2e-4, 8e-5, 4e-5]],
  ['linear', 3, 8, [0, 6.666666666666667e-5, 1.3333333333333334e-4, 2e-4, 1.6e-4, 1.2e-4, 8e-5, 4e-5]],
  ['linear', 5, 5, [0, 4e-5, 8e-5, 1.2e-4, 1.6e-4]],
  ['cosine', 0, 1, [2e-4]],
  [
    'cosine',
    1,
    6,
    [0, 2e-4, 1.8090169943749476e-4, 1.3090169943749476e-4, 6.909830056250527e-5, 1.9098300562505266e-5],
  ],
  ['cosine', 5, 5, [0, 4e-5, 8e-5, 1.2e-4, 1.6e-4]],
];

describe('the learning rate', () => {
  it.each(TRANSFORMERS)(
    'of a %s schedule with %i of %i steps of warm-up is that of Transformers',
    (name, warmupSteps, totalSteps, rates) => {
      for (const [step, rate] of rates.entries())
        expect(learningRateAt({ name, peak: 2e-4, warmupSteps, totalSteps }, step)).toBeCloseTo(rate, 18);
    },
  );

  it('never rises again or falls below zero after its last step', () => {
    for (const name of ['linear', 'cosine'] as const)
      expect(learningRateAt({ name, peak: 1, warmupSteps: 2, totalSteps: 10 }, 10)).toBe(0);
    expect(learningRateAt({ name: 'linear', peak: 1, warmupSteps: 2, totalSteps: 10 }, 14)).toBe(0);
  });
});

describe('the length of a run', () => {
  it('is that of its epochs, rounded up, or the limit where that comes first', () => {
    expect(plannedSteps({ epochs: 3 }, () => 7)).toBe(21);
    expect(plannedSteps({ epochs: 0.5 }, () => 7)).toBe(4);
    expect(plannedSteps({ epochs: 3, maxSteps: 5 }, () => 7)).toBe(5);
    expect(plannedSteps({ epochs: 1, maxSteps: 50 }, () => 7)).toBe(7);
    expect(plannedSteps({ maxSteps: 50 }, () => 7)).toBe(50);
    expect(plannedSteps({ epochs: 0.001 }, () => 1)).toBe(1);
  });

  it('counts each epoch by itself, for packing anew may take a step more or less', () => {
    const steps = (epoch: number) => [10, 11, 9, 10][epoch]!;
    expect(plannedSteps({ epochs: 3 }, steps)).toBe(30);
    expect(plannedSteps({ epochs: 2 }, steps)).toBe(21);
    expect(plannedSteps({ epochs: 2.5 }, steps)).toBe(26);
    expect(plannedSteps({ epochs: 3, maxSteps: 12 }, steps)).toBe(12);
    expect(plannedSteps({ epochs: 5000.5 }, (epoch) => (epoch < 1001 ? 2 : Number.NaN))).toBe(10_001);
  });

  it('has a warm-up of its share, rounded up, or of the number of steps given', () => {
    expect(plannedWarmup({ warmupRatio: 0.03 }, 100)).toBe(3);
    expect(plannedWarmup({ warmupRatio: 0.03 }, 10)).toBe(1);
    expect(plannedWarmup({ warmupRatio: 0 }, 10)).toBe(0);
    expect(plannedWarmup({ warmupRatio: 0.5, warmupSteps: 2 }, 10)).toBe(2);
  });
});
