/** Rows that are kept whole and cut later are, at any limit, those that would have been stored with that limit. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTokenStore, type DatasetOptions } from '../../../../../main/engine/data/tokens/dataset.ts';
import { WholeRows } from '../../../../../main/engine/data/tokens/whole-rows.ts';
import type { TrainingRow } from '../../../../../main/rows/schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-whole-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

const codes = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

/** One id per character; completions are trained on, prompts are not. */
function encodeRow(row: TrainingRow) {
  if (row.kind === 'text') return { ids: codes(row.text), labels: codes(row.text) };
  if (row.kind !== 'completion') throw new Error('not in this test');
  const [prompt, completion] = [codes(row.prompt), codes(row.completion)];
  return { ids: [...prompt, ...completion], labels: [...prompt.map(() => -100), ...completion] };
}

async function options(lines: readonly unknown[], maxLength: number): Promise<DatasetOptions> {
  const file = join(folder, 'rows.jsonl');
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { files: [file], encodeRow, maxLength, onBadRow: 'skip', folder };
}

const LETTERS = 'the quick brown fox jumps over the lazy dog and comes back in the evening';
const ROWS: unknown[] = [
  ...Array.from({ length: 40 }, (_, i) => ({
    prompt: LETTERS.slice(0, 1 + ((7 * i) % 31)),
    completion: LETTERS.slice(i % 13, (i % 13) + 1 + ((5 * i) % 23)),
  })),
  { prompt: 'nothing to say', completion: '' },
  ...[3, 17, 18, 60].map((length) => ({ text: LETTERS.slice(0, length) })),
  { prompt: LETTERS, completion: 'far away' },
  { broken: true },
  { prompt: 'again', completion: 'again' },
  { prompt: 'again', completion: 'again' },
];

describe('rows that are kept whole', () => {
  it.each([2, 5, 16, 17, 18, 19, 33, 70, 500])(
    'are, cut at %i tokens, what is stored with that limit',
    async (maxLength) => {
      const asked = await options(ROWS, maxLength);
      const [stored, whole] = [await buildTokenStore(asked), await WholeRows.read(asked)];
      const cut = await whole.cutAt(maxLength);
      expect(cut.count).toBe(stored.count);
      expect(cut.lengths).toEqual(stored.lengths);
      expect(cut.labelled).toEqual(stored.labelled);
      expect(cut.hashes.toArray()).toEqual(stored.hashes.toArray());
      expect(cut.stats).toEqual(stored.stats);
      expect(whole.store.contentHash).toBe(stored.contentHash);
      expect(whole.store.profile).toEqual(stored.profile);
      await Promise.all([stored.close(), whole.close()]);
    },
  );

  it('fail at a limit as reading with it fails, and not at another one', async () => {
    const asked = await options([{ prompt: 'a long question', completion: 'x' }], 10);
    const whole = await WholeRows.read(asked);
    const failed = await buildTokenStore(asked).catch((error: Error) => error);
    expect(failed).toMatchObject({ code: 'no-rows' });
    await expect(whole.cutAt(10)).rejects.toMatchObject({ ...(failed as object) });
    expect((await whole.cutAt(20)).count).toBe(1);
    await whole.close();
  });

  it('name the limit that was asked for where no row has a label', async () => {
    const asked = await options([{ prompt: 'a', completion: '' }], 100);
    const failed = await buildTokenStore(asked).catch((error: Error) => error.message);
    await expect(WholeRows.read(asked)).rejects.toThrow(failed as string);
  });

  it('hold at most 5 bytes a row in memory', async () => {
    const count = 3000;
    const rows = Array.from({ length: count }, (_, i) => ({ prompt: LETTERS, completion: String(i) }));
    const whole = await WholeRows.read(await options(rows, 1000));
    expect(whole.bytes / count).toBeLessThan(5);
    await whole.close();
  });
});
