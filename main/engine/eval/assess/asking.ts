/** Held-out questions to the base model, plain and with a prompt that helps, and to the trained one. */

import type { AnsweredRow, AnswerFigures, Variant } from '../../../../common/protocol/protocol.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { withoutThinking } from '../../data/tokens/conversation.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { Question } from './base-cache.ts';
import { type Candidate, instructionsFor, promptCandidates } from './prompt-candidates.ts';
import {
  type AskedRow,
  answeredText,
  plainPrompt,
  promptedIds,
  shownPrompt,
  type WrittenPrompt,
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

/** Those that are asked; earlier comparisons also asked with the usual examples. */
export type AskedVariant = Exclude<Variant, 'examples'>;

/** Everything that can be asked, before it is decided how much of it is. */
export interface Questions {
  readonly task: Task;
  readonly rows: readonly AskedRow[];
  readonly maxNewTokens: number;
  readonly decision: Decision | null;
  readonly systemPrompt: string;
  /** The best prompt that is known, and how it was found; null where none fits. */
  readonly found: FoundPrompt | null;
  /** Prompts of the rows; the trained model and the base model get the same. */
  readonly prompts: Readonly<Record<'plain' | 'system' | 'prompt', readonly (readonly number[])[]>>;
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
/** Training rows that prompts are chosen by, at most. */
const MOST_CHOSEN_BY = 64;

/** A prompt, of so many that were tried on so many training rows. */
export interface FoundPrompt extends WrittenPrompt {
  readonly tried: number;
  readonly rows: number;
  readonly seconds: number;
}

/** Prompts to choose from, the usual one first, and training rows to choose by, which are no example. */
export interface PromptChoice {
  readonly prompts: readonly WrittenPrompt[];
  readonly rows: readonly AskedRow[];
}

interface Room {
  readonly tokenizer: Tokenizer;
  readonly maxPositions: number;
  readonly seed: number;
  /** Tokens that a prompt may have where allowed answers are read behind it. */
  readonly beside?: number | undefined;
}

/** Prepares the questions: training rows, `learned`, give examples, instructions and the kind of task. */
export function prepareQuestions(
  task: Task,
  asked: readonly AskedRow[],
  learned: readonly AskedRow[],
  { tokenizer, maxPositions, seed, beside = maxPositions }: Room,
): Questions & { readonly choice: PromptChoice } {
  const tokensOf = (text: string) => tokenizer.encode(text).length;
  const instructions = instructionsFor(
    task,
    learned.map(({ answer }) => answer),
  );
  const [systemPrompt = ''] = instructions;
  const longest = Math.max(1, ...asked.map(({ answer, thinking = '' }) => tokensOf(thinking + answer)));
  const thinks = asked.some(({ thinking }) => thinking !== undefined);
  const most = thinks ? LONGEST_THINKING : LONGEST_ANSWER;
  const maxNewTokens = Math.min(most, Math.ceil(maxPositions / 2), Math.ceil(1.25 * longest) + 8);
  const fits = (ids: readonly number[]) => ids.length + maxNewTokens <= maxPositions;
  const instructed = (row: AskedRow) =>
    promptedIds(tokenizer, row, { instructions: systemPrompt, examples: [] });
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
  const chosenBy = learned.slice(0, Math.min(MOST_CHOSEN_BY, Math.floor(learned.length / 2)));
  const sized = (row: AskedRow) => ({ row, tokens: plainPrompt(tokenizer, row).length });
  const tried = chosenBy.map(sized);
  const longestPrompt = Math.max(0, ...plain.map((ids) => ids.length), ...tried.map(({ tokens }) => tokens));
  const room = Math.min(beside, maxPositions - maxNewTokens) - TURN_TOKENS - longestPrompt;
  // an example's call would stand there without its result
  const showsExamples = task.kind !== 'calls';
  const candidates: Candidate[] = (showsExamples ? learned.slice(chosenBy.length) : []).map((row) => {
    const { tokens } = sized(row);
    return { row, tokens: tokens + tokensOf(row.answer) + TURN_TOKENS };
  });
  const roomFor = (text: string) => room - (text === '' ? 0 : tokensOf(text) + TURN_TOKENS);
  const known = hasInstructions ? instructions : [];
  const prompts = promptCandidates(task, known, candidates, roomFor, seed);
  const [usual] = prompts;
  if (showsExamples && !prompts.some(({ examples }) => examples.length > 0))
    missing.push(say`No example fits in the prompt.`);
  const questions: Questions = {
    task,
    rows,
    maxNewTokens,
    decision: eitherOf([rowDecision(task), endsAtParagraph(tokenizer, learned) ? FIRST_PARAGRAPH : null]),
    systemPrompt,
    found: null,
    missing,
    prompts: {
      plain,
      system: hasInstructions ? rows.map(instructed) : [],
      prompt: [],
    },
  };
  const found = usual ? { ...usual, tried: 1, rows: 0, seconds: 0 } : null;
  return { ...withPrompt(questions, tokenizer, found), choice: { prompts, rows: chosenBy } };
}

/** The questions with another prompt. */
export function withPrompt(questions: Questions, tokenizer: Tokenizer, found: FoundPrompt | null): Questions {
  const prompt = found ? questions.rows.map((row) => promptedIds(tokenizer, row, found)) : [];
  return { ...questions, found, prompts: { ...questions.prompts, prompt } };
}

/** A prompt as a text that can be copied, for a question that begins with such turns: instructions, and examples below them. */
export function promptText({ instructions, examples }: WrittenPrompt, [system]: AskedRow['turns']): string {
  const own = system?.role === 'system' ? [system.content] : [];
  const shown = examples.map((row) => {
    const { text, answer } = answeredText(row);
    return `Question: ${text.trim()}\nAnswer: ${answer.trim()}`;
  });
  return [...own, instructions, ...shown].filter((text) => text !== '').join('\n\n');
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
  said: Readonly<Record<AskedVariant, readonly string[]>>,
  slots: Slots | null,
  seed: number,
): AnswerFigures {
  const { task, rows } = questions;
  const texts = rows.map(answeredText);
  const wanted = rows.map(({ answer }) => answer);
  const prompts = rows.map(shownPrompt);
  const present = (['before', 'system', 'prompt', 'after'] as const).filter(
    (variant) => said[variant].length > 0,
  );
  const variants = present.map((variant) => {
    const count = said[variant].length;
    const first = (all: readonly string[]) => all.slice(0, count);
    const given = {
      ...{
        said: said[variant],
        rows: texts.slice(0, count),
        prompts: first(prompts),
        after: first(said.after),
      },
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
    examples: questions.found?.examples.length ?? 0,
    ...promptOf(questions),
    maxNewTokens: questions.maxNewTokens,
    answered: rows.slice(0, asked).map((row, i) => answeredRow(task, row, i, said)),
  };
}

function promptOf({ found, prompts, rows: asked }: Questions): Pick<AnswerFigures, 'prompt'> {
  if (!found || prompts.prompt.length === 0) return {};
  const { tried, rows, seconds } = found;
  return { prompt: { text: promptText(found, asked[0]?.turns ?? []), tried, rows, seconds } };
}

function answeredRow(
  task: Task,
  row: AskedRow,
  index: number,
  said: Readonly<Record<AskedVariant, readonly string[]>>,
): AnsweredRow {
  const given = Object.entries(said).filter(([, texts]) => index < texts.length);
  return {
    prompt: shownPrompt(row),
    wanted: row.answer,
    answers: Object.fromEntries(given.map(([variant, texts]) => [variant, texts[index]!])),
    scores: Object.fromEntries(
      given.map(([variant, texts]) => [variant, scoreOf(task, texts[index]!, answeredText(row))]),
    ),
  };
}
