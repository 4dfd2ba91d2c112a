import { describe, expect, it } from 'vitest';
import { AllBut, Bits, countsUpTo, GrowingCounts } from '../../../main/rows/compact.ts';
import { Rng } from '../../../main/rows/rng.ts';

describe('counts', () => {
  it.each([
    [255, Uint8Array],
    [256, Uint16Array],
    [65_535, Uint16Array],
    [65_536, Uint32Array],
    [2 ** 32 - 1, Uint32Array],
  ])('up to %i have no more bytes than they need', (most, kind) => {
    expect(countsUpTo(most, 3)).toEqual(new kind(3));
  });

  it('keep their values and take the width of the largest when they grow', () => {
    const rng = Rng.fromSeed(1);
    for (const [most, bytes] of [
      [200, 1],
      [60_000, 2],
      [4_000_000_000, 4],
    ] as const) {
      const values = Array.from({ length: 5000 }, (_, i) => rng.below(i < 3000 ? 200 : most));
      values[4000] = most;
      const list = new GrowingCounts();
      for (const value of values) list.push(value);
      expect(list.length).toBe(5000);
      expect([list.at(4000), list.at(5000)]).toEqual([most, undefined]);
      const taken = list.take();
      expect([...taken]).toEqual(values);
      expect([taken.BYTES_PER_ELEMENT, taken.buffer.byteLength]).toEqual([bytes, 5000 * bytes]);
      expect(list.length).toBe(0);
      list.push(most);
      expect([list.at(0), taken[0]]).toEqual([most, values[0]]);
    }
  });
});

it('a set of bits has what was added, and nothing else', () => {
  const rng = Rng.fromSeed(2);
  const [bits, set] = [new Bits(1000), new Set<number>()];
  for (let i = 0; i < 300; i++) {
    const number = rng.below(1000);
    bits.add(number);
    set.add(number);
  }
  for (let number = 0; number < 1000; number++) expect(bits.has(number)).toBe(set.has(number));
});

describe('all rows but some', () => {
  it.each([
    [5, [], [0, 1, 2, 3, 4]],
    [5, [0, 2, 4], [1, 3]],
    [3, [0, 1, 2], []],
    [0, [], []],
  ])('of %i without %j are %j', (count, left, rows) => {
    const all = new AllBut(count, Uint32Array.from(left));
    expect(all.length).toBe(rows.length);
    expect([...all]).toEqual(rows);
    expect(all.slice()).toEqual(Uint32Array.from(rows));
  });
});
