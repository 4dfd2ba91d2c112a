/** Curves of several runs over each other: one column of steps for all, and for each run its values at those steps. */
import type { RunCurves, RunRow } from '../../common/api/contract.ts';
import { number } from '../../common/words/format.ts';
import { type PlotSeries, smoothed } from '../ui/plot.ts';

const format = (value: number) => number(value, 3);

export interface Overlay {
  readonly xs: readonly number[];
  readonly series: readonly PlotSeries[];
}

interface Course {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Training loss of each run, smoothed. */
export function trainingLoss(runs: readonly RunRow[], curves: readonly RunCurves[], unit: string): Overlay {
  const courses = curves.map(({ step, loss }) => ({ steps: step, values: smoothed(loss) }));
  return laid(namesOf(runs), courses, 'line', unit);
}

/** Held-out loss of each run. */
export function heldOutLoss(runs: readonly RunRow[], curves: readonly RunCurves[], unit: string): Overlay {
  const courses = curves.map(({ evals }) => ({
    steps: evals.map(({ step }) => step),
    values: evals.map(({ loss }) => (Number.isFinite(loss) ? loss : null)),
  }));
  return laid(namesOf(runs), courses, 'points', unit);
}

function laid(
  names: readonly string[],
  courses: readonly Course[],
  kind: PlotSeries['kind'],
  unit: string,
): Overlay {
  const xs = [...new Set(courses.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  const place = new Map(xs.map((step, index) => [step, index]));
  const series = courses.map(({ steps, values }, run) => {
    const column: (number | null)[] = Array.from({ length: xs.length }, () => null);
    steps.forEach((step, index) => {
      column[place.get(step)!] = values[index] ?? null;
    });
    return { label: names[run] ?? '', values: column, kind, unit, format };
  });
  return { xs, series };
}

/** Names by which the runs can be told apart: those that are there twice get a number. */
export function namesOf(runs: readonly RunRow[]): string[] {
  const seen = new Map<string, number>();
  return runs.map(({ name }) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
