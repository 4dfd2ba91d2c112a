/** How much an assessment asks: for a share of the training's time, but never less than a floor. */

import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import type { Questions } from './asking.ts';
import type { Question } from './base-cache.ts';
import type { MeasuredRows } from './subject.ts';

/** Held-out rows and rows of each baseline to ask, rows to score allowed answers for, quiz items to ask, general texts to read. */
export interface Amounts {
  readonly rows: number;
  readonly closedRows: number;
  readonly baselineRows: number;
  readonly quizItems: number;
  readonly passages: number;
}

/** Rows that are asked where time allows, and up to how many where the score would stay unsure otherwise. */
export const MOST_ROWS = 100;
export const MOST_ASKED = 400;
/** Test rows for which allowed answers are scored: an answer costs no new tokens, and more rows say more. */
export const MOST_CLOSED_ROWS = 500;
export const FLOOR: Amounts = { rows: 30, closedRows: 100, baselineRows: 20, quizItems: 40, passages: 12 };
/** Rows to write answers to where these form a closed set: only how often they have the form is judged by them. */
export const WRITTEN_BESIDE = 20;

/** What to say of a run with too few test rows for a sure verdict; null where there are enough, or none. */
export function fewTestRows(rows: number): string | null {
  if (rows === 0 || rows >= FLOOR.rows) return null;
  return say`Only ${plural(rows, 'test row')}: the verdict will be uncertain.`;
}

/** The most training rows whose loss is compared with that of held-out rows, and the fewest. */
const MEASURED_TRAINING = { most: 200, fewest: 30 };

/** Half as many training rows as held-out ones: only a large difference between both is looked for. */
export function measuredTraining(heldOut: number): number {
  return Math.min(MEASURED_TRAINING.most, Math.max(MEASURED_TRAINING.fewest, Math.ceil(heldOut / 2)));
}

/** Of the training's time, for a comparison that is not thorough. */
const QUICK_SHARE = 0.2;

/** The share of the training's time that an assessment may take; null where it asks everything. */
export function timeShare({ thorough = false }: { readonly thorough?: boolean | undefined }): number | null {
  return thorough ? null : QUICK_SHARE;
}

/** Of the training's time, for the search of a good prompt, and the seconds below which it is not worth compiling for. */
export const PROMPT_SHARE = 0.05;
export const LEAST_PROMPT_SECONDS = 1;

/** A new token costs about as much as this many tokens of a prompt, which are read side by side. */
export const NEW_TOKEN_COST = 4;

/** Mean cost of one question of each kind, in prompt tokens. */
export interface Costs {
  readonly after: number;
  readonly before: number;
  /** All baselines together. */
  readonly baselines: number;
  readonly training: number;
  /** Of a row with all allowed answers. */
  readonly closed: number;
  readonly quiz: number;
  readonly passage: number;
}

/** What `amounts` cost, in prompt tokens; quiz items and texts are for both models. */
export function costOf(
  { rows, closedRows, baselineRows, quizItems, passages }: Amounts,
  costs: Costs,
): number {
  return (
    rows * (costs.after + costs.before) +
    2 * closedRows * costs.closed +
    baselineRows * costs.baselines +
    Math.min(rows, FLOOR.rows) * costs.training +
    2 * (quizItems * costs.quiz + passages * costs.passage)
  );
}

/**
 * The largest amounts that cost at most `affordable` prompt tokens: `most`, all scaled alike, but not below the floor. Rows beyond
 * `MOST_ROWS` come last, from what is left.
 */
export function affordableAmounts(most: Amounts, costs: Costs, affordable: number): Amounts {
  const first = Math.min(most.rows, MOST_ROWS);
  const scaled = (share: number): Amounts => ({
    rows: part(share, first, FLOOR.rows),
    closedRows: part(share, most.closedRows, FLOOR.closedRows),
    baselineRows: part(share, most.baselineRows, FLOOR.baselineRows),
    quizItems: part(share, most.quizItems, FLOOR.quizItems),
    passages: part(share, most.passages, FLOOR.passages),
  });
  let [low, high] = [0, 1];
  const left = affordable - costOf(scaled(1), costs);
  if (left >= 0) {
    const more = Math.floor(left / (costs.after + costs.before));
    return { ...scaled(1), rows: Math.min(most.rows, first + more) };
  }
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (costOf(scaled(middle), costs) <= affordable) low = middle;
    else high = middle;
  }
  return scaled(low);
}

/** What to say of amounts that a quick comparison has cut; null where it asked everything. */
export function budgetNote(most: Amounts, taken: Amounts): string | null {
  const cut = [
    taken.rows < most.rows && say`${taken.rows} of ${most.rows} test rows`,
    taken.closedRows < most.closedRows &&
      say`${taken.closedRows} of ${most.closedRows} test rows for allowed answers`,
    taken.baselineRows < most.baselineRows && say`${taken.baselineRows} for each comparison`,
    taken.quizItems < most.quizItems && say`${taken.quizItems} of ${most.quizItems} quiz questions`,
    taken.passages < most.passages && say`${taken.passages} of ${most.passages} general texts`,
  ].filter((one) => one !== false);
  if (cut.length === 0) return null;
  return say`A quick comparison: it asked ${cut.join(marks().comma)}.`;
}

function part(share: number, most: number, floor: number): number {
  return Math.max(Math.min(most, floor), Math.floor(share * most));
}

/** How far an assessment is, by what its parts cost in prompt tokens. It never goes back. */
export class Effort {
  readonly #tell: (detail: string, fraction: number) => void;
  #all: number;
  #done = 0;
  #fraction = 0;

  constructor(all: number, tell: (detail: string, fraction: number) => void) {
    this.#all = all;
    this.#tell = tell;
  }

  /** What is left costs so much, by what is known now. */
  expect(left: number): void {
    this.#all = this.#done + left;
  }

  /** Does a part of the work, which says how far it is by itself. */
  async part<T>(
    detail: string,
    cost: number,
    work: (tell: (fraction: number) => void) => Promise<T>,
  ): Promise<T> {
    const tell = (fraction: number) => {
      this.#fraction = Math.max(this.#fraction, Math.min(1, (this.#done + cost * fraction) / this.#all));
      this.#tell(detail, this.#fraction);
    };
    tell(0);
    const result = await work(tell);
    this.#done += cost;
    return result;
  }
}

export interface GeneralCosts {
  readonly quiz: readonly Pick<Question, 'prompt' | 'maxNewTokens'>[];
  readonly passages: readonly { readonly text: string }[];
}

/** Of running text, about. */
const CHARS_PER_TOKEN = 4;

/** How many tokens a running text has, about. */
export function textTokens(text: string): number {
  return text.length / CHARS_PER_TOKEN;
}

/** Tokens of rows that are measured. */
export function tokensOf(rows: MeasuredRows | null): number {
  return rows?.batching.plan(0).tokens ?? 0;
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export type PromptedKind = 'system' | 'prompt';

/** With what help the base model is asked: instructions alone only where there is time, or nothing better. */
export function promptedKinds({ prompts }: Pick<Questions, 'prompts'>, isQuick: boolean): PromptedKind[] {
  const kinds = (['system', 'prompt'] as const).filter((kind) => prompts[kind].length > 0);
  return isQuick ? kinds.slice(-1) : kinds;
}

interface Expected {
  /** Of the trained model's answers. */
  readonly newTokens: number;
  /** Of all allowed answers. */
  readonly closedTokens: number;
  readonly isQuick: boolean;
}

/** Expected costs: the base model is taken to talk as long as it may, for it does not know when to end. */
export function costsOf(
  { prompts, maxNewTokens }: Questions,
  { quiz, passages }: GeneralCosts,
  { newTokens, closedTokens, isQuick }: Expected,
): Costs {
  const tokens = (list: readonly (readonly number[])[]) => meanOf(list.map(({ length }) => length));
  const plain = tokens(prompts.plain);
  const longest = NEW_TOKEN_COST * maxNewTokens;
  // what stands around a question is the same in all prompts and read once; of a closed set nothing is written behind it
  const isClosed = closedTokens > 0;
  const kinds = promptedKinds({ prompts }, isQuick);
  const around = { system: tokens(prompts.system), prompt: plain } as const;
  const prompted = kinds.map((kind) => around[kind] + longest).reduce((sum, cost) => sum + cost, 0);
  // a quiz answer ends, or is decided, about half way
  const answer = meanOf(quiz.map((question) => question.maxNewTokens)) / 2;
  return {
    after: plain + NEW_TOKEN_COST * newTokens,
    before: plain + longest,
    baselines: isClosed ? (prompts.prompt.length === 0 ? 0 : plain + closedTokens) : prompted,
    training: plain + NEW_TOKEN_COST * newTokens,
    closed: plain + closedTokens,
    quiz: tokens(quiz.map(({ prompt }) => prompt)) + NEW_TOKEN_COST * answer,
    passage: meanOf(passages.map(({ text }) => textTokens(text))),
  };
}
