/** Mixing general rows in: how many, which ones, and that the run's own rows keep their numbers. */
import { describe, expect, it } from 'vitest';
import { joinRows, type RowStore } from '../../../../main/engine/data/tokens/token-store.ts';
import { chooseReplay, replayCount } from '../../../../main/engine/step/arrange-rows.ts';

describe('the number of replayed rows', () => {
  it.each([
    [90, 0.1, 10],
    [100, 0.5, 100],
    [540, 0.1, 60],
    [3, 0.1, 1],
    [100, 0, 0],
  ])('for %i rows and a share of %f: %i', (rows, share, wanted) => {
    expect(replayCount(rows, share)).toBe(wanted);
  });
});

describe('the choice', () => {
  it('takes each row once before any comes again', () => {
    const chosen = [...chooseReplay(7, 17, 1)];
    expect(new Set(chosen.slice(0, 7)).size).toBe(7);
    expect(new Set(chosen.slice(7, 14)).size).toBe(7);
    expect(chosen.slice(14).every((row) => row < 7)).toBe(true);
  });

  it('follows the seed', () => {
    expect(chooseReplay(100, 20, 5)).toEqual(chooseReplay(100, 20, 5));
    expect(chooseReplay(100, 20, 5)).not.toEqual(chooseReplay(100, 20, 6));
  });
});

function store(count: number, first: number): RowStore {
  const ids = (index: number) => Int32Array.of(first + index);
  return {
    count,
    lengths: Uint32Array.from({ length: count }, (_, i) => first + i),
    labelled: new Uint32Array(count).fill(1),
    row: async (index) => ({ ids: ids(index), trained: Uint8Array.of(1) }),
  };
}

describe('joined rows', () => {
  it('are those of the first store, then those of the second', async () => {
    const joined = joinRows(store(3, 10), store(2, 100));
    expect(joined.count).toBe(5);
    expect([...joined.lengths]).toEqual([10, 11, 12, 100, 101]);
    const read = await Promise.all([0, 1, 2, 3, 4].map((index) => joined.row(index)));
    expect(read.map(({ ids }) => ids[0])).toEqual([10, 11, 12, 100, 101]);
    expect(() => joined.row(5)).toThrow('row 5 of 5');
  });
});
