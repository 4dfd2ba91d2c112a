import { describe, expect, it } from 'vitest';
import { capitalised, csvCell, defined, flattened, isRecord } from '../../../common/values.ts';

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

  it('a cell is no formula, and a negative number stays one', () => {
    const formulas = ['=1+1', '+49 30', '-1+1', '-A1', '-3=4', '@SUM(1)', '\t=1'];
    for (const text of formulas) expect(csvCell(text)).toBe(`'${text}`);
    expect(['-3.5', -2, '-1e-7', '-1.000,5'].map(csvCell)).toEqual(['-3.5', '-2', '-1e-7', '"-1.000,5"']);
  });

  it('what is undefined is left out, and other values stay', () => {
    expect(Object.keys(defined({ a: undefined, b: null, c: 0 }))).toEqual(['b', 'c']);
    expect([capitalised('a row'), capitalised('')]).toEqual(['A row', '']);
  });
});
