import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTokenStore } from '../../../../../main/engine/data/tokens/dataset.ts';
import type { RowSource } from '../../../../../main/engine/data/tokens/encode-work.ts';
import { RowSections } from '../../../../../main/engine/data/tokens/row-sections.ts';
import type { CompletionRow } from '../../../../../main/rows/schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-sections-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ROWS = 5000;
const lineOf = (i: number) =>
  JSON.stringify({ prompt: `Line ${i}`, completion: i < ROWS / 2 ? 'early' : 'late' });
const LINES = Array.from({ length: ROWS }, (_, i) => lineOf(i));
type ReadOptions = Parameters<typeof RowSections.read>[0];

async function read(lines: readonly string[], more: Partial<ReadOptions> = {}) {
  const file = join(folder, 'rows.jsonl');
  await writeFile(file, `${lines.join('\n')}\n`);
  const options: ReadOptions = {
    ...{ files: [file], folder, maxLength: 64, onBadRow: 'stop', seed: 1, heldOut: 100 },
    limits: { from: 0, bytes: 20_000, rows: 100 },
    ...more,
  };
  return { options, dealt: await RowSections.read(options) };
}

async function rowsOf(source: RowSource): Promise<{ prompt: string; completion: string; where: string }[]> {
  const found = [];
  for await (const { row, where } of source.rows()) found.push({ ...(row as CompletionRow), where });
  return found;
}

describe('rows dealt to sections', () => {
  it('come each once, with their line, and every section has its share of every part of a sorted file', async () => {
    const { dealt } = await read(LINES);
    expect(dealt.sections).toBeGreaterThan(8);
    const sections = [];
    for (let i = 0; i < dealt.sections; i++) sections.push(await rowsOf(dealt.section(i)));
    const heldOut = await rowsOf(dealt.heldOutRows());
    expect([heldOut.length, dealt.heldOut, dealt.trained]).toEqual([100, 100, ROWS - 100]);
    const all = [...sections.flat(), ...heldOut];
    expect(all.map(({ prompt }) => prompt).sort()).toEqual(LINES.map((_, i) => `Line ${i}`).sort());
    for (const { prompt, where } of all) expect(where).toContain(`:${Number(prompt.slice(5)) + 1}`);
    for (const section of sections) {
      expect(Math.abs(section.length / ((ROWS - 100) / dealt.sections) - 1)).toBeLessThan(0.1);
      const early = section.filter(({ completion }) => completion === 'early').length / section.length;
      expect(Math.abs(early - 0.5)).toBeLessThan(0.06);
    }
    await dealt.close();
  });

  it('are the same for the same seed, and others for another', async () => {
    const firstOf = async (seed: number) => {
      const { dealt } = await read(LINES, { seed });
      const rows = [await rowsOf(dealt.section(0)), await rowsOf(dealt.heldOutRows())];
      await dealt.close();
      return rows;
    };
    const [once, again, other] = [await firstOf(1), await firstOf(1), await firstOf(2)];
    expect(again).toEqual(once);
    expect(other![0]).not.toEqual(once![0]);
    expect(other![1]).not.toEqual(once![1]);
  });

  it('have the hash that they have where all are tokenised first, and leave no file', async () => {
    const { options, dealt } = await read(LINES);
    const store = await buildTokenStore({ ...options, encodeRow: () => ({ ids: [1, 2], labels: [1, 2] }) });
    expect(dealt.section(3).contentHash).toBe(store.contentHash);
    await store.close();
    await dealt.close();
    expect(await readdir(folder)).toEqual(['rows.jsonl']);
  });

  it('stay together where they are equal, and unconfirmed ones are not held out', async () => {
    const equal = LINES.map((_, i) => lineOf(i % 500));
    const { dealt } = await read(equal);
    const prompts = async (source: RowSource) => new Set((await rowsOf(source)).map(({ prompt }) => prompt));
    const held = await prompts(dealt.heldOutRows());
    expect(held.size).toBe(10);
    for (let i = 0; i < dealt.sections; i++)
      expect([...(await prompts(dealt.section(i)))].filter((prompt) => held.has(prompt))).toEqual([]);
    await dealt.close();
  });

  it('name the line of a broken one, or count it, and are one section where they are few', async () => {
    const broken = LINES.with(ROWS - 3, JSON.stringify({ prompt: 'No answer', completion: '' }));
    await expect(read(broken)).rejects.toThrow(`:${ROWS - 2}`);
    const { dealt } = await read(broken, {
      onBadRow: 'skip',
      limits: { from: 0, bytes: 20_000, rows: 4000 },
    });
    expect([dealt.sections, dealt.trained + dealt.heldOut]).toEqual([1, ROWS - 1]);
    expect(dealt.section(0).skippedRows).toBe(1);
    expect(dealt.section(0).skippedMessages![0]).toContain(`:${ROWS - 2}`);
    await dealt.close();
    expect(await readdir(folder)).toEqual(['rows.jsonl']);
  });
});
