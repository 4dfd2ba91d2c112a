/** Memory of a run on a graphics card: what lies there is not in the computer's memory, and the other way round. */
import { describe, expect, it } from 'vitest';
import { estimate } from '../../../main/plan/estimate.ts';
import { peakMemory, peakVideoMemory } from '../../../main/plan/memory.ts';
import { madeUpRates } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

describe('a run on a graphics card', () => {
  const onProcessor = madeUpPrice();
  const onCard = { ...onProcessor, device: 'webgpu' };
  const { memory, weightBytes } = onCard;

  it('has weights for each session, state and the values of a step there', () => {
    const state = memory.trainedBytes + memory.gradientBytes + memory.optimizerBytes;
    const least = weightBytes * memory.mappings + state + memory.activationBytes + memory.logitBytes;
    expect(peakVideoMemory(onCard)).toBeGreaterThanOrEqual(least);
    expect(peakVideoMemory(onCard)).toBeLessThanOrEqual(
      least + memory.gradientBytes + 4 * memory.trainedBytes,
    );
    expect(peakVideoMemory(onProcessor)).toBeNull();
  });

  it('has no values of a step in the memory of the computer', () => {
    const names = peakMemory(onCard).parts.map(({ part }) => part);
    expect(names).not.toContain('activations');
    expect(peakMemory(onCard).residentBytes).toBeLessThan(peakMemory(onProcessor).residentBytes);
  });

  it('is not timed by the speed of the processor, nor corrected by runs there', () => {
    const grounds = {
      ...{ rates: madeUpRates(1e9), platform: 'linux', probe: null, watts: null, pricePerKwh: 0.3 },
      residuals: { memory: [{ predicted: 1e9, measured: 3e9 }], step: [] },
    };
    const card = estimate(onCard, grounds as never);
    expect(card.stepSeconds).toBeNull();
    expect(card.peakVramBytes!.value).toBe(peakVideoMemory(onCard));
    expect(card.peakRamBytes.value).toBe(peakMemory(onCard).residentBytes);
    const processor = estimate(onProcessor, grounds as never);
    expect(processor.peakVramBytes).toBeNull();
    expect(processor.stepSeconds).not.toBeNull();
  });
});
