import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenFacts, TokenStore } from '../../../../../main/engine/data/tokens/token-store.ts';
import { TokenStoreWriter } from '../../../../../main/engine/data/tokens/token-writer.ts';
import { Rng } from '../../../../../main/rows/rng.ts';

interface Row {
  ids: number[];
  labels: number[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

const facts = { contentHash: 'abc', stats: {} } as unknown as TokenFacts;

async function store(rows: readonly Row[]): Promise<TokenStore> {
  const writer = await TokenStoreWriter.create(folder);
  for (const row of rows) await writer.add(row);
  return writer.finish(facts);
}

function randomRows(rng: Rng, count: number, longest: number): Row[] {
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: 1 + rng.below(longest) }, () => rng.below(2 ** 29));
    return { ids, labels: ids.map((id) => (rng.below(3) === 0 ? id : -100)) };
  });
}

async function expectRow(from: TokenStore, index: number, { ids, labels }: Row): Promise<void> {
  const row = await from.row(index);
  expect([...row.ids]).toEqual(ids);
  expect([...row.trained]).toEqual(labels.map((label, t) => (t > 0 && label >= 0 ? 1 : 0)));
}

describe('TokenStore', () => {
  it('gives back every row, in any order and at once, with its lengths and counted labels', async () => {
    const rng = Rng.fromSeed(1);
    const rows = randomRows(rng, 1000, 300);
    const made = await store(rows);
    expect(made.count).toBe(1000);
    expect([...made.lengths]).toEqual(rows.map(({ ids }) => ids.length));
    expect([...made.labelled]).toEqual(
      rows.map(({ labels }) => labels.slice(1).filter((label) => label >= 0).length),
    );
    const order = rng.shuffle(Uint32Array.from(rows.keys()));
    await Promise.all([...order].map((index) => expectRow(made, index, rows[index]!)));
    await made.close();
  });

  it('reads rows that are longer than its buffers and more data than its cache holds', async () => {
    const rng = Rng.fromSeed(2);
    // 7.5 million tokens are 30 MB: twice the cache; the longest row is longer than the write buffer
    const rows = [...Array(15).keys()].map((i) => {
      const ids = Array.from({ length: 400_000 + i * 14_000 }, (_, t) => (t * 31 + i) % 50_000);
      return { ids, labels: ids.map((id, t) => (t % 7 === i % 7 ? id : -100)) };
    });
    const made = await store(rows);
    for (let trial = 0; trial < 20; trial++) {
      const index = rng.below(rows.length);
      const { ids, trained } = await made.row(index);
      expect(
        Buffer.compare(Buffer.from(ids.buffer), Buffer.from(Int32Array.from(rows[index]!.ids).buffer)),
      ).toBe(0);
      expect(trained.reduce((sum, bit) => sum + bit, 0)).toBe(made.labelled[index]);
    }
    await made.close();
  });

  it('gives arrays that the caller may change', async () => {
    const made = await store([{ ids: [1, 2, 3], labels: [1, 2, 3] }]);
    (await made.row(0)).ids.fill(9);
    expect([...(await made.row(0)).ids]).toEqual([1, 2, 3]);
    await made.close();
  });

  it('has equal hashes for rows with equal tokens and counted labels, and other hashes for all others', async () => {
    const made = await store([
      { ids: [1, 2, 3], labels: [-100, 2, 3] },
      { ids: [1, 2, 3], labels: [1, 2, 3] },
      { ids: [1, 2, 3], labels: [-100, -100, 3] },
      { ids: [1, 2, 4], labels: [-100, 2, 4] },
      { ids: [1, 2], labels: [-100, 2] },
    ]);
    const hashes = Array.from(
      { length: 5 },
      (_, row) => `${made.hashes.at(2 * row)} ${made.hashes.at(2 * row + 1)}`,
    );
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(4);
    await made.close();
  });

  it('leaves no file behind, neither when closed nor when abandoned', async () => {
    const made = await store([{ ids: [1, 2], labels: [1, 2] }]);
    await made.row(0);
    await made.close();
    const writer = await TokenStoreWriter.create(folder);
    await writer.add({ ids: [1, 2], labels: [1, 2] });
    await writer.abandon();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses rows outside the store and tokens that are none', async () => {
    const made = await store([{ ids: [1, 2], labels: [1, 2] }]);
    await expect(made.row(1)).rejects.toThrow('internal: row 1 of 1');
    await expect(made.row(-1)).rejects.toThrow('internal: row -1 of 1');
    await made.close();
    const writer = await TokenStoreWriter.create(folder);
    await expect(writer.add({ ids: [1, -2], labels: [1, 2] })).rejects.toThrow('internal: token id -2');
    await expect(writer.add({ ids: [1], labels: [1, 2] })).rejects.toThrow('internal: 1 ids with 2 labels');
    await expect(writer.add({ ids: [], labels: [] })).rejects.toThrow('internal:');
    await writer.abandon();
  });

  it('says so where the folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await expect(TokenStoreWriter.create(join(file, 'below'))).rejects.toMatchObject({
      code: 'path-unusable',
    });
    await rm(file);
  });
});
