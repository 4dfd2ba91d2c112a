import { describe, expect, it } from 'vitest';
import { PROBE_LIMITS, probedStep, secondsOfProbe } from '../../../main/plan/estimate.ts';

const of = (stepSeconds: readonly number[], warmSteps = 14) =>
  probedStep({ peakBytes: 1, stepSeconds, warmSteps, evaluationSeconds: null });

describe('probedStep', () => {
  it('is the step in the middle, whichever was first', () => {
    expect(of([0.145, 0.2, 0.15])).toMatchObject({ value: 0.15, restsOn: 'probe' });
  });

  it('leaves the first one out where nothing was warm before, and looks further down', () => {
    const cold = of([9, 7, 6.8], 0);
    const warm = of([7, 6.9, 6.8]);
    expect(cold.value).toBeCloseTo(6.9, 9);
    expect(cold.low).toBeLessThan(warm.low);
    expect(of([9], 0).value).toBe(9);
  });

  it('has a range as wide as what was seen of steps at the least', () => {
    const steady = of([1, 1, 1]);
    expect(steady.high / steady.low).toBeGreaterThan(1.4);
    const uneven = of([0.5, 1, 2]);
    expect(uneven.low).toBeLessThan(0.5);
    expect(uneven.high).toBeGreaterThan(2);
  });
});

describe('secondsOfProbe', () => {
  const { warmSeconds, mostWarmSteps, evaluationSeconds } = PROBE_LIMITS;
  const parts = { start: 3, step: 0.5, evaluation: 4, batches: 8 };

  it('is the start, an evaluation, steps that warm up and three that count', () => {
    expect(secondsOfProbe(parts)).toBeCloseTo(3 + 4 + warmSeconds + 1.5, 9);
  });

  it('takes no more than some steps to warm up where they are short, and none where they are long', () => {
    expect(secondsOfProbe({ ...parts, step: 0.01 })).toBeCloseTo(7 + 0.01 * (mostWarmSteps + 3), 9);
    expect(secondsOfProbe({ ...parts, step: 20 })).toBeCloseTo(7 + 60, 9);
  });

  it('ends an evaluation early, but not in the midst of a batch', () => {
    const long = { ...parts, step: 20, evaluation: 1800 };
    expect(secondsOfProbe({ ...long, batches: 1000 })).toBeCloseTo(3 + evaluationSeconds + 60, 9);
    expect(secondsOfProbe({ ...long, batches: 30 })).toBeCloseTo(3 + 60 + 60, 9);
  });
});
