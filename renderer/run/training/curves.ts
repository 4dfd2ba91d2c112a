/** The series of a training's plots: training and held-out loss share one axis of steps. */
import type { Columns } from '../../state/run-points.ts';
import type { EvalPoint } from '../../state/run-progress.ts';

export interface LossColumns {
  readonly xs: readonly number[];
  readonly training: readonly (number | null)[];
  readonly heldOut: readonly (number | null)[];
}

/** Training and held-out loss over the steps that either of them has; both are sorted by step. */
export function lossColumns(curves: Columns, evals: readonly EvalPoint[]): LossColumns {
  const xs: number[] = [];
  const training: (number | null)[] = [];
  const heldOut: (number | null)[] = [];
  let point = 0;
  let evaluation = 0;
  while (point < curves.step.length || evaluation < evals.length) {
    const nextPoint = curves.step[point] ?? Number.POSITIVE_INFINITY;
    const nextEval = evals[evaluation]?.step ?? Number.POSITIVE_INFINITY;
    xs.push(Math.min(nextPoint, nextEval));
    training.push(nextPoint <= nextEval ? (curves.loss[point++] ?? null) : null);
    heldOut.push(nextEval <= nextPoint ? finite(evals[evaluation++]?.loss) : null);
  }
  return { xs, training, heldOut };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

const BYTES_OF_GB = 1e9;

export const inGigabytes = (values: readonly (number | null)[]): (number | null)[] =>
  values.map((value) => (value === null ? null : value / BYTES_OF_GB));
