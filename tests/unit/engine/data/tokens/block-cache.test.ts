import type { FileHandle } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { BlockCache } from '../../../../../main/engine/data/tokens/token-store.ts';

const BLOCK = 64 * 1024;

/** A file of `size` bytes with byte i = i mod 251, which counts its reads and gives at most `most` bytes at once. */
function countedFile(size: number, most = Number.POSITIVE_INFINITY) {
  const counts = { reads: 0 };
  const read = async (buffer: Buffer, offset: number, length: number, position: number) => {
    counts.reads++;
    const bytesRead = Math.max(0, Math.min(length, most, size - position));
    for (let i = 0; i < bytesRead; i++) buffer[offset + i] = (position + i) % 251;
    return { bytesRead, buffer };
  };
  return { counts, file: { read } as unknown as FileHandle };
}

const expected = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => (start + i) % 251);

describe('BlockCache', () => {
  it('reads ranges inside, at the borders of and across blocks, also where the file gives few bytes at once', async () => {
    const { file } = countedFile(3 * BLOCK + 100, 10_000);
    const cache = new BlockCache(file);
    for (const [start, end] of [
      [0, 4],
      [BLOCK - 4, BLOCK],
      [BLOCK, BLOCK + 4],
      [BLOCK - 2, BLOCK + 2],
      [10, 2 * BLOCK + 10],
      [3 * BLOCK + 96, 3 * BLOCK + 100],
    ] as const) {
      expect([...(await cache.read(start, end))]).toEqual(expected(start, end));
    }
  });

  it('reads a block once for many requests, also for those that come at the same time', async () => {
    const { counts, file } = countedFile(BLOCK);
    const cache = new BlockCache(file);
    await Promise.all([cache.read(0, 4), cache.read(4, 8), cache.read(100, 200)]);
    await cache.read(8, 12);
    expect(counts.reads).toBeLessThanOrEqual(2);
  });

  it('keeps at most 16 MiB and lets go of what was not used for longest', async () => {
    const { counts, file } = countedFile(300 * BLOCK);
    const cache = new BlockCache(file);
    const touch = async (block: number): Promise<boolean> => {
      const before = counts.reads;
      await cache.read(block * BLOCK, block * BLOCK + 4);
      return counts.reads > before;
    };
    for (let block = 0; block < 256; block++) await touch(block);
    expect(await touch(0)).toBe(false);
    expect(await touch(256)).toBe(true);
    expect(await touch(0)).toBe(false);
    expect(await touch(1)).toBe(true);
  });

  it('reports a file that ends too early as a bug', async () => {
    const { file } = countedFile(100);
    await expect(new BlockCache(file).read(90, 110)).rejects.toThrow(
      'internal: token file ends 10 bytes early',
    );
  });

  it('tries again after a failed read', async () => {
    const { file } = countedFile(100);
    const works = file.read;
    const failing = Object.assign(file, { read: () => Promise.reject(new Error('EIO')) });
    const cache = new BlockCache(failing);
    await expect(cache.read(0, 4)).rejects.toThrow('EIO');
    failing.read = works as never;
    expect([...(await cache.read(0, 4))]).toEqual([0, 1, 2, 3]);
  });
});
