/** The loss scale falls at an overflow, rises after many steps without, and goes on from a checkpoint as if nothing had been. */
import { describe, expect, it } from 'vitest';
import { LossScale, STEPS_TO_GROW } from '../../../../main/engine/train/whole-step.ts';

const steps = (scale: LossScale, count: number) => {
  for (let i = 0; i < count; i++) scale.took();
};

describe('the loss scale', () => {
  it('is halved at an overflow and doubled after steps without one', () => {
    const scale = new LossScale();
    expect(scale.saved).toEqual({ scale: 65536, steadySteps: 0 });
    scale.overflowed();
    steps(scale, STEPS_TO_GROW - 1);
    expect(scale.saved).toEqual({ scale: 32768, steadySteps: STEPS_TO_GROW - 1 });
    scale.took();
    expect(scale.saved).toEqual({ scale: 65536, steadySteps: 0 });
    expect(scale.overflows).toBe(1);
  });

  it('counts anew after an overflow', () => {
    const scale = new LossScale();
    steps(scale, STEPS_TO_GROW - 1);
    scale.overflowed();
    scale.took();
    expect(scale.saved).toEqual({ scale: 32768, steadySteps: 1 });
  });

  it('does not rise without end', () => {
    const scale = new LossScale();
    steps(scale, 20 * STEPS_TO_GROW);
    expect(scale.saved.scale).toBe(2 ** 24);
  });

  it('goes on from what was saved', () => {
    const [whole, before] = [new LossScale(), new LossScale()];
    for (const scale of [whole, before]) {
      scale.overflowed();
      steps(scale, 1999);
    }
    const after = new LossScale(JSON.parse(JSON.stringify(before.saved)));
    for (const scale of [whole, after]) steps(scale, 3);
    expect(after.saved).toEqual(whole.saved);
    expect(whole.saved).toEqual({ scale: 65536, steadySteps: 2 });
  });

  it.each([1, 2, 3, 100, 128, 4000])(
    'is a power of two for %i tokens, about that of their mean',
    (tokens) => {
      const factor = new LossScale().factorFor(tokens);
      expect(Number.isInteger(Math.log2(factor))).toBe(true);
      expect((factor * tokens) / 65536).toBeGreaterThan(0.5);
      expect((factor * tokens) / 65536).toBeLessThanOrEqual(1);
      expect(1 / (1 / factor)).toBe(factor);
    },
  );

  it('ends the run in a sentence where even 1 is too much', () => {
    const scale = new LossScale({ scale: 2, steadySteps: 5 });
    scale.overflowed();
    expect(() => scale.overflowed()).toThrow(/too coarse for this training/);
    try {
      scale.overflowed();
    } catch (error) {
      expect(error).toMatchObject({ code: 'diverged', hint: expect.stringContaining('full precision') });
    }
  });
});
