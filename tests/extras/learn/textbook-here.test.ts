/** The lesson's training on this computer: in FP32, against all of its memory, with its electricity. */
import { describe, expect, it } from 'vitest';
import { MemoryQuestion, TimeQuestion } from '../../../common/extras/learn/calls.ts';
import { factsOf, timeHere, trainingMemory, trainingTime } from '../../../main/extras/learn/textbook.ts';
import { memoryIn } from '../../../main/plan/textbook.ts';

const COMPUTER = {
  processor: 'Two cores',
  flops: 2e11,
  memoryBytes: 32e9,
  watts: 100,
  pricePerKwh: 0.5,
  currency: 'EUR',
};
const here = (given: Partial<TimeQuestion>) => {
  const question = TimeQuestion.parse(given);
  return timeHere(question, trainingTime(question).flops, COMPUTER);
};

describe('whether a training fits this computer', () => {
  it('is said of all weights of 7 billion: 16 bytes each, and what a row keeps in FP32', () => {
    const { neededBytes, fits, memoryBytes } = here({});
    const inFp32 = trainingMemory(MemoryQuestion.parse({ format: 'fp32', batch: 1, length: 500 }));
    expect(neededBytes).toBe(inFp32.totalBytes);
    expect(neededBytes).toBeGreaterThan(112e9);
    expect([fits, memoryBytes]).toEqual([false, 32e9]);
  });

  it.each([
    ['full', 1e9, true],
    ['full', 3e9, false],
    ['lora', 3e9, true],
    ['lora', 13e9, false],
    ['qlora', 13e9, true],
  ] as const)('%s with %d weights: %s', (method, parameters, fits) => {
    expect(here({ method, parameters, tokensPerRow: 256 }).fits).toBe(fits);
  });

  it('counts the values of a step in FP32 beside quantised weights, too', () => {
    const question = TimeQuestion.parse({ method: 'qlora' });
    const [half, whole] = [memoryIn(16, factsOf(question)), memoryIn(32, factsOf(question))];
    const weights = 7e9 * 0.5625 + 16 * 39_976_960;
    // masks of a byte are as they were
    expect((whole - weights) / (half - weights)).toBeCloseTo(1.9, 1);
  });
});

describe('electricity', () => {
  it('is that of the settings, unless the question has another', () => {
    const { seconds, kwh, cost, currency } = here({});
    expect(kwh).toBeCloseTo((100 * seconds) / 3.6e6, 9);
    expect([cost, currency]).toEqual([0.5 * kwh!, 'EUR']);
    const asked = here({ watts: 200, pricePerKwh: 0.25 });
    expect([asked.kwh, asked.cost]).toEqual([2 * kwh!, 0.25 * 2 * kwh!]);
  });

  it('is not known without the power of the computer', () => {
    const unknown = timeHere(TimeQuestion.parse({}), 1e15, { ...COMPUTER, watts: null });
    expect([unknown.kwh, unknown.cost]).toEqual([null, null]);
  });
});
