/** Parquet whose footer or pages say what no writer says: refused before the library believes it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLooseRows } from '../../../../main/rows/read-rows.ts';
import { type Element, growingParquet, parquet, varint, withFooter } from '../../../helpers/parquet.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

async function rowsOf(bytes: Uint8Array): Promise<number> {
  const file = path.join(folder, 'rows.parquet');
  writeFileSync(file, bytes);
  let rows = 0;
  for await (const _ of readLooseRows([file])) rows++;
  return rows;
}

const TABLE = { prompt: ['a', 'b', 'c'], completion: ['x', 'y', 'z'] };
const damaged = { code: 'data-damaged', message: expect.stringContaining('list of columns') };

describe('a file', () => {
  it('that is sound is read', async () => {
    expect(await rowsOf(parquet(TABLE))).toBe(3);
    expect(await rowsOf(growingParquet(300))).toBe(300);
  });

  const change = (at: number, below: number) => (schema: Element[]) =>
    schema.map((element, i) => (i === at ? { ...element, below } : element));

  it.each([
    ['a column says that fewer than none come below it', change(1, -1)],
    ['the root says so', change(0, -1)],
    ['more columns are said to be there than are', change(0, 3)],
    ['fewer columns are said to be there than are', change(0, 1)],
    [
      'columns lie too deep in each other',
      (schema: Element[]) => [
        ...Array.from({ length: 100 }, () => ({ name: 'deep', below: 1 })),
        ...schema.slice(1, 2),
      ],
    ],
  ])('is refused where %s', async (_, schema) => {
    await expect(rowsOf(parquet(TABLE, schema))).rejects.toMatchObject(damaged);
  });

  it('is refused where lists in its footer are longer than it', async () => {
    // lists of lists, each of which says that it has a hundred million items
    const list = [0xf9, ...varint(1e8)];
    const footer = Buffer.from([0x19, ...Array.from({ length: 30 }, () => list).flat(), 0]);
    await expect(rowsOf(withFooter(Buffer.alloc(16), footer))).rejects.toMatchObject(damaged);
    const endless = Buffer.from([0x16, ...Array.from({ length: 500_000 }, () => 0x80), 0, 0]);
    await expect(rowsOf(withFooter(Buffer.alloc(16), endless))).rejects.toMatchObject(damaged);
  });
});
