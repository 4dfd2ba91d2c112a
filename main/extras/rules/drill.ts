/**
 * What a drill does next, from what is in its journal alone, so that it continues wherever it was stopped. A model answers, what passes the
 * rules is learned, and the model that learned answers again: rejection sampling (Yuan et al. 2023, arXiv 2308.01825), each time from the
 * base model (STaR, Zelikman et al. 2022, arXiv 2203.14465), with a last round on pairs (Rafailov et al. 2023, arXiv 2305.18290).
 */
import { AppError } from '../../../common/errors.ts';
import type { DrillRound, DrillState, JudgedAnswer, Passed } from '../../../common/extras/rules/drill.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import type { Head, Journal } from './journal.ts';

type Rows = Pick<Journal, 'head' | 'answers' | 'trained'>;

export type Step =
  /** Questions to ask the model of the run, or the base model: rows with the numbers of the samples that are missing. */
  | {
      readonly do: 'ask';
      readonly round: number;
      readonly run: string | null;
      readonly asked: SampleRequest;
      readonly isTest: boolean;
    }
  | {
      readonly do: 'train';
      readonly round: number;
      readonly kind: DrillRound['kind'];
      readonly rows: readonly object[];
    }
  | { readonly do: 'end'; readonly state: DrillState };

export type SampleRequest = readonly { readonly row: number; readonly samples: readonly number[] }[];

/** Fewer pairs teach nothing. */
const FEWEST_PAIRS = 4;
/** Wrong answers beside the right one of a row. */
const MOST_WRONG = 2;

/** Throws an AppError where nothing passes. */
export function nextStep(journal: Rows): Step {
  const { head } = journal;
  const state = stateOf(journal);
  const runOf = (round: number) => state.rounds.find(({ number }) => number === round)?.run ?? null;
  const ask = (round: number, run: string | null, isTest: boolean): Step | null => {
    const rows = isTest ? head.test : practised(journal, round);
    const asked = missing(journal, round, rows, isTest ? 1 : head.samples);
    return asked.length > 0 ? { do: 'ask', round, run, asked, isTest } : null;
  };
  const test = ask(0, null, true);
  if (test) return test;
  for (const { number, run } of state.rounds) {
    const open = run === null ? null : ask(number, run, true);
    if (open) return open;
  }
  if (state.isDone) return { do: 'end', state };
  const round = journal.trained.length + 1;
  if (hasRisen(state) && round <= head.rounds) {
    const open = ask(round, runOf(bestOf(state)), false);
    if (open) return open;
    const rows = rightRows(journal);
    if (rows.length === 0) throw nothingPasses(journal);
    return { do: 'train', round, kind: 'answers', rows };
  }
  return { do: 'train', round, kind: 'pairs', rows: pairRows(journal) };
}

export function stateOf(journal: Rows): DrillState {
  const { head, trained } = journal;
  const test = (round: number): Passed | null => {
    const found = head.test.flatMap((row) => journal.answers(round, row).slice(0, 1));
    if (found.length < head.test.length) return null;
    return { passed: found.filter(({ passes }) => passes).length, of: found.length };
  };
  const count = trained.length + (trained.at(-1)?.kind === 'pairs' ? 0 : 1);
  const rounds = Array.from({ length: count }, (_, i): DrillRound => {
    const known = trained[i];
    const given = trainRows(head).flatMap((row) => journal.answers(i + 1, row));
    const score = given.reduce((sum, one) => sum + one.score, 0) / Math.max(1, given.length);
    const practised = { passed: given.filter(({ passes }) => passes).length, of: given.length, score };
    const about = { number: i + 1, kind: known?.kind ?? 'answers', practised } as const;
    return { ...about, rows: known?.rows ?? null, run: known?.run ?? null, test: known ? test(i + 1) : null };
  }).filter(({ practised, run }) => practised.of > 0 || run !== null);
  const state = { before: test(0), rounds, best: 0, isDone: false, advice: null };
  const best = bestOf(state);
  const isDone = isOver(journal, { ...state, best });
  return { ...state, best, isDone, advice: isDone && best === 0 ? adviceOf(journal, state) : null };
}

/** From this share on there is hardly anything to learn; below the other, or with fewer rows, hardly anything to learn from. */
const NEARLY_ALL = 0.9;
const SELDOM = 0.05;
const FEW_ROWS = 10;

/** Why no round was better, by what passed, and what to do then. */
function adviceOf(journal: Rows, { before, rounds }: Pick<DrillState, 'before' | 'rounds'>): string | null {
  const first = rounds[0];
  if (!before || !first) return null;
  if (before.passed >= NEARLY_ALL * before.of)
    return [
      say`The model as it is passes ${number(before.passed)} of ${number(before.of)} test questions, so there is hardly anything to learn.`,
      say`Add a rule for what its answers lack, or give harder questions.`,
    ].join(marks().gap);
  const { passed, of } = first.practised;
  const why = commonReason(journal);
  if (passed < SELDOM * of || (first.rows ?? 0) < FEW_ROWS)
    return [
      say`Only ${number(passed)} of ${number(of)} answers passed in practice, so there was too little to learn from.`,
      ...why,
      say`Show the wanted form in the question, give more questions or more answers to each, or choose an easier rule or a larger model.`,
    ].join(marks().gap);
  return [
    say`It learned ${number(first.rows)} right answers, and the test questions pass no more often.`,
    ...why,
    say`Give more, and more varied, questions, or choose a larger model.`,
  ].join(marks().gap);
}

/** What the rule said most often of answers that failed in practice, as a sentence; nothing where it gave no reason. */
function commonReason(journal: Rows): string[] {
  const failed = trainRows(journal.head).flatMap((row) =>
    journal.answers(1, row).filter(({ passes }) => !passes),
  );
  const reasons = Map.groupBy(failed, ({ reason }) => reason);
  reasons.delete('');
  const [most] = [...reasons].sort(([, a], [, b]) => b.length - a.length);
  return most
    ? [say`Why answers failed most often (${number(most[1].length)} of ${number(failed.length)}): ${most[0]}`]
    : [];
}

function isOver(journal: Rows, state: DrillState): boolean {
  const { head, trained } = journal;
  const last = trained.at(-1);
  if (!last || !state.before) return false;
  const tested = state.rounds.find(({ number }) => number === last.round)?.test;
  if (!tested) return false;
  if (last.kind === 'pairs' || tested.passed === tested.of) return true;
  if (hasRisen(state) && trained.length < head.rounds) return false;
  return !head.pairs || pairRows(journal).length < FEWEST_PAIRS;
}

/** The round with the highest share on the test questions, the earliest of equal ones; 0 before any. */
function bestOf({ before, rounds }: Pick<DrillState, 'before' | 'rounds'>): number {
  let best = { number: 0, passed: before?.passed ?? 0 };
  for (const { number, test } of rounds)
    if (test && test.passed > best.passed) best = { number, passed: test.passed };
  return best.number;
}

/** Whether the last round was better than all before it. */
function hasRisen(state: DrillState): boolean {
  const last = state.rounds.findLast(({ test }) => test !== null);
  return last === undefined || bestOf(state) === last.number;
}

const trainRows = ({ rows, test }: Head): readonly number[] => {
  const kept = new Set(test);
  return rows.flatMap((_, row) => (kept.has(row) ? [] : [row]));
};

/** Rows that are practised in a round: those of which not all answers of the round before were right. */
function practised(journal: Rows, round: number): readonly number[] {
  return trainRows(journal.head).filter((row) => {
    const before = lastAnswers(journal, row, round - 1);
    return before.length === 0 || before.some(({ passes }) => !passes);
  });
}

/** The answers of the last round up to `round` in which a row was practised. */
function lastAnswers(journal: Rows, row: number, round: number): readonly JudgedAnswer[] {
  for (let one = round; one > 0; one--) {
    const found = journal.answers(one, row);
    if (found.length > 0) return found;
  }
  return [];
}

function missing(journal: Rows, round: number, rows: readonly number[], samples: number): SampleRequest {
  return rows.flatMap((row) => {
    const known = new Set(journal.answers(round, row).map(({ sample }) => sample));
    const open = Array.from({ length: samples }, (_, sample) => sample).filter((one) => !known.has(one));
    return open.length > 0 ? [{ row, samples: open }] : [];
  });
}

/** Answers of a row by how often they were given in their last round, then by score, the shortest first of equal ones. */
function ranked(
  journal: Rows,
  row: number,
  wanted: (answer: JudgedAnswer) => boolean,
): readonly JudgedAnswer[] {
  for (let round = journal.trained.length + 1; round > 0; round--) {
    const found = Map.groupBy(journal.answers(round, row).filter(wanted), ({ text }) => text);
    if (found.size === 0) continue;
    return [...found.values()]
      .sort(
        (a, b) => b.length - a.length || b[0]!.score - a[0]!.score || a[0]!.text.length - b[0]!.text.length,
      )
      .map(([first]) => first!);
  }
  return [];
}

/** What is learned of each row: its right answer, with where it is from. */
export function rightRows(journal: Rows): object[] {
  return trainRows(journal.head).flatMap((row) => {
    const [right] = ranked(journal, row, ({ passes, text }) => passes && text !== '');
    if (!right) return [];
    const { turns, tools } = journal.head.rows[row]!;
    const messages = [...turns, { role: 'assistant', content: right.text }];
    return [{ messages, ...(tools && { tools }), ...origin(journal, row) }];
  });
}

/** Right answers beside wrong ones of the same row. */
export function pairRows(journal: Rows): object[] {
  return trainRows(journal.head).flatMap((row) => {
    const [right] = ranked(journal, row, ({ passes, text }) => passes && text !== '');
    if (!right) return [];
    const wrong = ranked(journal, row, ({ passes, text }) => !passes && text !== '').slice(0, MOST_WRONG);
    const { turns, tools } = journal.head.rows[row]!;
    const said = (content: string) => [{ role: 'assistant', content }];
    return wrong.map(({ text }) => ({
      prompt: turns,
      chosen: said(right.text),
      rejected: said(text),
      ...(tools && { tools }),
      ...origin(journal, row),
    }));
  });
}

/** Columns beside a row, which are neither question nor answer. */
function origin(journal: Rows, row: number) {
  const given = lastAnswers(journal, row, journal.trained.length + 1);
  const passed = given.filter(({ passes }) => passes).length;
  return {
    fettle_origin: 'rule',
    fettle_rule: journal.head.rules.map(({ kind }) => kind).join(', '),
    fettle_round: String(journal.trained.length + 1),
    fettle_passed: `${passed}/${given.length}`,
  };
}

function nothingPasses(journal: Rows): AppError {
  const advice = say`Show the wanted form in the question, or choose an easier rule or a larger model.`;
  return new AppError(
    'no-rows-pass',
    say`No answer passes the rule, so there is nothing to learn.`,
    [...commonReason(journal), advice].join(marks().gap),
  );
}
