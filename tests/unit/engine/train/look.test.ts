/** A look at learning rates with steps that are made up: which are taken, from where, and what comes of their losses. */
import { describe, expect, it } from 'vitest';
import { ratesOfLook, stepsOfLook } from '../../../../common/settings/look.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { lookFirst } from '../../../../main/engine/train/look.ts';
import type { StepPlace } from '../../../../main/engine/train/run-parts.ts';

const USUAL = 1e-3;
const [LOW, , HIGH] = ratesOfLook(USUAL);

interface Taken extends StepPlace {
  readonly rate: number;
}

/** A look before a run of `steps`, whose losses follow from the highest rate and the step. */
async function looked(steps: number, lossOf: (peak: number, step: number) => number, inEpoch = 1000) {
  const taken: Taken[] = [];
  const begun: number[] = [];
  const stop = new AbortController();
  const open = {
    requireFinite: (_: string, __: number) => {},
    stepper: {
      prepare: async () => {},
      async step({ step, epoch, epochStep }: StepPlace, { rate }: { readonly rate: number }) {
        taken.push({ step, epoch, epochStep, rate });
        const peak = [LOW, USUAL, HIGH][begun.length]!;
        const loss = lossOf(peak, step);
        open.requireFinite('loss', loss);
        return { loss };
      },
    },
  };
  const config = parseRunConfig({
    ...{ model: 'm', data: 'd', out: 'o', learningRate: USUAL, epochs: undefined, maxSteps: steps },
    gradientAccumulation: 1,
  });
  const found = await lookFirst(
    {
      config,
      data: {
        training: { batches: () => inEpoch, sections: 1, enter: async () => {} },
        heldOut: null,
      } as never,
      emit: () => {},
      stop: stop.signal,
      begin: async () => void begun.push(taken.length),
    },
    open as never,
  );
  return { found, taken, begun };
}

describe('a look at learning rates', () => {
  it('takes the rate with the lowest loss in its last steps, whatever the first ones were', async () => {
    const last = (peak: number, step: number) => (step < 3 ? 100 / peak : Math.abs(Math.log(peak / LOW)));
    const { found } = await looked(200, last);
    expect(found).toMatchObject({ event: 'look', steps: 6, learningRate: LOW });
    expect(found!.tried.map(({ learningRate }) => learningRate)).toEqual([LOW, USUAL, HIGH]);
  });

  it('begins again for each rate and after the last, and takes the same rows, over the end of an epoch too', async () => {
    const { taken, begun } = await looked(120, () => 1, 3);
    expect(begun).toEqual([4, 8, 12]);
    const places = taken.map(({ rate: _, ...place }) => place);
    expect(places.slice(0, 4)).toEqual([
      { step: 0, epoch: 0, epochStep: 0 },
      { step: 1, epoch: 0, epochStep: 1 },
      { step: 2, epoch: 0, epochStep: 2 },
      { step: 3, epoch: 1, epochStep: 0 },
    ]);
    expect(places.slice(4, 8)).toEqual(places.slice(0, 4));
    const rates = taken.slice(4, 8).map(({ rate }) => rate / USUAL);
    expect(rates).toEqual([0.5, 1, 1, 1]);
  });

  it('leaves out a rate that comes apart, and keeps the usual one where all do or none is better', async () => {
    const apart = await looked(150, (peak, step) => (peak === HIGH && step > 1 ? Number.NaN : 1 / peak));
    expect(apart.found).toMatchObject({ learningRate: USUAL });
    expect(apart.found!.tried[2]).toEqual({ learningRate: HIGH, loss: null });
    expect((await looked(150, () => Number.NaN)).found).toMatchObject({ learningRate: USUAL });
    expect((await looked(150, () => 1)).found).toMatchObject({ learningRate: USUAL });
  });

  it('takes at most a tenth of the steps, and is none where that is too little', () => {
    for (let steps = 1; steps < 3000; steps++)
      expect(3 * stepsOfLook(steps)).toBeLessThanOrEqual(0.1 * steps);
    expect([119, 120, 10_000].map(stepsOfLook)).toEqual([0, 4, 20]);
  });

  it('tries no rate that a run can’t have', () => {
    expect(ratesOfLook(8)[2]).toBe(10);
    expect(ratesOfLook(1e-3)).toEqual([3.3e-4, 1e-3, 3e-3]);
    expect(ratesOfLook(2e-3)[2]).toBe(6e-3);
  });
});
