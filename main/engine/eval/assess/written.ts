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
  type PromptedKind,
  promptedKinds,
  WRITTEN_BESIDE,
} from './budget.ts';
import type { QuizItem } from './general-quiz.ts';
import { type AskedRow, answeredText, plainPrompt } from './prompts.ts';
import { estimateOf, scoreOf } from './scores.ts';
import { isBeyondDoubt } from './statistics.ts';
import type { Subject } from './subject.ts';
import { RULES } from './verdict-figures.ts';

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
export interface AskingBudget {
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
  async decide(
    general: General,
    most: Amounts,
    expected: Costs,
    closedTokens: number,
  ): Promise<AskingBudget> {
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
    const costs = costsOf(questions, general, {
      newTokens: pilot.newTokens / first.length,
      closedTokens,
      isQuick: budgetSeconds !== null,
    });
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
    { amounts: { rows }, costs, pilot }: AskingBudget,
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

  /** `trained`: what the trained model has said to the same rows, by which a few answers of the base model may be enough. */
  async askBase(
    { amounts: { rows, baselineRows, closedRows }, costs }: AskingBudget,
    items: readonly QuizItem[],
    trained: readonly string[],
  ): Promise<{
    said: Readonly<Record<Exclude<AskedVariant, 'after'>, readonly string[]>>;
    quiz: readonly string[];
  }> {
    const { before, exactly, budgetSeconds } = this.#parts;
    const isQuick = budgetSeconds !== null;
    // of a closed set the allowed answers behind the best prompt say more
    const prompted = closedRows > 0 ? 0 : baselineRows;
    const kinds = promptedKinds(this.#questions, isQuick);
    const first = isQuick && !exactly ? Math.min(rows, FLOOR.baselineRows) : rows;
    const detail = say`Answers of the base model`;
    const plain = (from: number, to: number) =>
      [questionsFor(this.#questions, 'plain', from, to), costs.before] as const;
    const behind = (kind: PromptedKind) =>
      [
        questionsFor(this.#questions, kind, 0, kinds.includes(kind) ? prompted : 0),
        costs.baselines / Math.max(1, kinds.length),
      ] as const;
    const [bare, system, prompt, quiz] = await this.#together(before, detail, [
      plain(0, first),
      behind('system'),
      behind('prompt'),
      [quizQuestions(before.ready.tokenizer, items), costs.quiz],
    ]);
    const few = this.#trimmed(bare!);
    const rest =
      first === rows || this.#isClear(few, trained)
        ? []
        : (await this.#together(before, detail, [plain(first, rows)]))[0]!;
    return {
      said: {
        before: [...few, ...this.#trimmed(rest)],
        system: this.#trimmed(system!),
        prompt: this.#trimmed(prompt!),
      },
      quiz: quiz!,
    };
  }

  /** Whether the first answers show beyond doubt that the trained model's are better, so that more of them would change nothing. */
  #isClear(before: readonly string[], after: readonly string[]): boolean {
    const { task, rows } = this.#questions;
    const scoresOf = (texts: readonly string[]) =>
      before.map((_, i) => scoreOf(task, texts[i]!, answeredText(rows[i]!)));
    const then = scoresOf(before);
    return isBeyondDoubt(
      scoresOf(after).map((score, i) => score - then[i]!),
      RULES.similarityGain,
    );
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
