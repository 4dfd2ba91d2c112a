/** Several categories a text: from which score on each is given, and how well whole sets are found. */
import type { CategoryFigures, SetScores } from '../../../../common/protocol/protocol.ts';
import { sum } from '../../../../common/values.ts';
import { rate, resampled } from '../assess/statistics.ts';
import type { KnownRow } from './calibration.ts';

/** The answers of a category that a text has or has not, and their places. */
export const HAS_NOT_OR_HAS = ['no', 'yes'] as const;
const NO = 0;
export const YES = 1;

export type Sets = readonly (readonly string[])[];

/** Fewer rows with a category say nothing of its own limit. */
const LEAST_ROWS = 10;

/** Log-odds of a category. */
export const oddsOf = (scores: Float64Array): number => scores[YES]! - scores[NO]!;

/**
 * Log-odds from which on each category is given: those with the best F1 on rows that its sorter has not seen, but none below the one limit
 * that suits all categories together, since one that is hardly found would be given to nearly every text. [categories][rows], the same
 * rows for each.
 */
export function limitsOf(known: readonly (readonly KnownRow[])[]): number[] {
  const judged = known.map((rows) =>
    rows.map(({ scores, truth }) => ({ odds: oddsOf(scores), isYes: truth === YES })),
  );
  const all = bestLimit(judged.flat());
  const isRare = (rows: (typeof judged)[number]) => rows.filter(({ isYes }) => isYes).length < LEAST_ROWS;
  return judged.map((rows) => (isRare(rows) ? all : Math.max(all, bestLimit(rows))));
}

/** Between two neighbours, so that it favours neither; even odds where nothing is known. */
function bestLimit(rows: readonly { readonly odds: number; readonly isYes: boolean }[]): number {
  const sorted = rows.filter(({ odds }) => Number.isFinite(odds)).toSorted((a, b) => b.odds - a.odds);
  const positives = sorted.filter(({ isYes }) => isYes).length;
  let [right, best, limit] = [0, 0, 0];
  for (const [i, { odds, isYes }] of sorted.entries()) {
    if (isYes) right++;
    const next = sorted[i + 1]?.odds;
    if (next === odds) continue;
    const f1 = (2 * right) / (i + 1 + positives);
    if (f1 > best) [best, limit] = [f1, next === undefined ? odds : (odds + next) / 2];
  }
  return limit;
}

/** Which categories each row is given. [categories][rows] in. */
export function setsOf(
  categories: readonly string[],
  known: readonly (readonly Pick<KnownRow, 'scores'>[])[],
  limits: readonly number[],
): Sets {
  return (known[0] ?? []).map((_, row) =>
    categories.filter((__, i) => oddsOf(known[i]![row]!.scores) >= limits[i]!),
  );
}

/** Which rows have all of their categories right, and no others. */
export function setRights(known: readonly (readonly KnownRow[])[], limits = limitsOf(known)): boolean[] {
  return (known[0] ?? []).map((_, row) =>
    known.every((rows, i) => oddsOf(rows[row]!.scores) >= limits[i]! === (rows[row]!.truth === YES)),
  );
}

export function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((category) => other.includes(category));
}

/** F1 of each of `categories` and of all, micro and macro; categories that nothing has or gives are left out of the mean. */
export function setScores(categories: readonly string[], truths: Sets, given: Sets, seed = 0): SetScores {
  const place = new Map(categories.map((category, i) => [category, i]));
  const rows = truths.map((truth, row) => ({
    truth: truth.map((category) => place.get(category) ?? -1),
    given: given[row]!.map((category) => place.get(category) ?? -1),
  }));
  const figures = (drawn: ArrayLike<number>) => counted(categories.length, rows, drawn);
  const micro = (drawn: ArrayLike<number>) => {
    const { right, wrong } = figures(drawn);
    return f1Of(sum(right), sum(wrong));
  };
  const macro = (drawn: ArrayLike<number>) => {
    const { right, wrong } = figures(drawn);
    // one that was not learned has no F1 of its own
    const each = categories.flatMap((_, i) =>
      right[i]! + wrong[i]! > 0 ? [f1Of(right[i]!, wrong[i]!)] : [],
    );
    return sum(each) / Math.max(1, each.length);
  };
  const exact = truths.filter((truth, row) => isSameSet(truth, given[row]!)).length;
  return {
    exact: rate(exact, truths.length),
    microF1: resampled(rows.length, micro, seed),
    macroF1: resampled(rows.length, macro, seed),
  };
}

/** Of each category, and last of all others together: rightly given, and given or missed wrongly. */
function counted(
  categories: number,
  rows: readonly { readonly truth: readonly number[]; readonly given: readonly number[] }[],
  drawn: ArrayLike<number>,
) {
  const [right, wrong] = [
    new Array<number>(categories + 1).fill(0),
    new Array<number>(categories + 1).fill(0),
  ];
  const at = (category: number) => (category < 0 ? categories : category);
  for (let i = 0; i < drawn.length; i++) {
    const { truth, given } = rows[drawn[i]!]!;
    for (const category of given) {
      if (truth.includes(category)) right[at(category)]!++;
      else wrong[at(category)]!++;
    }
    for (const category of truth) if (!given.includes(category)) wrong[at(category)]!++;
  }
  return { right, wrong };
}

const f1Of = (right: number, wrong: number) => (right === 0 ? 0 : (2 * right) / (2 * right + wrong));

/** How well one category is found. */
export function categoryFigures(category: string, truths: Sets, given: Sets): CategoryFigures {
  const has = truths.map((truth) => truth.includes(category));
  const gets = given.map((one) => one.includes(category));
  const [rows, found] = [has.filter(Boolean).length, gets.filter(Boolean).length];
  const right = has.filter((one, row) => one && gets[row]).length;
  return {
    rows,
    precision: right / Math.max(1, found),
    recall: right / Math.max(1, rows),
    f1: f1Of(right, rows + found - 2 * right),
  };
}

/** The set that most rows have. */
export function mostFrequentSet(sets: Sets): readonly string[] {
  const groups = [...Map.groupBy(sets, (set) => [...set].sort().join('\0')).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0] ?? [];
}
