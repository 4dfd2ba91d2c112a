/** The best prompt for the base model: found on training rows alone, in a share of the training's time, and kept for other comparisons. */
import { type Closed, promptedRights } from './allowed.ts';
import { type PromptChoice, type Questions, trimmedAnswer, withPrompt } from './asking.ts';
import { LEAST_PROMPT_SECONDS } from './budget.ts';
import { FIRST_ROWS, searchPrompt } from './prompt-search.ts';
import { type AskedRow, promptedIds, type WrittenPrompt } from './prompts.ts';
import { scoreOf } from './scores.ts';
import type { Subject } from './subject.ts';

interface SearchOptions {
  readonly learned: readonly AskedRow[];
  readonly seconds: number;
  /** Seconds that asking a row may take. */
  readonly perRow: number;
}

/** The questions with the best of the prompts; with the usual one where there is no time for two. */
export async function withBestPrompt(
  questions: Questions,
  { prompts, rows }: PromptChoice,
  closed: Closed | null,
  before: Subject,
  { learned, seconds, perRow }: SearchOptions,
): Promise<Questions> {
  const [usual, ...others] = prompts;
  if (!usual || others.length === 0 || rows.length < FIRST_ROWS || questions.rows.length === 0)
    return questions;
  if (seconds < Math.max(LEAST_PROMPT_SECONDS, 2 * FIRST_ROWS * perRow)) return questions;
  const scored = (prompt: WrittenPrompt, from: number, to: number) => {
    const some = rows.slice(from, to);
    return closed
      ? promptedRights(before, closed, some, prompt)
      : writtenScores(before, questions, some, prompt, learned);
  };
  const search = async () => {
    const { prompt, ...found } = await searchPrompt([usual, ...others], rows.length, scored, { seconds });
    return { ...found, place: prompts.indexOf(prompt) };
  };
  const asked = [prompts, rows, closed?.answers ?? questions.task.kind, seconds];
  const { place, ...found } = await before.kept('prompt', asked, search);
  await before.release();
  return withPrompt(questions, before.ready.tokenizer, { ...prompts[place]!, ...found });
}

/** How good what the base model writes to each of `rows` behind `prompt` is. */
async function writtenScores(
  before: Subject,
  { task, maxNewTokens, decision }: Questions,
  rows: readonly AskedRow[],
  prompt: WrittenPrompt,
  learned: readonly AskedRow[],
): Promise<number[]> {
  const { tokenizer } = before.ready;
  const showsSpecial = task.kind === 'calls';
  const questions = rows.map((row) => ({
    ...{ prompt: promptedIds(tokenizer, row, prompt), maxNewTokens, decision, showsSpecial },
  }));
  const { texts } = await before.answers(questions);
  return texts.map((text, i) => scoreOf(task, trimmedAnswer(text, tokenizer, learned), rows[i]!.answer));
}
