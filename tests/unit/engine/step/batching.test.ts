import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplesOf } from '../../../../main/engine/data/batches/pack.ts';
import type { TokenStore } from '../../../../main/engine/data/tokens/token-store.ts';
import { TokenStoreWriter } from '../../../../main/engine/data/tokens/token-writer.ts';
import { chooseRowShape, evaluationBatching } from '../../../../main/engine/step/arrange-rows.ts';
import { Batching } from '../../../../main/engine/step/batching.ts';
import { testRowsHash } from '../../../../main/engine/step/run-data.ts';
import { tinyModel } from '../../../helpers/graphs.ts';
import { seeded } from '../../../helpers/random.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
let store: TokenStore;

/** Rows of the given lengths; the last third of each is trained on, and row r is made of the id r. */
async function storeOf(lengths: readonly number[]): Promise<TokenStore> {
  const writer = await TokenStoreWriter.create(folder);
  for (const [row, length] of lengths.entries()) {
    const ids = Array(length).fill(row);
    const labels = ids.map((id, t) => (t > (2 * length) / 3 ? id : -100));
    await writer.add({ ids, labels });
  }
  return writer.finish({ contentHash: '', stats: {} as TokenStore['stats'] });
}

beforeAll(async () => {
  const random = seeded(3);
  store = await storeOf(Array.from({ length: 200 }, () => 10 + Math.floor(random() * 60)));
});
afterAll(async () => {
  await store.close();
  remove();
});

const allRows = () => Uint32Array.from({ length: store.count }, (_, i) => i);
const batchingOf = (more: object = {}) =>
  new Batching({
    store,
    rows: allRows(),
    rowLength: 128,
    rowsPerBatch: 3,
    pack: true,
    shuffle: true,
    seed: 1,
    ...more,
  });

describe('micro-batches in parts', () => {
  it.each([2, 3, 5])('have the same rows and labels in %i parts, and one shape for all', async (split) => {
    const [whole, parted] = [batchingOf(), batchingOf({ split })];
    expect(parted.batches(0)).toBe(whole.batches(0));
    expect(parted.plan(0)).toEqual(whole.plan(0));
    const { batch: rowsPerBatch, time, labels } = parted.shape(0);
    const { now, least } = parted.tokensAtOnce;
    expect(rowsPerBatch * time).toBe(now);
    expect(now).toBeLessThanOrEqual(Math.max(least, whole.tokensAtOnce.now / split));
    for (let index = 0; index < whole.batches(0); index++) {
      const expected = await whole.batch(0, index);
      const [first, end] = parted.partsOf(0, index, index + 1);
      let [labelledCount, realTokens] = [0, 0];
      const tokens: number[] = [];
      for (let part = first; part < end; part++) {
        const batch = await parted.batch(0, part);
        expect([batch.rowCount, batch.rowLength, batch.rows.length]).toEqual([rowsPerBatch, time, labels]);
        labelledCount += batch.labelledCount;
        realTokens += batch.realTokens;
        tokens.push(...batch.tokens.filter((_, i) => batch.segments[i]! >= 0));
      }
      expect([labelledCount, realTokens]).toEqual([expected.labelledCount, expected.realTokens]);
      const real = [...expected.tokens.filter((_, i) => expected.segments[i]! >= 0)];
      expect(tokens.sort((a, b) => a - b)).toEqual(real.sort((a, b) => a - b));
    }
    expect(parted.parts(0)).toBe(parted.partsOf(0, 0, parted.batches(0))[1]);
  });

  it('end where a row holds the longest sample', () => {
    const { now, least } = batchingOf({ split: 1000 }).tokensAtOnce;
    expect([now, least]).toEqual([96, 96]);
  });
});

describe('the micro-batches of an epoch', () => {
  it.each([true, false])('hold every row once (packed: %s)', async (pack) => {
    const batching = batchingOf({ pack });
    for (const epoch of [0, 1]) {
      const plan = batching.plan(epoch);
      const met: number[] = [];
      let [tokens, labelled] = [0, 0];
      for (let index = 0; index < plan.batches; index++) {
        const batch = await batching.batch(epoch, index);
        met.push(...samplesOf(plan, index));
        tokens += batch.realTokens;
        labelled += batch.labelledCount;
        expect(batch.rows).toHaveLength(batching.shape(epoch).labels);
        expect([...new Set(samplesOf(plan, index))].every((row) => batch.tokens.includes(row))).toBe(true);
      }
      expect(met.sort((a, b) => a - b)).toEqual([...allRows()]);
      expect(tokens).toBe(Array.from(store.lengths).reduce((a, b) => a + b));
      expect(labelled).toBe(Array.from(store.labelled).reduce((a, b) => a + b));
    }
  });

  it('come in another order in each epoch, and in the same one again', () => {
    const orders = [0, 1, 0].map((epoch) => [...batchingOf().plan(epoch).samples]);
    expect(orders[1]).not.toEqual(orders[0]);
    expect(orders[2]).toEqual(orders[0]);
    expect([...batchingOf({ seed: 2 }).plan(0).samples]).not.toEqual(orders[0]);
  });

  it('have room for the labels of the fullest of them, and little more', async () => {
    const batching = batchingOf();
    const counts = [];
    for (let index = 0; index < batching.plan(0).batches; index++)
      counts.push((await batching.batch(0, index)).labelledCount);
    const { labels, batch, time } = batching.shape(0);
    const most = Math.max(...counts);
    expect([batch, time]).toEqual([3, 128]);
    expect(labels).toBeGreaterThanOrEqual(most);
    expect(labels).toBeLessThan(most + 64);
    expect(labels % 64).toBe(0);
  });
});

describe('the shape of packed rows', () => {
  const choose = (pack: boolean, tokens: number, config: object = {}, weights = 1e5) =>
    chooseRowShape(
      tinyModel(config as never).model,
      weights,
      { store, rows: allRows(), pack, seed: 1 },
      tokens,
    );
  const longest = () => Math.max(...store.lengths);

  it('takes every row, and no more tokens than it may', () => {
    for (const tokens of [64, 128, 256, 1024]) {
      const { rowLength, rowsPerBatch } = choose(true, tokens);
      expect(rowLength).toBeGreaterThanOrEqual(longest());
      expect(rowLength * rowsPerBatch).toBeLessThanOrEqual(Math.max(tokens, rowLength));
      expect(rowsPerBatch).toBeGreaterThanOrEqual(1);
    }
  });

  it('is long where weights cost most, short where attention does', () => {
    const heavy = choose(true, 4096, {}, 1e9);
    const light = choose(true, 4096, {}, 1);
    expect(heavy.rowLength).toBeGreaterThan(light.rowLength);
    expect(light.rowLength).toBeLessThanOrEqual(2 * longest());
  });

  it('is the longest row, rounded up, where rows are not packed', () => {
    expect(choose(false, 1024).rowLength).toBe(Math.ceil(longest() / 32) * 32);
  });

  it('fits an evaluation of rows that are longer than those trained on', async () => {
    const long = await storeOf([20, 300, 40]);
    const batching = evaluationBatching(
      long,
      Uint32Array.of(0, 1, 2),
      { rowLength: 128, rowsPerBatch: 4 },
      { packing: true, seed: 1 },
      { attendsOnly: true, ropes: new Map() },
    );
    expect(batching.shape(0)).toMatchObject({ batch: 1, time: 300 });
    expect(batching.plan(0).tokens).toBe(360);
    await long.close();
  });
});

describe('testRowsHash', () => {
  // two words a row: rows 1 and 3 are equal
  const store = { hashes: Uint32Array.of(1, 2, 3, 4, 5, 6, 3, 4) };
  const of = (...rows: number[]) =>
    testRowsHash({ store, evalStore: null, heldOutRows: Uint32Array.from(rows) });

  it('is that of the rows, wherever they stand', () => {
    expect(of(0, 1)).toMatch(/^[0-9a-f]{64}$/);
    expect(of(0, 1)).toBe(of(0, 3));
    expect(of(0, 2, 1)).toBe(of(0, 1, 2));
    expect(new Set([of(0), of(1), of(2), of(0, 1), of(0, 2)]).size).toBe(5);
  });

  it('is that of a file of test rows, and nothing without rows', () => {
    const evalStore = { contentHash: 'the file' };
    expect(testRowsHash({ store, evalStore, heldOutRows: Uint32Array.of(0) })).toBe('the file');
    expect(of()).toBeUndefined();
  });
});
