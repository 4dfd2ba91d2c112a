import { describe, expect, it } from 'vitest';
import { searchPrompt } from '../../../../../main/engine/eval/assess/prompt-search.ts';

const PROMPTS = ['usual', 'poor', 'good', 'lucky', 'bad'] as const;
/** By prompt how good each of 64 rows is: the lucky one at the first eight alone. */
const QUALITY: Readonly<Record<(typeof PROMPTS)[number], (row: number) => number>> = {
  usual: () => 0.5,
  poor: () => 0.2,
  good: () => 0.8,
  lucky: (row) => (row < 8 ? 1 : 0),
  bad: () => 0,
};

/** A search whose every row takes a tenth of a second, and the first call ten seconds more. */
function search(seconds: number, rows = 64, prompts: readonly [string, ...string[]] = [...PROMPTS]) {
  let clock = 0;
  const asked: [string, number, number][] = [];
  const score = async (prompt: string, from: number, to: number) => {
    clock += (asked.length === 0 ? 10 : 0) + 0.1 * (to - from);
    asked.push([prompt, from, to]);
    return Array.from({ length: to - from }, (_, i) => QUALITY[prompt as 'usual'](from + i));
  };
  const found = searchPrompt(prompts, rows, score, { seconds, now: () => clock });
  return found.then((one) => ({ ...one, asked, clock }));
}

describe('the search of a prompt', () => {
  it('finds the best, however lucky another was at first, and asks the worse ones few rows', async () => {
    const { prompt, tried, rows, asked } = await search(1000);
    expect([prompt, tried, rows]).toEqual(['good', 5, 64]);
    const askedOf = (name: string) =>
      Math.max(...asked.filter(([one]) => one === name).map(([, , to]) => to));
    expect(PROMPTS.map(askedOf)).toEqual([64, 8, 64, 16, 8]);
  });

  it('keeps the usual one where none is better', async () => {
    expect((await search(1000, 64, ['usual', 'poor', 'bad'])).prompt).toBe('usual');
    expect((await search(1000, 64, ['good', 'usual', 'lucky'])).prompt).toBe('good');
    // as good is not better
    expect((await search(1000, 64, ['usual', 'poor', 'usual'])).prompt).toBe('usual');
  });

  it('stops at its time, by what was compared on the same rows', async () => {
    for (const seconds of [1, 11, 26, 28, 30, 33]) {
      const { prompt, clock, rows } = await search(seconds);
      // no more than the first call, which has to compile, and one other
      expect(clock).toBeLessThanOrEqual(Math.max(seconds, 10.8) + 6.4);
      if (rows > 8) expect(prompt).not.toBe('lucky');
    }
    expect(await search(5)).toMatchObject({ prompt: 'usual', tried: 1 });
  });

  it('needs no more rows than there are', async () => {
    expect(await search(1000, 5)).toMatchObject({ prompt: 'lucky', rows: 5 });
  });

  it('ends with the reason where it is stopped', async () => {
    const stopped = searchPrompt(['a', 'b'], 8, () => Promise.reject(new Error('stopped')), { seconds: 9 });
    await expect(stopped).rejects.toThrow('stopped');
  });
});
