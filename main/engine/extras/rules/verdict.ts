/** What a rule says of an answer. */
import { AppError } from '../../../../common/errors.ts';
import type { JudgedRow } from '../../../../common/extras/rules/rules.ts';

/** A score from 0 to 1, and what is wrong where it is not 1. */
export type Verdict = readonly [score: number, reason: string];
export type Judge = (answer: string, row: JudgedRow) => Verdict;

/** A rule that can't be, or doesn't fit the rows. */
export function badRule(message: string, hint: string): AppError {
  return new AppError('bad-rule', message, hint);
}
