import { describe, expect, it } from 'vitest';
import { capitalised, defined, flattened, isRecord } from '../../../common/values.ts';

describe('plain values', () => {
  it('settings of a run become flat, lists stay lists', () => {
    expect(
      flattened({ epochs: 2, lora: { rank: 8, targets: ['q'] }, 'lora.alpha': 4, samplePrompts: [] }),
    ).toEqual({
      epochs: 2,
      'lora.rank': 8,
      'lora.targets': ['q'],
      'lora.alpha': 4,
      samplePrompts: [],
    });
  });

  it('an object with fields is neither null nor a list', () => {
    expect([{}, { a: 1 }, null, [], 'a', undefined].map(isRecord)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('what is undefined is left out, and other values stay', () => {
    expect(Object.keys(defined({ a: undefined, b: null, c: 0 }))).toEqual(['b', 'c']);
    expect([capitalised('a row'), capitalised('')]).toEqual(['A row', '']);
  });
});
