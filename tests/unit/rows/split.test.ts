import { describe, expect, it } from 'vitest';
import { Rng } from '../../../main/rows/rng.ts';
import { heldOutCount, splitRows } from '../../../main/rows/split.ts';

/** Row hashes as the token store gives them; equal contents have equal hashes. */
function hashesOf(contents: readonly number[]): Uint32Array[] {
  const words = contents.flatMap((content) => [Math.imul(content + 1, 0x9e3779b1) >>> 0, content]);
  return [Uint32Array.from(words)];
}

describe('splitRows', () => {
  it('holds out a share or a number of rows; each row is on exactly one side, in ascending order', () => {
    for (const [count, heldOut, expected] of [
      [1000, 0.1, 100],
      [1000, 0.25, 250],
      [1000, 37, 37],
      [15, 0.1, 2],
      [14, 0.1, 1],
      [2, 0.1, 1],
      [2, 0.99, 1],
      [10, 0, 0],
      [1, 0.5, 0],
      [0, 0.5, 0],
    ] as const) {
      const split = splitRows(count, { heldOut, seed: 42 });
      expect(split.heldOut.length, `${count} x ${heldOut}`).toBe(expected);
      const all = [...split.train, ...split.heldOut].sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: count }, (_, i) => i));
      expect([...split.train]).toEqual([...split.train].sort((a, b) => a - b));
      expect([...split.heldOut]).toEqual([...split.heldOut].sort((a, b) => a - b));
    }
  });

  it('holds out a tenth where nothing is said, and no more than 1,000 of very many rows', () => {
    const usual = [2, 500, 10_000, 11_000, 10_000_000].map((rows) => heldOutCount(rows));
    expect(usual).toEqual([1, 50, 1000, 1000, 1000]);
    expect(heldOutCount(10_000_000, 0.1)).toBe(1_000_000);
  });

  it('repeats itself for a seed, differs between seeds, and prefers no part of the file', () => {
    const held = (seed: number): number[] => [...splitRows(10_000, { heldOut: 0.1, seed }).heldOut];
    expect(held(1)).toEqual(held(1));
    const other = new Set(held(2));
    const shared = held(1).filter((row) => other.has(row)).length;
    expect(shared).toBeLessThan(200);
    for (let tenth = 0; tenth < 10; tenth++) {
      const inTenth = held(3).filter((row) => Math.floor(row / 1000) === tenth).length;
      expect(Math.abs(inTenth - 100)).toBeLessThan(40);
    }
  });

  it('keeps equal rows on one side whatever their number, and comes close to the wanted size', () => {
    const rng = Rng.fromSeed(5);
    for (let trial = 0; trial < 50; trial++) {
      const contents = Array.from({ length: 400 }, () => rng.below(1 + rng.below(200)));
      const { train, heldOut } = splitRows(400, { heldOut: 0.2, seed: trial, hashes: hashesOf(contents) });
      const trained = new Set([...train].map((row) => contents[row]));
      for (const row of heldOut) expect(trained.has(contents[row])).toBe(false);
      expect(train.length + heldOut.length).toBe(400);
      const groups = new Set(contents).size;
      if (groups > 1) expect(heldOut.length).toBeGreaterThan(0);
      if (groups > 100) expect(heldOut.length).toBe(80);
    }
  });

  it('does not depend on the order of the rows, only on their content', () => {
    const contents = Array.from({ length: 300 }, (_, i) => i);
    const reversed = contents.slice().reverse();
    const pick = (order: number[]): number[] => {
      const { heldOut } = splitRows(300, { heldOut: 0.1, seed: 9, hashes: hashesOf(order) });
      return [...heldOut].map((row) => order[row]!).sort((a, b) => a - b);
    };
    expect(pick(reversed)).toEqual(pick(contents));
  });

  it('holds out the smallest group where every group exceeds the size, and nothing where all rows are equal', () => {
    const contents = [...new Array<number>(60).fill(1), ...new Array<number>(40).fill(2)];
    const { heldOut, train } = splitRows(100, { heldOut: 0.1, seed: 1, hashes: hashesOf(contents) });
    expect(new Set([...heldOut].map((row) => contents[row]))).toEqual(new Set([2]));
    expect(train.length).toBe(60);
    const equal = splitRows(100, { heldOut: 0.1, seed: 1, hashes: hashesOf(new Array<number>(100).fill(3)) });
    expect(equal.heldOut.length).toBe(0);
    expect(equal.train.length).toBe(100);
  });

  it('refuses sizes that make no sense, in words', () => {
    for (const heldOut of [-0.1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => splitRows(10, { heldOut, seed: 1 })).toThrow(
        /Test rows are a share below 1 or a whole number/,
      );
    }
    expect(() => splitRows(10, { heldOut: 10, seed: 1 })).toThrow(/With 10 test rows of 10, none is left/);
  });
});
