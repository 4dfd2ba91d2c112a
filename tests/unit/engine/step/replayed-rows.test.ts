/** Mixing general rows in: how many, which ones, and that the run's own rows keep their numbers. */
import { describe, expect, it } from 'vitest';
import { joinRows, type RowStore } from '../../../../main/engine/data/tokens/token-store.ts';
import type { OpenedModel } from '../../../../main/engine/load/open-model.ts';
import { arrangeRows, chooseReplay, replayCount } from '../../../../main/engine/step/arrange-rows.ts';

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
  const all = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);

  it('takes each row once before any comes again, also over epochs', () => {
    const chosen = [...chooseReplay(all(7), 17, 1)];
    const inEpochs = Array.from({ length: 6 }, (_, epoch) => [...chooseReplay(all(7), 3, 1, epoch)]);
    expect(inEpochs.flat().slice(0, 17)).toEqual(chosen);
    expect(new Set(chosen.slice(0, 7)).size).toBe(7);
    expect(new Set(chosen.slice(7, 14)).size).toBe(7);
    expect(chosen.slice(14).every((row) => row < 7)).toBe(true);
  });

  it('follows the seed', () => {
    expect(chooseReplay(all(100), 20, 5)).toEqual(chooseReplay(all(100), 20, 5));
    expect(chooseReplay(all(100), 20, 5)).not.toEqual(chooseReplay(all(100), 20, 6));
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

describe('an epoch', () => {
  const model = { layers: 2, heads: 2, headDim: 8, maxPositions: 256, attendsOnly: true, ropes: true };
  const opened = { model, outline: { parameterCount: 1e6 } } as unknown as OpenedModel;
  const own = { ...store(40, 20), hashes: Array.from({ length: 40 }, (_, i) => Uint32Array.of(i)) };
  const general = (keepActivations?: true) => {
    const settings = {
      ...{ tokensPerMicroBatch: 128, splitMicroBatch: 1, packing: true, heldOut: 0, seed: 1, replay: 0.1 },
      ...(keepActivations && { keepActivations }),
    };
    const { training, replayedRows } = arrangeRows(settings, opened, {
      store: own,
      evalStore: null,
      // the longest of them are longer than all others
      replayStore: store(80, 8),
    });
    return Array.from({ length: 8 }, (_, epoch) => {
      const batches = Array.from({ length: training.parts(epoch) }, (_, part) =>
        training.places(epoch, part),
      );
      const rows = batches.flat().map(({ sample }) => sample);
      expect(rows.filter((row) => row < 40)).toHaveLength(40);
      const mixedIn = rows.filter((row) => row >= 40).sort((a, b) => a - b);
      expect(mixedIn).toHaveLength(replayedRows);
      return mixedIn;
    });
  };

  it('has general rows of its own, which fit into what the first one has room for', () => {
    const epochs = general();
    expect(new Set(epochs.flat()).size).toBeGreaterThan(epochs.flat().length / 2);
    expect(epochs[1]).not.toEqual(epochs[0]);
    expect(general()).toEqual(epochs);
  });

  it('has those of the first one where what frozen layers put out is kept for them', () => {
    const [first, ...others] = general(true);
    for (const one of others) expect(one).toEqual(first);
  });
});
