/** Memory of a run on a graphics card: what lies there is not in the computer's memory, and the other way round. */
import { describe, expect, it } from 'vitest';
import type { RunPrice } from '../../../common/protocol/protocol.ts';
import { figuresText } from '../../../main/cli/plan/text.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { peakMemory, peakVideoMemory } from '../../../main/plan/peak-memory.ts';
import { memoryBar } from '../../../renderer/steps/plan/plan-step.ts';
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

  it('that its executor has found has the weights once, and the state in the computer’s memory', () => {
    const foundCard = { name: 'A card', freeBytes: 8e9, isShared: false };
    const found = { ...onProcessor, executor: 'ggml', foundCard };
    const values = memory.activationBytes + memory.logitBytes + memory.heapBytes + memory.sessionBytes;
    // what is trained is among what a run copies there
    expect(peakVideoMemory(found)).toBe(weightBytes + values);
    const rests = { ...found, stateOnCard: true, memory: { ...memory, updateBytes: 10 } };
    const state = memory.trainedBytes + memory.gradientBytes + memory.optimizerBytes;
    expect(peakVideoMemory(rests)).toBe(weightBytes + values + state + 50);
    const beside = new Map(peakMemory(found).parts.map(({ part, bytes }) => [part, bytes]));
    expect(beside.get('optimizer')).toBe(memory.optimizerBytes);
    expect(beside.has('activations')).toBe(false);
    expect(peakVideoMemory({ ...onProcessor, executor: 'ggml' })).toBeNull();
  });

  it('has the new values of one group of parameters beside the state in an update', () => {
    const of = (updateBytes?: number) =>
      peakVideoMemory({
        ...onCard,
        memory: {
          ...memory,
          trainedBytes: 1e9,
          gradientBytes: 0,
          activationBytes: 0,
          logitBytes: 0,
          ...(updateBytes !== undefined && { updateBytes }),
        },
      })!;
    expect(of(1e9) - of(1e8)).toBe(4 * 9e8);
    // a price from before it was counted: all at once
    expect(of()).toBe(of(1e9));
  });

  it('is told in parts that sum up to it, with those of a step', () => {
    const grounds = { rates: null, platform: 'linux', probe: null, watts: null, pricePerKwh: 0.3 };
    const of = (price: RunPrice) =>
      estimate(price, { ...grounds, residuals: { memory: [], step: [] } } as never);
    const { vramParts, peakVramBytes, memoryParts } = of(onCard);
    expect(vramParts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(peakVramBytes!.value);
    const sizes = new Map(vramParts.map(({ part, bytes }) => [part, bytes]));
    expect(sizes.get('weights')).toBe(weightBytes * memory.mappings);
    expect(sizes.get('activations')).toBe(memory.activationBytes);
    expect(sizes.get('logits')).toBe(memory.logitBytes);
    expect(sizes.get('optimizer')).toBe(memory.optimizerBytes);
    // what the plan step draws of it
    const drawn = memoryBar(vramParts);
    expect(drawn.reduce((sum, { value }) => sum + value, 0)).toBe(peakVramBytes!.value);
    expect(drawn.map(({ label }) => label)).toContain('Activations');
    expect(drawn.every(({ label }) => label.length > 0)).toBe(true);
    expect(memoryBar(memoryParts).map(({ kind }) => kind)).not.toContain('activations');
    expect(of(onProcessor).vramParts).toEqual([]);
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
    const large = { ...memory, activationBytes: 2e9, logitBytes: 1e9 };
    const below = textOf({ ...onCard, weightBytes: 3e9, memory: large }).split(/^Card {5}/m)[1];
    expect(below).toMatch(/6 GB {2}frozen weights\n +2 GB {2}activations\n +1 GB {2}output and loss/);
    expect(textOf(onProcessor)).toMatch(/Device {3}the processor, 2 threads \(ort\)/);
    expect(textOf(onProcessor)).not.toContain('Card  ');
  });

  it('is not timed by the speed of the processor, nor corrected by runs there', () => {
    const grounds = {
      rates: madeUpRates(1e9),
      platform: 'linux',
      probe: null,
      watts: null,
      pricePerKwh: 0.3,
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
