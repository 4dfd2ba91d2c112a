/** The best prompt for the base model: found on training rows alone, in a share of the training's time, and kept for other comparisons. */
import { say } from '../../../../common/words/language.ts';
import { type Closed, promptedRights } from './allowed.ts';
import { type PromptChoice, type Questions, trimmedAnswer, withPrompt } from './asking.ts';
import { type Effort, LEAST_PROMPT_SECONDS } from './budget.ts';
import { FIRST_ROWS, type PromptWinner, searchPrompt } from './prompt-search.ts';
import { type AskedRow, answeredText, promptedIds, type WrittenPrompt } from './prompts.ts';
import { scoreOf } from './scores.ts';
import type { Subject } from './subject.ts';

interface SearchOptions {
  readonly learned: readonly AskedRow[];
  readonly seconds: number;
  /** Seconds that asking a row may take. */
  readonly perRow: number;
  readonly effort: Effort;
}

/** What a search found, the prompt by its place among those that were to be tried. */
interface Kept extends Omit<PromptWinner<unknown>, 'prompt'> {
  readonly place: number;
  /** The seconds that it had. */
  readonly given: number;
}

/** Prompts that there must be time for in the first round: fewer are no search. */
const FEWEST_PROMPTS = 4;

/** A search is made again where there is so many times as much time as it had, and it was not at its end. */
const WORTH_AGAIN = 2;

/** The questions with the best of the prompts; with the usual one where there is no time for a search. */
export async function lookForPrompt(
  questions: Questions,
  { prompts, rows }: PromptChoice,
  closed: Pick<Closed, 'answers' | 'tokens'> | null,
  before: Subject,
  { learned, seconds, perRow, effort }: SearchOptions,
): Promise<Questions> {
  const [usual, ...others] = prompts;
  if (!usual || others.length === 0 || rows.length < FIRST_ROWS || questions.rows.length === 0)
    return questions;
  const hasTime = seconds >= Math.max(LEAST_PROMPT_SECONDS, FEWEST_PROMPTS * FIRST_ROWS * perRow);
  const scored = async (prompt: WrittenPrompt, from: number, to: number) => {
    const some = rows.slice(from, to);
    return closed
      ? await promptedRights(before, closed, some, prompt)
      : await writtenScores(before, questions, some, prompt, learned);
  };
  const search = async (): Promise<Kept | null> => {
    if (!hasTime) return null;
    const { prompt, ...found } = await searchPrompt([usual, ...others], rows.length, scored, { seconds });
    return { ...found, place: prompts.indexOf(prompt), given: seconds };
  };
  const serves = ({ given, rows: compared }: Kept) =>
    !hasTime || compared === rows.length || seconds < WORTH_AGAIN * given;
  const asked = [prompts, rows, closed?.answers ?? questions.task.kind];
  const found = await effort.part(say`Looking for a good prompt`, 0, () =>
    before.kept('prompt', asked, search, serves),
  );
  await before.release();
  if (found === null) return questions;
  const { place, given: _, ...facts } = found;
  return withPrompt(questions, before.ready.tokenizer, { ...prompts[place]!, ...facts });
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
    prompt: promptedIds(tokenizer, row, prompt),
    maxNewTokens,
    decision,
    showsSpecial,
  }));
  const { texts } = await before.answers(questions);
  return texts.map((text, i) =>
    scoreOf(task, trimmedAnswer(text, tokenizer, learned), answeredText(rows[i]!)),
  );
}
