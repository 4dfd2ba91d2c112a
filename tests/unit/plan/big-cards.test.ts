/** The table of docs/memory.md for graphics cards: rows of it are what the planner says today. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cardRow, freeOn, TAKEN_MEBIBYTES } from '../../bench/big-cards.ts';

const TEXT = readFileSync(path.resolve(import.meta.dirname, '../../../docs/memory.md'), 'utf8');

describe('the table of cards', () => {
  it('says of a card what the planner says', async () => {
    expect(TEXT).toContain(await cardRow('llama-8b', 12, 'WebGPU'));
    expect(TEXT).toContain(await cardRow('mistral-7b', 8, 'WebGPU'));
  });

  it('is for what the probes find free on it', async () => {
    expect(await freeOn(12)).toBe((12288 - TAKEN_MEBIBYTES) * 2 ** 20);
  });
});
