/** Answers as what is learned apart: whole ones, or of JSON answers each field. Shared by the sorters, whatever they learn from. */

import type { AnsweredText } from '../answered-text.ts';
import { canonical, parseObject } from '../assess/task.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { fieldsOf, placeIn } from '../classify/closed-set.ts';
import { amongEachOther } from '../generator.ts';
import { crossed, crossedRows, type FoldOf } from './logistic.ts';

/** What is learned apart: the field (null for whole answers), and the label of an answer. */
export interface AnswerPart {
  readonly field: string | null;
  labelOf(answer: string): string;
}

export function learnedOf(answers: readonly string[]): AnswerPart[] {
  const fields = fieldsOf(answers);
  const place = placeIn(answers);
  if (fields.length < 2) return [{ field: null, labelOf: (answer) => String(place(answer)) }];
  return fields.map((field) => ({ field, labelOf: (answer) => canonical(parseObject(answer)?.[field]) }));
}

/** Of one part [answers] the label of each answer; -1 where no row taught it. */
export interface PartOf {
  readonly of: readonly number[];
}

/** Log-probabilities [answers] of each row, among all answers, of log-probabilities [part, row, labels]. */
export function answersFrom(
  answers: readonly string[],
  parts: readonly PartOf[],
  found: readonly (readonly Float64Array[])[],
): Float64Array[] {
  return (found[0] ?? []).map((_, row) =>
    amongEachOther(
      answers.map((__, answer) =>
        parts.reduce((sum, { of }, part) => sum + (found[part]![row]![of[answer]!] ?? -Infinity), 0),
      ),
    ),
  );
}

/** Rows of one part as a regression takes them. */
interface PartRows {
  readonly labels: readonly string[];
  readonly wanted: Int32Array;
  readonly foldOf: FoldOf;
}

export interface CrossedAnswers {
  /** Of each part the strength that did best. */
  readonly strengths: readonly number[];
  /** Training rows, each scored by what was learned without it. */
  readonly rows: readonly KnownRow[];
}

/** Scores rows of `taught` in three folds; the same rows whatever they are learned from, so that ways compare row by row. */
export function crossedAnswers(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  rowsOf: (labels: readonly string[]) => PartRows,
  seed: number,
): CrossedAnswers {
  const order = crossedRows(taught.length, seed);
  const parts = learnedOf(answers).map(({ labelOf }) => {
    const { labels, wanted, foldOf } = rowsOf(taught.map(({ answer }) => labelOf(answer)));
    const of = answers.map((answer) => labels.indexOf(labelOf(answer)));
    const found =
      labels.length < 2
        ? { strength: 1, scores: Array.from(order, () => new Float64Array(labels.length)) }
        : crossed(order, wanted, labels.length, foldOf, (row) => taught[row]!.text);
    return { of, ...found };
  });
  const scores = answersFrom(
    answers,
    parts,
    parts.map((part) => part.scores),
  );
  const place = placeIn(answers);
  return {
    strengths: parts.map(({ strength }) => strength),
    rows: scores.map((one, i) => ({ scores: one, truth: place(taught[order[i]!]!.answer) })),
  };
}

/** A digit more changes no category. */
const DIGITS = 6;
export const short = (value: number) => Number(value.toPrecision(DIGITS));
