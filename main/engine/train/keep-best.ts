/**
 * Which weights a run ends with. Of many evaluations on few rows one is the lowest by chance, so an earlier step is kept only
 * where its rows are better than the last ones by more than that.
 */
import { ratio } from '../eval/assess/statistics.ts';
import type { Measurement } from '../eval/measure.ts';
import type { Cursor } from './checkpoint.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a cursor knows of the held-out loss. */
export type Course = Writable<
  Pick<
    Cursor,
    'heldOutLoss' | 'heldOutLossBefore' | 'bestLoss' | 'bestStep' | 'evaluationsSinceBest' | 'rowLosses'
  >
>;

/** Notes the evaluation of `step`; gives whether its loss is the lowest so far, which an equal one is not. */
export function noteEvaluation(course: Course, step: number, { loss, rows }: Measurement): boolean {
  const isBest = course.bestLoss === null || loss < course.bestLoss;
  if (step === 0) course.heldOutLossBefore = loss;
  course.heldOutLoss = loss;
  course.evaluationsSinceBest = isBest ? 0 : course.evaluationsSinceBest + 1;
  const last = [...rows.nll];
  course.rowLosses = { best: isBest ? last : (course.rowLosses?.best ?? []), last };
  if (isBest) {
    course.bestLoss = loss;
    course.bestStep = step;
  }
  return isBest;
}

/**
 * Whether the weights with the lowest loss are better than the last ones beyond chance: the 95 % interval of the difference,
 * paired by row, is above 0. `labelled` has the tokens of each row; a single row has no spread to judge by.
 */
export function isClearlyBetter(course: Course, labelled: ArrayLike<number>, seed: number): boolean {
  const { best, last } = course.rowLosses ?? { best: [], last: [] };
  if (last.length < 2 || best.length !== last.length || labelled.length !== last.length) return false;
  const worse = last.map((nll, row) => nll - best[row]!);
  return ratio(worse, labelled, seed).low > 0;
}
