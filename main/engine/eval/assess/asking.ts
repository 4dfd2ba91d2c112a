/** Held-out questions to the base model, plain and with a prompt that helps, and to the trained one. */

import type { AnsweredRow, AnswerFigures, Variant } from '../../../../common/protocol/protocol.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { withoutThinking } from '../../data/tokens/conversation.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { Question } from './base-cache.ts';
import {
  type AskedRow,
  type Candidate,
  chooseExamples,
  instructedPrompt,
  instructionsFor,
  plainPrompt,
  shownByExamples,
  shownPrompt,
} from './prompts.ts';
import {
  confusionOf,
  type Decision,
  decidingScore,
  eitherOf,
  FIRST_PARAGRAPH,
  rowDecision,
  scoreOf,
  variantScores,
} from './scores.ts';
import type { Slots } from './slots.ts';
import type { Task } from './task.ts';

/** Everything that can be asked, before it is decided how much of it is. */
export interface Questions {
  readonly task: Task;
  readonly rows: readonly AskedRow[];
  readonly maxNewTokens: number;
  readonly decision: Decision | null;
  readonly systemPrompt: string;
  readonly examples: readonly AskedRow[];
  /** Prompts of the rows; the trained model and the base model get the same. */
  readonly prompts: Readonly<Record<'plain' | 'system' | 'examples', readonly (readonly number[])[]>>;
  /** Why a baseline is missing, and what was left out. */
  readonly missing: readonly string[];
}

const LONGEST_ANSWER = 512;
/** Of one with the thinking before it. */
const LONGEST_THINKING = 2048;
/** Rows are left out for a baseline's sake only where they are few. */
const NEARLY_ALL = 0.9;
/** Tokens that a chat template puts around a turn, at most. */
const TURN_TOKENS = 16;

/** Prepares the questions: training rows, `learned`, give examples, instructions and the kind of task. */
export function prepareQuestions(
  task: Task,
  asked: readonly AskedRow[],
  learned: readonly AskedRow[],
  { tokenizer, maxPositions, seed }: { tokenizer: Tokenizer; maxPositions: number; seed: number },
): Questions {
  const tokensOf = (text: string) => tokenizer.encode(text).length;
  const systemPrompt = instructionsFor(
    task,
    learned.map(({ answer }) => answer),
  );
  const longest = Math.max(1, ...asked.map(({ answer, thinking = '' }) => tokensOf(thinking + answer)));
  const thinks = asked.some(({ thinking }) => thinking !== undefined);
  const most = thinks ? LONGEST_THINKING : LONGEST_ANSWER;
  const maxNewTokens = Math.min(most, Math.ceil(maxPositions / 2), Math.ceil(1.25 * longest) + 8);
  const fits = (ids: readonly number[]) => ids.length + maxNewTokens <= maxPositions;
  const instructed = (row: AskedRow) => instructedPrompt(tokenizer, row, systemPrompt);
  const readable = asked.filter((row) => fits(plainPrompt(tokenizer, row)));
  const roomy = readable.filter((row) => fits(instructed(row)));
  const hasInstructions = systemPrompt !== '' && roomy.length >= NEARLY_ALL * readable.length;
  const rows = hasInstructions ? roomy : readable;
  const missing: string[] = [];
  if (rows.length < asked.length)
    missing.push(
      say`${plural(asked.length - rows.length, 'test row')} not asked: longer than the model can read.`,
    );
  if (!hasInstructions) missing.push(say`The instructions don't fit in the prompt.`);
  const plain = rows.map((row) => plainPrompt(tokenizer, row));
  const room = maxPositions - maxNewTokens - TURN_TOKENS - Math.max(0, ...plain.map((ids) => ids.length));
  const candidates: Candidate[] = learned.map((row) => ({
    row,
    tokens: plainPrompt(tokenizer, row).length + tokensOf(row.answer) + TURN_TOKENS,
  }));
  // an example's call would stand there without its result
  const showsExamples = task.kind !== 'calls';
  const examples = showsExamples ? chooseExamples(task, candidates, room, seed) : [];
  if (showsExamples && examples.length === 0) missing.push(say`No example fits in the prompt.`);
  return {
    task,
    rows,
    maxNewTokens,
    decision: eitherOf([rowDecision(task), endsAtParagraph(tokenizer, learned) ? FIRST_PARAGRAPH : null]),
    systemPrompt,
    examples,
    missing,
    prompts: {
      plain,
      system: hasInstructions ? rows.map(instructed) : [],
      examples: examples.length === 0 ? [] : rows.map((row) => shownByExamples(tokenizer, row, examples)),
    },
  };
}

/** The rows from one to another with one kind of prompt. */
export function questionsFor(
  { prompts, maxNewTokens, decision, task }: Questions,
  kind: keyof Questions['prompts'],
  from: number,
  to: number,
): Question[] {
  const showsSpecial = task.kind === 'calls';
  return prompts[kind].slice(from, to).map((prompt) => ({ prompt, maxNewTokens, decision, showsSpecial }));
}

/**
 * An answer as it is judged, without what was thought before it. Without a chat template no model knows where it ends: the first empty line does,
 * unless wanted answers have some.
 */
export function trimmedAnswer(text: string, tokenizer: Tokenizer, learned: readonly AskedRow[]): string {
  const answer = withoutThinking(text);
  if (!endsAtParagraph(tokenizer, learned)) return answer.trim();
  return (answer.trimStart().split(/\n\s*\n/u)[0] ?? '').trim();
}

function endsAtParagraph(tokenizer: Tokenizer, learned: readonly AskedRow[]): boolean {
  return tokenizer.chat === null && !learned.some(({ answer }) => answer.trim().includes('\n\n'));
}

/** The figures of all variants; `said` has the answers to the first rows, in their order, `slots` those of sentences made from attributes. */
export function answerFigures(
  questions: Questions,
  said: Readonly<Record<Variant, readonly string[]>>,
  slots: Slots | null,
  seed: number,
): AnswerFigures {
  const { task, rows } = questions;
  const wanted = rows.map(({ answer }) => answer);
  const prompts = rows.map(shownPrompt);
  const present = (['before', 'system', 'examples', 'after'] as const).filter(
    (variant) => said[variant].length > 0,
  );
  const variants = present.map((variant) => {
    const count = said[variant].length;
    const first = (all: readonly string[]) => all.slice(0, count);
    const given = {
      ...{ said: said[variant], wanted: first(wanted), prompts: first(prompts), after: first(said.after) },
    };
    return variantScores(task, variant, given, slots, seed);
  });
  const asked = said.after.length;
  const before = confusionOf(task, said.before, wanted.slice(0, said.before.length));
  const after = confusionOf(task, said.after, wanted.slice(0, asked));
  return {
    rows: asked,
    score: decidingScore(task),
    variants,
    missing: questions.missing,
    confusion: before && after ? { before, after } : null,
    systemPrompt: questions.systemPrompt,
    examples: questions.examples.length,
    maxNewTokens: questions.maxNewTokens,
    answered: rows.slice(0, asked).map((row, i) => answeredRow(task, row, i, said)),
  };
}

function answeredRow(
  task: Task,
  row: AskedRow,
  index: number,
  said: Readonly<Record<Variant, readonly string[]>>,
): AnsweredRow {
  const given = Object.entries(said).filter(([, texts]) => index < texts.length);
  return {
    prompt: shownPrompt(row),
    wanted: row.answer,
    answers: Object.fromEntries(given.map(([variant, texts]) => [variant, texts[index]!])),
    scores: Object.fromEntries(
      given.map(([variant, texts]) => [variant, scoreOf(task, texts[index]!, row.answer)]),
    ),
  };
}
