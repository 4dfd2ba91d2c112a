/** How many answers are written, and to what, where allowed answers decide and where they don't. */
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Questions } from '../../../../../main/engine/eval/assess/asking.ts';
import type { Question } from '../../../../../main/engine/eval/assess/base-cache.ts';
import { type Amounts, costsOf, Effort } from '../../../../../main/engine/eval/assess/budget.ts';
import type { Subject } from '../../../../../main/engine/eval/assess/subject.ts';
import { detectTask } from '../../../../../main/engine/eval/assess/task.ts';
import { WrittenAnswers } from '../../../../../main/engine/eval/assess/written.ts';
import { familyFolder } from '../../../../helpers/tokenizer-families.ts';

const tokenizer = await loadTokenizer(familyFolder('gpt2'));
const ROWS = 120;
const rows = Array.from({ length: ROWS }, (_, i) => ({
  ...{ turns: [{ role: 'user' as const, content: `message ${i}` }], answer: ['blue', 'red'][i % 2]! },
}));
const PLAIN = [1];
const SYSTEM = [2, 2];
const PROMPT = [3, 3, 3];
const questions: Questions = {
  ...{ task: detectTask(rows.map(({ answer }) => answer)), rows, maxNewTokens: 8, decision: null },
  ...{ systemPrompt: 'Sort.', found: null, missing: [] },
  prompts: {
    ...{ plain: rows.map(() => PLAIN), system: rows.map(() => SYSTEM), prompt: rows.map(() => PROMPT) },
  },
};

/** Of what kinds and how many questions each model was asked. */
async function asked(
  closedRows: number,
  budgetSeconds: number | null,
  exactly = false,
  says = { before: 'blue', after: 'blue' },
) {
  const counts = { before: [0, 0, 0], after: [0, 0, 0] };
  const subject = (who: keyof typeof counts) => ({
    ...{ ready: { tokenizer, opened: { model: { maxPositions: 512 } } }, release: async () => {} },
    answers: async (all: readonly Question[]) => {
      for (const { prompt } of all) counts[who][prompt.length - 1]!++;
      return { texts: all.map(() => says[who]), newTokens: all.length };
    },
  });
  const written = new WrittenAnswers(questions, {
    ...{ before: subject('before') as unknown as Subject, after: subject('after') as unknown as Subject },
    ...{
      learned: rows,
      seed: 1,
      exactly,
      budgetSeconds,
      spentSeconds: () => 0,
      effort: new Effort(1, () => {}),
    },
  });
  const most: Amounts = {
    ...{ rows: ROWS, closedRows, baselineRows: exactly ? ROWS : 100, quizItems: 0, passages: 0 },
  };
  const general = { quiz: [], passages: [] };
  const closedTokens = closedRows > 0 ? 10 : 0;
  const isQuick = budgetSeconds !== null;
  const expected = costsOf(questions, general, { newTokens: 4, closedTokens, isQuick });
  const decided = await written.decide(general, most, expected, closedTokens);
  const { said } = await written.askTrained(decided, []);
  await written.askBase(decided, [], said);
  return { ...counts, said: said.length, note: decided.note };
}

describe('answers beside allowed ones', () => {
  it('are few in a quick comparison, and no prompt is asked: allowed answers tell more of it', async () => {
    const quick = await asked(ROWS, 1e6);
    expect(quick).toEqual({ before: [20, 0, 0], after: [20, 0, 0], said: 20, note: null });
  });

  it('are a hundred in a thorough one, and all where rows are named', async () => {
    expect(await asked(ROWS, null)).toMatchObject({ before: [100, 0, 0], after: [100, 0, 0] });
    expect(await asked(ROWS, null, true)).toMatchObject({ before: [ROWS, 0, 0], after: [ROWS, 0, 0] });
  });
});

it('answers that decide are written to as many rows as time allows, and behind the best prompt', async () => {
  const { before, after } = await asked(0, 1e6);
  expect(after[0]).toBeGreaterThanOrEqual(100);
  expect(before).toEqual([after[0], 0, 100]);
  expect(await asked(0, 0)).toMatchObject({ before: [30, 0, 20], note: expect.stringContaining('30 of') });
  // instructions alone are asked where there is time
  expect(await asked(0, null)).toMatchObject({ before: [ROWS, 100, 100] });
});

it('twenty answers of the base model are enough where the trained one is better beyond doubt', async () => {
  // half of the wanted answers are blue: ten of twenty more are right
  const half = { before: 'neither', after: 'blue' };
  expect(await asked(0, 0, false, half)).toMatchObject({ before: [20, 0, 20] });
  expect(await asked(0, 0, false, { before: 'red', after: 'blue' })).toMatchObject({ before: [30, 0, 20] });
  expect(await asked(0, null, true, half)).toMatchObject({ before: [ROWS, ROWS, ROWS] });
});

it('reading a row with its allowed answers is all that a prompt costs there', () => {
  const general = { quiz: [], passages: [] };
  const costs = (closedTokens: number, isQuick: boolean) =>
    costsOf(questions, general, { newTokens: 4, closedTokens, isQuick }).baselines;
  expect([costs(10, true), costs(10, false)]).toEqual([1 + 10, 1 + 10]);
  expect(costs(0, false)).toBe(2 + 4 * 8 + 1 + 4 * 8);
  expect(costs(0, true)).toBe(1 + 4 * 8);
});
