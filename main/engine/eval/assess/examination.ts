/** One examination: questions and texts to both models, as many as the time allows, and the verdict. */

import type {
  AnswerFigures,
  AssessResult,
  LossFigures,
  MemorisationFigures,
  Rival,
  Verdict,
} from '../../../../common/protocol/protocol.ts';
import { decidingOf } from '../../../../common/scores.ts';
import { sum } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { PLACES } from '../classify/beside.ts';
import type { KnownRow } from '../classify/calibration.ts';
import type { RowLosses } from '../measure.ts';
import { fieldsCurve } from '../rivals/learning-curve.ts';
import { type LearningMaterial, openRivals } from '../rivals/open-rivals.ts';
import type { MeasuredSorter } from '../rivals/rung.ts';
import type { VectorRival } from '../rivals/vector-rival.ts';
import { abilityItems, fewerBlocks } from './abilities.ts';
import { askAllowed, closedOf } from './allowed.ts';
import { abilityTokens, askAbilities } from './ask-abilities.ts';
import { answerFigures, prepareQuestions, type Questions } from './asking.ts';
import {
  isMemorised,
  lossFigures,
  lossOf,
  memorisationNote,
  overlapOf,
  passagesForVerdict,
  quizForVerdict,
  quizQuestions,
} from './assess-figures.ts';
import type { GatheredRows } from './assess-rows.ts';
import type { Question } from './base-cache.ts';
import { lookForPrompt } from './best-prompt.ts';
import { type Amounts, affordableAmounts, costOf, costsOf, Effort, MOST_ROWS, tokensOf } from './budget.ts';
import { forgettingOf } from './forgetting.ts';
import { type GeneralMaterial, shortened } from './general-quiz.ts';
import { preferenceOf } from './preference.ts';
import { answeredText } from './prompts.ts';
import type { RemedyEvidence } from './remedy.ts';
import { scoreName, scoreOf } from './scores.ts';
import { slotsOf } from './slots.ts';
import type { MeasuredRows, Subject } from './subject.ts';
import { type Task, taskOfRows } from './task.ts';
import { judge } from './verdict.ts';
import { deciding, type VerdictFigures } from './verdict-figures.ts';
import { type SaidByTrained, WrittenAnswers } from './written.ts';

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
  /** What its answers show beyond the figures. */
  readonly closedErrors: Pick<RemedyEvidence, 'errors' | 'curve'> | null;
  /** The best prompt as a text to copy; null where none fits. */
  readonly prompt: string | null;
  /** The sorters beside it that can be kept, where answers come from a closed set. */
  readonly sorters: readonly MeasuredSorter[];
};

export class Examination {
  readonly #parts: ExaminationParts;
  readonly #effort: Effort;

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
    const effort = this.#effort;
    const asked = gathered.asked.slice(0, wanted.rows);
    const task = taskOfRows(learned.map(answeredText));
    const { opened, tokenizer } = before.ready;
    const material = await this.#parts.material();
    const maxPositions = opened.model.maxPositions;
    const closed = closedOf(task, gathered, before, wanted.closedRows);
    const { choice, ...prepared } = prepareQuestions(task, asked, learned, {
      tokenizer,
      maxPositions,
      seed,
      beside: closed ? PLACES - closed.tokens : undefined,
    });
    const requests = quizQuestions(tokenizer, material.quiz);
    const fits = ({ prompt, maxNewTokens }: Question) => prompt.length + maxNewTokens <= maxPositions;
    const quiz = material.quiz.filter((_, i) => fits(requests[i]!));
    const rows = prepared.rows.length;
    const { passages } = material;
    const isQuick = this.#parts.budgetSeconds !== null;
    const abilities = abilityItems(isQuick ? fewerBlocks(material.abilities) : material.abilities);
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
    const expected = costsOf(prepared, general, {
      newTokens: prepared.maxNewTokens / 2,
      closedTokens,
      isQuick,
    });
    const least = isQuick ? affordableAmounts(most, expected, 0) : most;
    const measured = [gathered.training, gathered.heldOut, gathered.heldOut];
    effort.expect(sum(measured.map(tokensOf)) + costOf(least, expected) + 2 * abilityTokens(abilities));
    const { loss, lossAfter, lossTraining, perToken } = await this.#losses();
    const preference = await preferenceOf(gathered.heldOut, { before, after });
    const abilityResult = await askAbilities(abilities, { before, after }, effort);
    const search = {
      learned,
      seconds: this.#parts.promptSeconds,
      effort,
      perRow: perToken * (closed ? expected.closed : expected.before),
    };
    const questions = preference ? prepared : await lookForPrompt(prepared, choice, closed, before, search);
    const written = new WrittenAnswers(questions, { ...this.#parts, learned, effort });
    const decided = await written.decide(general, most, expected, closedTokens);
    const { amounts, costs } = decided;
    const toAsk = {
      ...material,
      quiz: shortened(quiz, amounts.quizItems),
      passages: shortened(passages, amounts.passages),
    };
    const trained = await written.askTrained(decided, toAsk.quiz);
    const untrained = await written.askBase(decided, toAsk.quiz, trained.said);
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
        (detail, work) => effort.part(detail, amounts.closedRows * costs.closed, work),
        this.#parts.vectors,
        questions.found && { prompt: questions.found, rows: amounts.baselineRows },
      ));
    const losses = lossAfter && { training: lossTraining, heldOut: lossAfter };
    const memorisation = losses && this.#memorisation(task, losses, questions, trained);
    const saidQuiz = { before: untrained.quiz, after: trained.quiz };
    const reading = { before, after, work: this.#parts.work, seed, effort };
    const forgetting = { ...(await forgettingOf(toAsk, saidQuiz, reading)), abilities: abilityResult };
    const rivals =
      preference || !answers
        ? []
        : (allowed?.rivals ?? openRivalsOf({ task, slots, taught }, questions, trained.said, answers, seed));
    const notes = decided.note === null ? [] : [decided.note];
    const quick = notes.length > 0;
    const figures: VerdictFigures = {
      task: task.kind,
      preference,
      ...deciding(task, answers, rivals),
      closed: allowed?.figures ?? null,
      rivals,
      available: quick ? gathered.asked.length : 0,
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
      closedErrors: allowed
        ? { errors: allowed.errors, curve: allowed.curve }
        : { errors: null, curve: await fieldsCurve(taught, { seed: 0, stop: before.stop }) },
      sorters: allowed?.sorters ?? [],
    };
  }

  async #losses(): Promise<{
    loss: LossFigures | null;
    lossAfter: RowLosses | null;
    lossTraining: RowLosses;
    /** Seconds that reading a token takes. */
    perToken: number;
  }> {
    const { gathered, before, after, seed } = this.#parts;
    const { heldOut, training } = gathered;
    const losses = (subject: Subject, rows: MeasuredRows, detail: string) =>
      this.#effort.part(detail, tokensOf(rows), (tell) => subject.losses(rows, tell));
    const started = performance.now();
    const lossTraining = await losses(after, training, say`Loss on training rows`);
    const perToken = (performance.now() - started) / 1000 / Math.max(1, tokensOf(training));
    if (!heldOut) return { loss: null, lossAfter: null, lossTraining, perToken };
    const lossBefore = await losses(before, heldOut, say`Loss of the base model`);
    const lossAfter = await losses(after, heldOut, say`Loss of the trained model`);
    return { loss: lossFigures(lossBefore, lossAfter, seed), lossAfter, lossTraining, perToken };
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
}

/** Simpler ways beside answers that are no closed set, and the base model with the best prompt. */
function openRivalsOf(
  learning: LearningMaterial,
  { rows, found }: Questions,
  said: readonly string[],
  answers: AnswerFigures,
  seed: number,
): Rival[] {
  const asked = rows.slice(0, said.length).map(answeredText);
  const { task } = learning;
  const scores = said.map((text, i) => scoreOf(task, text, asked[i]!));
  const shown = answers.variants.find(({ variant }) => variant === 'prompt');
  const estimate = shown && decidingOf(answers, shown);
  const score = estimate && { name: scoreName(task), rows: shown.rows, ...estimate };
  return [
    ...openRivals(learning, asked, scores, seed),
    ...(score ? [{ name: 'prompt' as const, score, lead: shown.gain, seconds: found?.seconds ?? null }] : []),
  ];
}
