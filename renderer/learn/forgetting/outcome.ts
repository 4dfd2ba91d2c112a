/** What the experiment came to, in points of the quiz. */
import type { LessonRun } from '../../../common/api/contract.ts';

type Result = NonNullable<LessonRun['result']>;

/** Points of a hundred by which the quiz fell. */
export function pointsLost({ quizBefore, quizAfter }: Pick<Result, 'quizBefore' | 'quizAfter'>): number {
  return 100 * (quizBefore - quizAfter);
}

/** The remedy after which most of the quiz was right; null before one has ended. */
export function bestRemedy(runs: readonly LessonRun[]): (LessonRun & { readonly result: Result }) | null {
  const tried = runs.filter(
    (one): one is LessonRun & { readonly result: Result } =>
      one.variant !== 'too-hard' && one.result !== null,
  );
  return tried.toSorted((a, b) => b.result.quizAfter - a.result.quizAfter)[0] ?? null;
}
