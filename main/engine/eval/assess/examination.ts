/** One examination: questions and texts to both models, as many as the time allows, and the verdict. */

import type {
  AbilityFigures,
  AnswerFigures,
  AssessResult,
  ForgettingFigures,
  LossFigures,
  MemorisationFigures,
  PreferenceResult,
  Rival,
  Verdict,
} from '../../../../common/protocol/protocol.ts';
import { decidingOf, rowsToNarrow } from '../../../../common/scores.ts';
import { sum } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { PLACES } from '../classify/beside.ts';
import type { KnownRow } from '../classify/calibration.ts';
import type { RowLosses } from '../measure.ts';
import { type Learning, openRivals } from '../rivals/open-rivals.ts';
import type { MeasuredSorter } from '../rivals/rung.ts';
import type { VectorRival } from '../rivals/vector-rival.ts';
import { type AbilityItem, abilityFigures, abilityItems, fewerBlocks, knownItems } from './abilities.ts';
import { type AskedAllowed, askAllowed, type Closed, closedOf } from './allowed.ts';
import {
  answerFigures,
  type PromptChoice,
  prepareQuestions,
  type Questions,
  questionsFor,
  trimmedAnswer,
} from './asking.ts';
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
  quizQuestions,
  type Said,
} from './assess-figures.ts';
import type { GatheredRows } from './assess-rows.ts';
import type { Question } from './base-cache.ts';
import { withBestPrompt } from './best-prompt.ts';
import {
  type Amounts,
  affordableAmounts,
  budgetNote,
  type Costs,
  costOf,
  costsOf,
  Effort,
  FLOOR,
  MOST_ROWS,
  NEW_TOKEN_COST,
  textTokens,
} from './budget.ts';
import { type GeneralMaterial, type Passage, type QuizItem, shortened } from './general-quiz.ts';
import { answeredText, plainPrompt } from './prompts.ts';
import { estimateOf, scoreName, scoreOf } from './scores.ts';
import { slotsOf } from './slots.ts';
import { rate, rateDifference } from './statistics.ts';
import { type MeasuredRows, type Subject, textRows } from './subject.ts';
import { detectTask, type Task } from './task.ts';
import { judge } from './verdict.ts';
import { deciding, type VerdictFigures } from './verdict-figures.ts';

interface ExaminationParts {
  readonly gathered: GatheredRows;
  readonly before: Subject;
  readonly after: Subject;
  readonly seed: number;
  /** Held-out rows to ask at most, and to score allowed answers for. */
  readonly most: Pick<Amounts, 'rows' | 'closedRows'>;
  /** Whether all of them are asked, however sure the score is. */
  readonly exactly: boolean;
  /** Held-out losses in the course of the training. */
  readonly course: readonly number[];
  readonly work: string;
  /** Seconds that all of it should take; null for no limit. */
  readonly budgetSeconds: number | null;
  /** Seconds that the search of a good prompt may take. */
  readonly promptSeconds: number;
  spentSeconds(): number;
  /** Sorts by an encoder's vectors, where answers come from a closed set. */
  readonly vectors: VectorRival;
  material(): Promise<GeneralMaterial>;
  phase(detail: string, fraction: number): void;
}

export type Examined = Pick<
  AssessResult,
  'loss' | 'preference' | 'answers' | 'closed' | 'rivals' | 'memorisation' | 'forgetting' | 'notes' | 'quick'
> & {
  readonly task: Task;
  readonly verdict: Verdict;
  readonly figures: VerdictFigures;
  /** How the trained model scores allowed answers of rows, where these form a closed set. */
  readonly categories: { readonly labels: readonly string[]; readonly rows: readonly KnownRow[] } | null;
  /** What its answers show beyond the figures, where they come from a closed set. */
  readonly closedErrors: Pick<AskedAllowed, 'errors' | 'curve'> | null;
  /** The best prompt as a text to copy; null where none fits. */
  readonly prompt: string | null;
  /** The sorters beside it that can be kept, where answers come from a closed set. */
  readonly sorters: readonly MeasuredSorter[];
};

/** What of the time is planned for; the rest is for what cannot be foreseen. */
const PLANNED_SHARE = 0.8;

/** Answers of the trained model to test rows, to rows that it was trained on, and to the quiz. */
interface SaidByTrained {
  readonly said: readonly string[];
  readonly recited: Said | null;
  readonly quiz: readonly string[];
}

export class Examination {
  readonly #parts: ExaminationParts;
  readonly #notes: string[] = [];
  #quick = false;
  readonly #effort: Effort;
  /** Seconds that reading a token takes. */
  #perToken = 0;
  #costs: Costs = { after: 0, before: 0, baselines: 0, training: 0, closed: 0, quiz: 0, passage: 0 };

  constructor(parts: ExaminationParts) {
    this.#parts = parts;
    this.#effort = new Effort(1, parts.phase);
  }

  async run(): Promise<Examined> {
    try {
      return await this.#examine();
    } finally {
      await this.#parts.before.release();
      await this.#parts.after.release();
    }
  }

  async #examine(): Promise<Examined> {
    const { gathered, seed, before, after, most: wanted } = this.#parts;
    const { learned } = gathered;
    const asked = gathered.asked.slice(0, wanted.rows);
    const task = detectTask(learned.map(({ answer }) => answer));
    const { opened, tokenizer } = before.ready;
    const material = await this.#parts.material();
    const maxPositions = opened.model.maxPositions;
    const closed = closedOf(task, gathered, before, wanted.closedRows);
    const { choice, ...prepared } = prepareQuestions(task, asked, learned, {
      ...{ tokenizer, maxPositions, seed },
      beside: closed ? PLACES - closed.tokens : undefined,
    });
    const requests = quizQuestions(tokenizer, material.quiz);
    const fits = ({ prompt, maxNewTokens }: Question) => prompt.length + maxNewTokens <= maxPositions;
    const quiz = material.quiz.filter((_, i) => fits(requests[i]!));
    const rows = prepared.rows.length;
    const { passages } = material;
    const isQuick = this.#parts.budgetSeconds !== null;
    const abilities = abilityItems(isQuick ? fewerBlocks(material.abilities) : material.abilities);
    const abilityCost = abilityTokens(abilities);
    const most = {
      ...{
        rows,
        baselineRows: this.#parts.exactly ? rows : Math.min(rows, MOST_ROWS),
        quizItems: quiz.length,
        passages: passages.length,
      },
      closedRows: closed?.prompts.length ?? 0,
    };
    // before the first answers: as if they were half as long as they may be
    const general = { quiz: quizQuestions(tokenizer, quiz), passages };
    const closedTokens = closed?.tokens ?? 0;
    this.#costs = costsOf(prepared, general, prepared.maxNewTokens / 2, closedTokens);
    const least = this.#parts.budgetSeconds === null ? most : affordableAmounts(most, this.#costs, 0);
    const measured = [gathered.training, gathered.heldOut, gathered.heldOut];
    this.#effort.expect(sum(measured.map(tokensOf)) + costOf(least, this.#costs) + 2 * abilityCost);
    const { loss, lossAfter, lossTraining } = await this.#losses();
    const preference = await this.#preference();
    const abilityResult = await this.#abilities(abilities);
    const questions = preference ? prepared : await this.#withBestPrompt(prepared, choice, closed);
    const { amounts, pilot } = await this.#amounts(questions, general, most, closedTokens);
    const toAsk = {
      ...material,
      quiz: shortened(quiz, amounts.quizItems),
      passages: shortened(passages, amounts.passages),
    };
    const trained = await this.#askTrained(task, questions, amounts, pilot, toAsk.quiz);
    const untrained = await this.#askBase(questions, amounts, toAsk.quiz);
    const said = { ...untrained.said, after: trained.said };
    const taught = gathered.taught.map(answeredText);
    const slots = task.kind === 'free' || task.kind === 'short' ? slotsOf(taught) : null;
    const answers = questions.rows.length === 0 ? null : answerFigures(questions, said, slots, seed);
    const allowed =
      closed &&
      (await askAllowed(
        closed,
        amounts.closedRows,
        { before, after },
        said,
        (detail, work) => this.#effort.part(detail, amounts.closedRows * this.#costs.closed, work),
        this.#parts.vectors,
        questions.found && { prompt: questions.found, rows: amounts.baselineRows },
      ));
    const losses = lossAfter && { training: lossTraining, heldOut: lossAfter };
    const memorisation = losses && this.#memorisation(task, losses, questions, trained);
    const saidQuiz = { before: untrained.quiz, after: trained.quiz };
    const forgetting = { ...(await this.#forgetting(toAsk, saidQuiz)), abilities: abilityResult };
    const rivals =
      preference || !answers
        ? []
        : (allowed?.rivals ?? openRivalsOf({ task, slots, taught }, questions, trained.said, answers, seed));
    const figures: VerdictFigures = {
      task: task.kind,
      preference,
      ...deciding(task, answers, rivals),
      closed: allowed?.figures ?? null,
      rivals,
      available: this.#quick ? gathered.asked.length : 0,
      loss: loss && {
        rows: loss.rows,
        before: loss.before.value,
        after: loss.after.value,
        change: loss.change,
        perplexity: loss.perplexityAfter,
      },
      quiz: quizForVerdict(forgetting.quiz),
      passages: passagesForVerdict(forgetting.passages, opened.model.vocabSize),
      abilities: abilityResult?.measured ?? [],
      memorised: memorisation?.memorised ?? null,
      fit: memorisation && { training: memorisation.trainingLoss, heldOut: memorisation.heldOutLoss },
      course: this.#parts.course,
    };
    const [notes, quick] = [this.#notes, this.#quick];
    const verdict = judge(figures);
    return {
      task,
      loss,
      ...(preference && { preference }),
      answers,
      ...(allowed && { closed: allowed.figures }),
      ...(rivals.length > 0 && { rivals }),
      memorisation,
      forgetting,
      verdict,
      figures,
      notes,
      quick,
      prompt: answers?.prompt?.text ?? null,
      categories: allowed && { labels: closed!.answers, rows: allowed.rows },
      closedErrors: allowed && { errors: allowed.errors, curve: allowed.curve },
      sorters: allowed?.sorters ?? [],
    };
  }

  /** The questions with the best prompt that is found in its share of the time. */
  async #withBestPrompt(
    questions: Questions,
    choice: PromptChoice,
    closed: Closed | null,
  ): Promise<Questions> {
    const { before, gathered, promptSeconds } = this.#parts;
    const each = closed ? this.#costs.closed : this.#costs.before;
    return await this.#effort.part(say`Looking for a good prompt`, 0, () =>
      withBestPrompt(questions, choice, closed, before, {
        learned: gathered.learned,
        seconds: promptSeconds,
        perRow: each * this.#perToken,
      }),
    );
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
    const started = performance.now();
    const lossTraining = await losses(after, training, say`Loss on training rows`);
    this.#perToken = (performance.now() - started) / 1000 / Math.max(1, tokensOf(training));
    if (!heldOut) return { loss: null, lossAfter: null, lossTraining };
    const lossBefore = await losses(before, heldOut, say`Loss of the base model`);
    const lossAfter = await losses(after, heldOut, say`Loss of the trained model`);
    return { loss: lossFigures(lossBefore, lossAfter, seed), lossAfter, lossTraining };
  }

  /** Of how many held-out pairs the better answer is the likelier one; null for other rows. */
  async #preference(): Promise<PreferenceResult | null> {
    const { gathered, before, after } = this.#parts;
    const { heldOut } = gathered;
    if (!heldOut) return null;
    const leads = (subject: Subject) => subject.leads(heldOut);
    const [then, now] = [await leads(before), await leads(after)];
    if (!then || !now) return null;
    const isAhead = (lead: number) => lead > 0;
    const shareOf = (all: readonly number[]) => rate(all.filter(isAhead).length, all.length);
    const gain = rateDifference(then.map(isAhead), now.map(isAhead));
    return { rows: now.length, before: shareOf(then), after: shareOf(now), gain };
  }

  /** What both models can do, kind by kind; the trained one is asked only about what the base model can. */
  async #abilities(items: readonly AbilityItem[]): Promise<AbilityFigures | null> {
    if (items.length === 0) return null;
    const { before, after } = this.#parts;
    const ask = (subject: Subject, asked: readonly AbilityItem[]) =>
      this.#effort.part(say`Abilities`, abilityTokens(asked), (tell) => subject.choices(asked, tell));
    const then = await ask(before, items);
    const now = await ask(after, knownItems(items, then));
    return abilityFigures(items, { before: then, after: now });
  }

  /** Asks the first rows and decides by their speed how much can be asked in all. */
  async #amounts(
    questions: Questions,
    general: { readonly quiz: readonly Question[]; readonly passages: readonly Passage[] },
    most: Amounts,
    closedTokens: number,
  ): Promise<{ amounts: Amounts; pilot: readonly string[] }> {
    const { after, budgetSeconds, spentSeconds } = this.#parts;
    const { rows } = most;
    const first =
      rows > 0
        ? questionsFor(questions, 'plain', 0, this.#parts.exactly ? rows : FLOOR.rows)
        : general.quiz.slice(0, FLOOR.baselineRows);
    const started = performance.now();
    const cost = rows > 0 ? this.#costs.after : this.#costs.quiz;
    const pilot = await this.#effort.part(say`Answers of the trained model`, cost * first.length, (tell) =>
      after.answers(first, tell),
    );
    const seconds = (performance.now() - started) / 1000;
    const texts = rows > 0 ? pilot.texts : [];
    if (first.length === 0) return { amounts: most, pilot: texts };
    const costs = costsOf(questions, general, pilot.newTokens / first.length, closedTokens);
    // of a closed set the score needs no written answers
    const wanted = {
      ...most,
      rows:
        most.closedRows > 0 && !this.#parts.exactly
          ? Math.min(most.rows, MOST_ROWS)
          : this.#enough(questions, texts, most.rows),
    };
    const within = (budget: number) => {
      const work = sum(first.map(({ prompt }) => prompt.length)) + NEW_TOKEN_COST * pilot.newTokens;
      const left = PLANNED_SHARE * (budget - spentSeconds());
      const affordable = Math.max(0, (left / seconds) * work) + first.length * costs.after;
      const taken = affordableAmounts(wanted, costs, affordable);
      const note = budgetNote(wanted, taken);
      if (note) {
        this.#notes.push(note);
        this.#quick = true;
      }
      return taken;
    };
    const amounts = budgetSeconds === null ? wanted : within(budgetSeconds);
    this.#costs = costs;
    this.#effort.expect(costOf(amounts, costs) - texts.length * costs.after);
    return { amounts, pilot: texts };
  }

  /** Rows that make the interval of the score narrow, by the answers to the first: what these show may be off by a quarter. */
  #enough({ task, rows }: Questions, said: readonly string[], most: number): number {
    const { exactly, seed } = this.#parts;
    if (exactly || said.length === 0) return most;
    const scores = this.#trimmed(said).map((text, i) => scoreOf(task, text, rows[i]!.answer));
    const estimate = estimateOf(task, scores, seed);
    const enough = Math.ceil(1.25 * rowsToNarrow(estimate, scores.length));
    return Math.min(most, Math.max(MOST_ROWS, enough));
  }

  /** The rest of the rows, rows that it was trained on, and the quiz, in one batch. */
  async #askTrained(
    task: Task,
    questions: Questions,
    { rows }: Amounts,
    pilot: readonly string[],
    items: readonly QuizItem[],
  ): Promise<SaidByTrained> {
    const { after } = this.#parts;
    const recited = overlapMeansSomething(task.kind) ? this.#trainedOn(questions, rows) : [];
    const [rest, again, quiz] = await this.#together(after, say`Answers of the trained model`, [
      [questionsFor(questions, 'plain', pilot.length, rows), this.#costs.after],
      [recited.map(({ question }) => question), this.#costs.training],
      [quizQuestions(after.ready.tokenizer, items), this.#costs.quiz],
    ]);
    const wanted = recited.map(({ row }) => row.answer);
    return {
      said: this.#trimmed([...pilot, ...rest!]),
      recited: recited.length === 0 ? null : { said: this.#trimmed(again!), wanted },
      quiz: quiz!,
    };
  }

  async #askBase(questions: Questions, { rows, baselineRows }: Amounts, items: readonly QuizItem[]) {
    const { before } = this.#parts;
    const { before: plain, baselines, quiz } = this.#costs;
    const asked = await this.#together(before, say`Answers of the base model`, [
      [questionsFor(questions, 'plain', 0, rows), plain],
      [questionsFor(questions, 'system', 0, baselineRows), baselines / 2],
      [questionsFor(questions, 'prompt', 0, baselineRows), baselines / 2],
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
    const { texts } = await this.#effort.part(detail, cost, (tell) => subject.answers(all, tell));
    await subject.release();
    const rest = [...texts];
    return lists.map(([{ length }]) => rest.splice(0, length));
  }

  #trimmed(texts: readonly string[]): string[] {
    const { before, gathered } = this.#parts;
    return texts.map((text) => trimmedAnswer(text, before.ready.tokenizer, gathered.learned));
  }

  #memorisation(
    task: Task,
    losses: { readonly training: RowLosses; readonly heldOut: RowLosses },
    questions: Questions,
    { said, recited }: SaidByTrained,
  ): MemorisationFigures {
    const { seed } = this.#parts;
    const wanted = questions.rows.slice(0, said.length).map(({ answer }) => answer);
    const overlap = recited && overlapOf(recited, { said, wanted }, seed);
    const trainingLoss = lossOf(losses.training, seed);
    const heldOutLoss = lossOf(losses.heldOut, seed);
    const memorised = isMemorised(task.kind, { trainingLoss, heldOutLoss }, overlap);
    return { trainingLoss, heldOutLoss, overlap, memorised, note: memorisationNote(task.kind) };
  }

  /** Rows that it was trained on, as questions. */
  #trainedOn({ maxNewTokens, decision }: Questions, rows: number) {
    const { after, gathered } = this.#parts;
    const { tokenizer, opened } = after.ready;
    return gathered.learned
      .map((row) => ({ row, question: { prompt: plainPrompt(tokenizer, row), maxNewTokens, decision } }))
      .filter(({ question }) => question.prompt.length + maxNewTokens <= opened.model.maxPositions)
      .slice(0, Math.min(rows, FLOOR.rows));
  }

  async #forgetting(
    material: GeneralMaterial,
    said: { readonly before: readonly string[]; readonly after: readonly string[] },
  ): Promise<ForgettingFigures> {
    const { quiz: items, source } = material;
    const quiz = items.length === 0 ? null : quizFigures(items, said.before, said.after);
    return { source, quiz, ...(await this.#passages(material)) };
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

/** Simpler ways beside answers that are no closed set, and the base model with the best prompt. */
function openRivalsOf(
  learning: Learning,
  { rows, found }: Questions,
  said: readonly string[],
  answers: AnswerFigures,
  seed: number,
): Rival[] {
  const asked = rows.slice(0, said.length).map(answeredText);
  const { task } = learning;
  const scores = said.map((text, i) => scoreOf(task, text, asked[i]!.answer));
  const shown = answers.variants.find(({ variant }) => variant === 'prompt');
  const estimate = shown && decidingOf(answers, shown);
  const score = estimate && { name: scoreName(task), rows: shown.rows, ...estimate };
  return [
    ...openRivals(learning, asked, scores, seed),
    ...(score ? [{ name: 'prompt' as const, score, lead: shown.gain, seconds: found?.seconds ?? null }] : []),
  ];
}

/** Prompt tokens of questions with all their options, about. */
function abilityTokens(items: readonly AbilityItem[]): number {
  return sum(items.map(({ question, options }) => textTokens([question, ...options].join(' '))));
}

function tokensOf(rows: MeasuredRows | null): number {
  return rows?.batching.plan(0).tokens ?? 0;
}
