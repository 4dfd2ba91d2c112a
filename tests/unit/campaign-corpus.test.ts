/** Files and messages that once made a reader fail: each is read, or refused in words. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tried } from '../campaign/fuzz/reader.ts';
import { CORPUS, corpusOf, READERS } from '../campaign/fuzz/readers.ts';

const kept = READERS.map((reader) => ({ reader, name: reader.name, cases: corpusOf(reader) })).filter(
  ({ cases }) => cases.length > 0,
);

describe.each(kept)('$name', ({ reader, cases }) => {
  it(`takes its ${cases.length} kept cases`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fettle-corpus-'));
    const { read, close } = await reader.open(folder);
    try {
      for (const { file, seed, bytes } of cases)
        expect([file, (await tried(() => read(bytes, seed))).failure]).toEqual([file, null]);
    } finally {
      await close?.();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('keeps cases for readers that there are', () => {
  expect(CORPUS).toContain('corpus');
  expect(new Set(READERS.map(({ name }) => name)).size).toBe(READERS.length);
});
