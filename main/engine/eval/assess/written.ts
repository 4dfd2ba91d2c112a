/** What both models write by themselves: to test rows, to rows that the trained one learned from, and to the quiz. */
import { rowsToNarrow } from '../../../../common/scores.ts';
import { sum } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { type AskedVariant, type Questions, questionsFor, trimmedAnswer } from './asking.ts';
import { overlapMeansSomething, quizQuestions, type Said } from './assess-figures.ts';
import type { Question } from './base-cache.ts';
import {
  type Amounts,
  affordableAmounts,
  budgetNote,
  type Costs,
  costOf,
  costsOf,
  type Effort,
  FLOOR,
  type GeneralCosts,
  MOST_ROWS,
  NEW_TOKEN_COST,
  WRITTEN_BESIDE,
} from './budget.ts';
import type { QuizItem } from './general-quiz.ts';
import { type AskedRow, answeredText, plainPrompt } from './prompts.ts';
import { estimateOf, scoreOf } from './scores.ts';
import type { Subject } from './subject.ts';

interface WrittenParts {
  readonly before: Subject;
  readonly after: Subject;
  readonly learned: readonly AskedRow[];
  readonly seed: number;
  /** Whether all test rows are asked, however sure the score is. */
  readonly exactly: boolean;
  /** Seconds that the whole comparison should take; null for no limit. */
  readonly budgetSeconds: number | null;
  spentSeconds(): number;
  readonly effort: Effort;
}

/** Answers of the trained model to test rows, to rows that it was trained on, and to the quiz. */
export interface SaidByTrained {
  readonly said: readonly string[];
  readonly recited: Said | null;
  readonly quiz: readonly string[];
}

interface General extends GeneralCosts {
  readonly quiz: readonly Question[];
}

/** How much is asked, the answers to the first rows, and what time has left out. */
export interface Decided {
  readonly amounts: Amounts;
  readonly costs: Costs;
  readonly pilot: readonly string[];
  /** Null where everything is asked. */
  readonly note: string | null;
}

/** What the work planned for takes of the time; the rest is for what cannot be foreseen. */
const PLANNED_SHARE = 0.8;

export class WrittenAnswers {
  readonly #parts: WrittenParts;
  readonly #questions: Questions;

  constructor(questions: Questions, parts: WrittenParts) {
    this.#questions = questions;
    this.#parts = parts;
  }

  /** Asks the first rows and decides by their speed how much can be asked in all. */
  async decide(general: General, most: Amounts, expected: Costs, closedTokens: number): Promise<Decided> {
    const { after, budgetSeconds, spentSeconds, effort, exactly } = this.#parts;
    const questions = this.#questions;
    const { rows } = most;
    const floor = most.closedRows > 0 ? WRITTEN_BESIDE : FLOOR.rows;
    const first =
      rows > 0
        ? questionsFor(questions, 'plain', 0, exactly ? rows : floor)
        : general.quiz.slice(0, FLOOR.baselineRows);
    const started = performance.now();
    const cost = rows > 0 ? expected.after : expected.quiz;
    const pilot = await effort.part(say`Answers of the trained model`, cost * first.length, (tell) =>
      after.answers(first, tell),
    );
    const seconds = (performance.now() - started) / 1000;
    const texts = rows > 0 ? pilot.texts : [];
    if (first.length === 0) return { amounts: most, costs: expected, pilot: texts, note: null };
    const costs = costsOf(questions, general, pilot.newTokens / first.length, closedTokens);
    const wanted = { ...most, rows: this.#enough(texts, most) };
    const work = sum(first.map(({ prompt }) => prompt.length)) + NEW_TOKEN_COST * pilot.newTokens;
    const within = (budget: number) => {
      const left = PLANNED_SHARE * (budget - spentSeconds());
      const affordable = Math.max(0, (left / seconds) * work) + first.length * costs.after;
      return affordableAmounts(wanted, costs, affordable);
    };
    const amounts = budgetSeconds === null ? wanted : within(budgetSeconds);
    effort.expect(costOf(amounts, costs) - texts.length * costs.after);
    return { amounts, costs, pilot: texts, note: budgetNote(wanted, amounts) };
  }

  /** Rows that make the interval of the score narrow, by the answers to the first: what these show may be off by a quarter. */
  #enough(said: readonly string[], { rows: most, closedRows }: Amounts): number {
    const { exactly, seed } = this.#parts;
    const { task, rows } = this.#questions;
    if (exactly || said.length === 0) return most;
    // of a closed set the score needs no written answers
    if (closedRows > 0)
      return Math.min(most, this.#parts.budgetSeconds === null ? MOST_ROWS : WRITTEN_BESIDE);
    const scores = this.#trimmed(said).map((text, i) => scoreOf(task, text, answeredText(rows[i]!)));
    const estimate = estimateOf(task, scores, seed);
    const enough = Math.ceil(1.25 * rowsToNarrow(estimate, scores.length));
    return Math.min(most, Math.max(MOST_ROWS, enough));
  }

  /** The rest of the rows, rows that it was trained on, and the quiz, in one batch. */
  async askTrained(
    { amounts: { rows }, costs, pilot }: Decided,
    items: readonly QuizItem[],
  ): Promise<SaidByTrained> {
    const { after } = this.#parts;
    const questions = this.#questions;
    const recited = overlapMeansSomething(questions.task.kind) ? this.#trainedOn(rows) : [];
    const [rest, again, quiz] = await this.#together(after, say`Answers of the trained model`, [
      [questionsFor(questions, 'plain', pilot.length, rows), costs.after],
      [recited.map(({ question }) => question), costs.training],
      [quizQuestions(after.ready.tokenizer, items), costs.quiz],
    ]);
    const wanted = recited.map(({ row }) => row.answer);
    return {
      said: this.#trimmed([...pilot, ...rest!]),
      recited: recited.length === 0 ? null : { said: this.#trimmed(again!), wanted },
      quiz: quiz!,
    };
  }

  async askBase(
    { amounts: { rows, baselineRows, closedRows }, costs }: Decided,
    items: readonly QuizItem[],
  ): Promise<{
    said: Readonly<Record<Exclude<AskedVariant, 'after'>, readonly string[]>>;
    quiz: readonly string[];
  }> {
    const { before } = this.#parts;
    const { before: plain, baselines, quiz } = costs;
    // of a closed set the allowed answers behind the best prompt say more
    const prompted = closedRows > 0 ? 0 : baselineRows;
    const asked = await this.#together(before, say`Answers of the base model`, [
      [questionsFor(this.#questions, 'plain', 0, rows), plain],
      [questionsFor(this.#questions, 'system', 0, prompted), baselines / 2],
      [questionsFor(this.#questions, 'prompt', 0, prompted), baselines / 2],
      [quizQuestions(before.ready.tokenizer, items), quiz],
    ]);
    const [bare, system, prompt] = asked.slice(0, 3).map((texts) => this.#trimmed(texts));
    return { said: { before: bare!, system: system!, prompt: prompt! }, quiz: asked[3]! };
  }

  /** The answers to lists of questions, each with the cost of one, in one batch; then what was compiled is given back. */
  async #together(
    subject: Subject,
    detail: string,
    lists: readonly (readonly [asked: readonly Question[], cost: number])[],
  ): Promise<string[][]> {
    const all = lists.flatMap(([asked]) => asked);
    const cost = sum(lists.map(([asked, each]) => each * asked.length));
    const { texts } = await this.#parts.effort.part(detail, cost, (tell) => subject.answers(all, tell));
    await subject.release();
    const rest = [...texts];
    return lists.map(([{ length }]) => rest.splice(0, length));
  }

  #trimmed(texts: readonly string[]): string[] {
    const { before, learned } = this.#parts;
    return texts.map((text) => trimmedAnswer(text, before.ready.tokenizer, learned));
  }

  /** Rows that it was trained on, as questions. */
  #trainedOn(rows: number) {
    const { after, learned } = this.#parts;
    const { maxNewTokens, decision } = this.#questions;
    const { tokenizer, opened } = after.ready;
    return learned
      .map((row) => ({ row, question: { prompt: plainPrompt(tokenizer, row), maxNewTokens, decision } }))
      .filter(({ question }) => question.prompt.length + maxNewTokens <= opened.model.maxPositions)
      .slice(0, Math.min(rows, FLOOR.rows));
  }
}
