/** One examination: questions and texts to both models, as many as the time allows, and the verdict. */
import type {
  AssessResult,
  ForgettingFigures,
  LossFigures,
  MemorisationFigures,
  Verdict,
} from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import type { BatchRequest } from '../batch-generator.ts';
import type { RowLosses } from '../measure.ts';
import { answerFigures, prepareQuestions, type Questions, requestsFor, trimmedAnswer } from './asking.ts';
import {
  isMemorised,
  lossFigures,
  lossOf,
  memorisationNote,
  overlapMeansSomething,
  overlapOf,
  passagesForVerdict,
  passageTopics,
  quizFigures,
  quizForVerdict,
  quizRequests,
  type Said,
} from './assess-figures.ts';
import type { GatheredRows } from './assess-rows.ts';
import {
  type Amounts,
  affordableAmounts,
  budgetNote,
  type Costs,
  costOf,
  costsOf,
  Effort,
  FLOOR,
  NEW_TOKEN_COST,
} from './budget.ts';
import { type GeneralMaterial, type QuizItem, shortened } from './general-quiz.ts';
import { plainPrompt } from './prompts.ts';
import { type MeasuredRows, type Subject, textRows } from './subject.ts';
import { detectTask, type Task } from './task.ts';
import { deciding, judge, type VerdictFigures } from './verdict.ts';

interface ExaminationParts {
  readonly gathered: GatheredRows;
  readonly before: Subject;
  readonly after: Subject;
  readonly seed: number;
  /** Held-out losses in the course of the training. */
  readonly course: readonly number[];
  readonly work: string;
  /** Seconds that all of it may take; null for no limit. */
  readonly budgetSeconds: number | null;
  spentSeconds(): number;
  material(): Promise<GeneralMaterial>;
  phase(detail: string, fraction: number): void;
}

export type Examined = Pick<AssessResult, 'loss' | 'answers' | 'memorisation' | 'forgetting' | 'notes'> & {
  readonly task: Task;
  readonly verdict: Verdict;
};

/** What of the time is planned for; the rest is for what cannot be foreseen. */
const PLANNED_SHARE = 0.8;
/** Of running text, about. */
const CHARS_PER_TOKEN = 4;

export class Examination {
  readonly #parts: ExaminationParts;
  readonly #notes: string[] = [];
  readonly #effort: Effort;
  #passageTokens = 0;
  #costs: Costs = { after: 0, before: 0, baselines: 0, training: 0, quiz: 0 };

  constructor(parts: ExaminationParts) {
    this.#parts = parts;
    this.#effort = new Effort(1, parts.phase);
  }

  async run(): Promise<Examined> {
    const { gathered, seed, before } = this.#parts;
    const { asked, learned } = gathered;
    const task = detectTask(learned.map(({ answer }) => answer));
    const { opened, tokenizer } = before.ready;
    const material = await this.#parts.material();
    const maxPositions = opened.model.maxPositions;
    const questions = prepareQuestions(task, asked, learned, { tokenizer, maxPositions, seed });
    const requests = quizRequests(tokenizer, material.quiz);
    const fits = ({ prompt, maxNewTokens }: BatchRequest) => prompt.length + maxNewTokens <= maxPositions;
    const quiz = material.quiz.filter((_, i) => fits(requests[i]!));
    const rows = questions.rows.length;
    const most = { rows, baselineRows: rows, quizItems: quiz.length };
    // before the first answers: as if they were half as long as they may be
    this.#costs = costsOf(questions, quizRequests(tokenizer, quiz), questions.maxNewTokens / 2);
    const least = this.#parts.budgetSeconds === null ? most : affordableAmounts(most, this.#costs, 0);
    const measured = [gathered.training, gathered.heldOut, gathered.heldOut];
    this.#passageTokens = (2 / CHARS_PER_TOKEN) * sum(material.passages.map(({ text }) => text.length));
    this.#effort.expect(sum(measured.map(tokensOf)) + costOf(least, this.#costs) + this.#passageTokens);
    const { loss, lossAfter, lossTraining } = await this.#losses();
    const { amounts, pilot } = await this.#amounts(questions, quiz, most);
    const said = await this.#ask(questions, amounts, pilot);
    const answers = questions.rows.length === 0 ? null : answerFigures(questions, said, seed);
    const memorisation = await this.#memorisation(task, lossTraining, lossAfter, questions, said.after);
    const forgetting = await this.#forgetting(material, shortened(quiz, amounts.quizItems));
    const figures: VerdictFigures = {
      task: task.kind,
      ...deciding(answers),
      loss: loss && {
        rows: loss.rows,
        before: loss.before.value,
        after: loss.after.value,
        change: loss.change,
      },
      quiz: quizForVerdict(forgetting.quiz),
      passages: passagesForVerdict(forgetting.passages, opened.model.vocabSize),
      memorised: memorisation?.memorised ?? null,
      fit: memorisation && { training: memorisation.trainingLoss, heldOut: memorisation.heldOutLoss },
      course: this.#parts.course,
    };
    return { task, loss, answers, memorisation, forgetting, verdict: judge(figures), notes: this.#notes };
  }

  async #losses(): Promise<{
    loss: LossFigures | null;
    lossAfter: RowLosses | null;
    lossTraining: RowLosses;
  }> {
    const { gathered, before, after, seed } = this.#parts;
    const { heldOut, training } = gathered;
    const losses = (subject: Subject, rows: MeasuredRows, detail: string) =>
      this.#effort.part(detail, tokensOf(rows), (tell) => subject.losses(rows, tell));
    const lossTraining = await losses(after, training, say`Loss on training rows`);
    if (!heldOut) return { loss: null, lossAfter: null, lossTraining };
    const lossBefore = await losses(before, heldOut, say`Loss of the base model`);
    const lossAfter = await losses(after, heldOut, say`Loss of the trained model`);
    return { loss: lossFigures(lossBefore, lossAfter, seed), lossAfter, lossTraining };
  }

  /** Asks the first rows and decides by their speed how much can be asked in all. */
  async #amounts(
    questions: Questions,
    quiz: readonly QuizItem[],
    most: Amounts,
  ): Promise<{ amounts: Amounts; pilot: readonly string[] }> {
    const { after, budgetSeconds, spentSeconds, before } = this.#parts;
    const { rows } = most;
    const first =
      rows > 0
        ? requestsFor(questions, 'plain', 0, budgetSeconds === null ? rows : FLOOR.rows)
        : quizRequests(before.ready.tokenizer, shortened(quiz, FLOOR.baselineRows));
    const started = performance.now();
    const asking = first.length * (rows > 0 ? this.#costs.after : this.#costs.quiz);
    const pilot = await this.#answers(after, first, asking, say`Answers of the trained model`);
    const seconds = (performance.now() - started) / 1000;
    const texts = rows > 0 ? pilot.texts : [];
    if (first.length === 0) return { amounts: most, pilot: texts };
    const costs = costsOf(
      questions,
      quizRequests(before.ready.tokenizer, quiz),
      pilot.newTokens / first.length,
    );
    const within = (budget: number) => {
      const work = sum(first.map(({ prompt }) => prompt.length)) + NEW_TOKEN_COST * pilot.newTokens;
      const left = PLANNED_SHARE * (budget - spentSeconds());
      const affordable = Math.max(0, (left / seconds) * work) + first.length * costs.after;
      const taken = affordableAmounts(most, costs, affordable);
      const note = budgetNote(most, taken, budget);
      if (note) this.#notes.push(note);
      return taken;
    };
    const amounts = budgetSeconds === null ? most : within(budgetSeconds);
    this.#costs = costs;
    this.#effort.expect(costOf(amounts, costs) - texts.length * costs.after + this.#passageTokens);
    return { amounts, pilot: texts };
  }

  async #ask(questions: Questions, { rows, baselineRows }: Amounts, pilot: readonly string[]) {
    const { before, after, gathered } = this.#parts;
    const costs = this.#costs;
    const restOf = requestsFor(questions, 'plain', pilot.length, rows);
    const rest = await this.#answers(
      after,
      restOf,
      restOf.length * costs.after,
      say`Answers of the trained model`,
    );
    const ask = async (kind: keyof Questions['prompts'], count: number, detail: string) => {
      const requests = requestsFor(questions, kind, 0, count);
      const cost = requests.length * (kind === 'plain' ? costs.before : costs.baselines / 2);
      return (await this.#answers(before, requests, cost, detail)).texts;
    };
    const said = {
      before: await ask('plain', rows, say`Answers of the base model`),
      system: await ask('system', baselineRows, say`Answers of the base model with instructions`),
      examples: await ask('examples', baselineRows, say`Answers of the base model with examples`),
      after: [...pilot, ...rest.texts],
    };
    const trim = (texts: readonly string[]) =>
      texts.map((text) => trimmedAnswer(text, before.ready.tokenizer, gathered.learned));
    return {
      before: trim(said.before),
      system: trim(said.system),
      examples: trim(said.examples),
      after: trim(said.after),
    };
  }

  async #memorisation(
    task: Task,
    training: RowLosses,
    heldOut: RowLosses | null,
    questions: Questions,
    heldOutSaid: readonly string[],
  ): Promise<MemorisationFigures | null> {
    if (!heldOut) return null;
    const { seed } = this.#parts;
    const overlap = overlapMeansSomething(task.kind)
      ? overlapOf(
          await this.#recited(questions, heldOutSaid.length),
          {
            said: heldOutSaid,
            wanted: questions.rows.slice(0, heldOutSaid.length).map(({ answer }) => answer),
          },
          seed,
        )
      : null;
    const losses = { trainingLoss: lossOf(training, seed), heldOutLoss: lossOf(heldOut, seed) };
    const memorised = isMemorised(task.kind, losses, overlap);
    return { ...losses, overlap, memorised, note: memorisationNote(task.kind) };
  }

  /** What the trained model answers to prompts that it was trained on. */
  async #recited({ maxNewTokens }: Questions, rows: number): Promise<Said> {
    const { after, gathered } = this.#parts;
    const { tokenizer, opened } = after.ready;
    const requests = gathered.learned
      .map((row) => ({ row, prompt: plainPrompt(tokenizer, row) }))
      .filter(({ prompt }) => prompt.length + maxNewTokens <= opened.model.maxPositions)
      .slice(0, Math.min(rows, FLOOR.rows));
    const { texts } = await this.#answers(
      after,
      requests.map(({ prompt }) => ({ prompt, maxNewTokens })),
      requests.length * this.#costs.training,
      say`Answers to training questions`,
    );
    return {
      said: texts.map((text) => trimmedAnswer(text, tokenizer, gathered.learned)),
      wanted: requests.map(({ row }) => row.answer),
    };
  }

  async #forgetting(material: GeneralMaterial, items: readonly QuizItem[]): Promise<ForgettingFigures> {
    const { before, after } = this.#parts;
    const { tokenizer } = before.ready;
    const requests = quizRequests(tokenizer, items);
    const cost = requests.length * this.#costs.quiz;
    const saidBefore = await this.#answers(before, requests, cost, say`General quiz, base model`);
    const saidAfter = await this.#answers(after, requests, cost, say`General quiz, trained model`);
    const quiz = items.length === 0 ? null : quizFigures(items, saidBefore.texts, saidAfter.texts);
    return { source: material.source, quiz, ...(await this.#passages(material)) };
  }

  #answers(subject: Subject, requests: readonly BatchRequest[], cost: number, detail: string) {
    return this.#effort.part(detail, cost, (tell) => subject.answers(requests, tell));
  }

  async #passages({
    passages,
  }: GeneralMaterial): Promise<Pick<ForgettingFigures, 'passages' | 'passageTopics'>> {
    if (passages.length === 0) return { passages: null, passageTopics: [] };
    const { before, after, work, seed } = this.#parts;
    const { tokenizer, opened } = before.ready;
    const texts = passages.map(({ text }) => text);
    const rows = await textRows(tokenizer, texts, work, opened.model.maxPositions);
    try {
      this.#effort.expect(2 * tokensOf(rows));
      const losses = (subject: Subject) =>
        this.#effort.part(say`General texts`, tokensOf(rows), (tell) => subject.losses(rows, tell));
      const [lossBefore, lossAfter] = [await losses(before), await losses(after)];
      return {
        passages: lossFigures(lossBefore, lossAfter, seed),
        passageTopics: passageTopics(passages, lossBefore, lossAfter),
      };
    } finally {
      await rows.store.close();
    }
  }
}

function tokensOf(rows: MeasuredRows | null): number {
  return rows?.batching.plan(0).tokens ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
