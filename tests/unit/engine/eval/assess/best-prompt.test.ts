/** The search of a prompt by comparisons one after the other: what an earlier one found serves, unless there is much more time. */
import { afterAll, expect, it } from 'vitest';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Questions } from '../../../../../main/engine/eval/assess/asking.ts';
import { BaseCache, type Question } from '../../../../../main/engine/eval/assess/base-cache.ts';
import { lookForPrompt } from '../../../../../main/engine/eval/assess/best-prompt.ts';
import { Effort } from '../../../../../main/engine/eval/assess/budget.ts';
import type { Subject } from '../../../../../main/engine/eval/assess/subject.ts';
import { detectTask } from '../../../../../main/engine/eval/assess/task.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';
import { familyFolder } from '../../../../helpers/tokenizer-families.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const tokenizer = await loadTokenizer(familyFolder('gpt2'));

const rows = Array.from({ length: 32 }, (_, i) => ({
  ...{ turns: [{ role: 'user' as const, content: `What comes after ${i}?` }], answer: `${i + 1}` },
}));
const questions: Questions = {
  ...{ task: detectTask(rows.map(({ answer }) => answer)), rows, maxNewTokens: 8, decision: null },
  ...{ systemPrompt: '', found: null, prompts: { plain: [], system: [], prompt: [] }, missing: [] },
};
const prompts = ['Say a number.', 'Count on.', 'Guess.'].map((instructions) => ({
  ...{ instructions, examples: [] },
}));

/** A base model that answers rightly where it was told to count, after `delay` ms. */
function counting(cache: BaseCache, delay = 0) {
  let asked = 0;
  const answers = async (all: readonly Question[]) => {
    asked += all.length;
    await new Promise((resolve) => setTimeout(resolve, delay));
    const texts = all.map(({ prompt }) => {
      const said = tokenizer.decode([...prompt]);
      return said.startsWith('Count on.') ? `${Number(/after (\d+)/.exec(said)![1]) + 1}` : 'many';
    });
    return { texts, newTokens: 0 };
  };
  const subject = {
    ...{ ready: { tokenizer }, answers, release: async () => {} },
    kept: (...args: Parameters<BaseCache['get']>) => cache.get(...args),
  };
  const look = async (seconds: number) => {
    const effort = new Effort(1, () => {});
    const options = { learned: rows, seconds, perRow: 0, effort };
    const { found } = await lookForPrompt(
      questions,
      { prompts, rows },
      null,
      subject as unknown as Subject,
      options,
    );
    return found;
  };
  return { look, asked: () => asked };
}

it('uses what was found before, however much time either has', async () => {
  const cache = new BaseCache(folder, 'base');
  const first = counting(cache);
  expect(await first.look(1000)).toMatchObject({ instructions: 'Count on.', tried: 3, rows: 32 });
  expect(first.asked()).toBeGreaterThan(64);
  const later = counting(cache);
  for (const seconds of [1000, 50, 5000])
    expect(await later.look(seconds)).toMatchObject({ instructions: 'Count on.', rows: 32 });
  // no time to search, but what is known costs none
  expect(await later.look(0.1)).toMatchObject({ instructions: 'Count on.' });
  expect(later.asked()).toBe(0);
});

it('searches again where an earlier search had to end, and there is twice the time', async () => {
  const cache = new BaseCache(folder, 'slow base');
  expect(await counting(cache).look(0.1)).toBeNull();
  const hurried = counting(cache, 900);
  expect((await hurried.look(1))!.rows).toBeLessThan(32);
  const soon = counting(cache);
  await soon.look(1.9);
  expect(soon.asked()).toBe(0);
  expect(await soon.look(1000)).toMatchObject({ instructions: 'Count on.', rows: 32 });
});
