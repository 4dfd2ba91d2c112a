/** Memory of a run on a graphics card: what lies there is not in the computer's memory, and the other way round. */
import { describe, expect, it } from 'vitest';
import { figuresText } from '../../../main/cli/plan/text.ts';
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

  it('has the new values of one group of parameters beside the state in an update', () => {
    const of = (updateBytes?: number) =>
      peakVideoMemory({
        ...onCard,
        memory: {
          ...memory,
          ...{ trainedBytes: 1e9, gradientBytes: 0, activationBytes: 0, logitBytes: 0 },
          ...(updateBytes !== undefined && { updateBytes }),
        },
      })!;
    expect(of(1e9) - of(1e8)).toBe(4 * 9e8);
    // a price from before it was counted: all at once
    expect(of()).toBe(of(1e9));
  });

  it('has no values of a step in the memory of the computer', () => {
    const names = peakMemory(onCard).parts.map(({ part }) => part);
    expect(names).not.toContain('activations');
    expect(peakMemory(onCard).residentBytes).toBeLessThan(peakMemory(onProcessor).residentBytes);
  });

  it('is told with the device and what lies in its memory', () => {
    const grounds = { rates: null, platform: 'linux', probe: null, watts: null, pricePerKwh: 0.3 };
    const textOf = (price: typeof onCard | typeof onProcessor) => {
      const rows = { rows: 1, heldOutRows: 0, rowsPerBatch: 1, rowLength: 8, tokens: 8, labelledTokens: 1 };
      const figures = estimate(price, { ...grounds, residuals: { memory: [], step: [] } } as never);
      return figuresText({ ...price, ...rows } as never, figures, 1e9).join('\n');
    };
    expect(textOf(onCard)).toMatch(/Device {3}the graphics card by --device webgpu[\s\S]*Card {5}/);
    expect(textOf(onProcessor)).toMatch(/Device {3}the processor, 2 threads \(ort\)/);
    expect(textOf(onProcessor)).not.toContain('Card  ');
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
