/** What the held-out losses of a training tell: whether it rose, still fell or memorised, and what going on would bring. */
import type { Estimate, EvalEvent, StepEvent } from '../../../../common/protocol/protocol.ts';
import { RULES } from './verdict-figures.ts';

/** A held-out loss, and how far the weights may have moved until then: the sum of the learning rates of all steps. */
export interface CoursePoint {
  readonly moved: number;
  readonly loss: number;
}

/** The course of a training from what its run recorded. */
export function courseOf(metrics: readonly (StepEvent | EvalEvent)[]): CoursePoint[] {
  let moved = 0;
  return metrics.flatMap((one) => {
    if (one.event === 'step') moved += one.learningRate;
    return one.event === 'eval' ? [{ moved, loss: one.loss }] : [];
  });
}

export interface CourseReading {
  /** It ended clearly above its start. */
  readonly rose: boolean;
  /** It was lowest at the end and fell in the second half, or has hardly fallen yet. */
  readonly falls: boolean;
  /** It turned upwards after its lowest. */
  readonly turned: boolean;
}

/** Reads losses, the first of them from before the training. */
export function readCourse(losses: readonly number[]): CourseReading {
  const [first = 0, last = 0] = [losses[0], losses.at(-1)];
  const lowest = losses.length > 0 ? Math.min(...losses) : 0;
  const middle = losses[Math.floor((losses.length - 1) / 2)] ?? 0;
  const [less, more] = [1 - RULES.courseMoves, 1 + RULES.courseMoves];
  const fell = last === lowest && last <= less * middle;
  return {
    rose: last > more * first,
    falls: losses.length > 1 && (fell || lowest > less * first),
    turned: last > more * lowest,
  };
}

/** Whether the training rows are known and the held-out ones are not. */
export function knowsOwnRows(
  fit: { readonly training: Estimate; readonly heldOut: Estimate } | null,
): boolean {
  return fit !== null && fit.training.high < RULES.ownRows * fit.heldOut.low;
}

/** So far from half of the way a loss may stand that shows how it went on. */
const MIDDLE = 0.3;
/** Of the fall in the second half of the way as a power of it, so much goes on at least and at most. */
const GOES_ON = { least: 0.25, most: 1 } as const;

/**
 * By which factor the held-out loss would fall if the weights moved `times` as far: a power law through its end and the middle of its
 * way, of which a part may go on. Null where the course doesn't tell.
 */
export function lossFactor(
  course: readonly CoursePoint[],
  times: number,
): { readonly low: number; readonly high: number } | null {
  const end = course.at(-1);
  if (!end || !(end.loss > 0)) return null;
  const fromMiddle = ({ moved }: CoursePoint) => Math.abs(moved / end.moved - 0.5);
  const [middle] = course.toSorted((a, b) => fromMiddle(a) - fromMiddle(b));
  if (!middle || fromMiddle(middle) > MIDDLE || !(end.loss < middle.loss)) return null;
  const power = Math.log(middle.loss / end.loss) / Math.log(end.moved / middle.moved);
  return { low: times ** -(GOES_ON.most * power), high: times ** -(GOES_ON.least * power) };
}
