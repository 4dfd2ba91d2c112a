/** Several runs side by side: curves over one column of steps, and a row for each figure and setting. */
import type { RunComparison, RunCurves, RunRow } from '../../common/api/contract.ts';
import { settingName, valueWords } from '../../common/settings/form.ts';
import { dateTime, duration, loss, number } from '../../common/words/format.ts';
import { compare, history, run as runText } from '../text/text.ts';
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

export interface ResultRow {
  readonly name: string;
  readonly values: readonly string[];
}

const VALUES: readonly (readonly [name: string, value: (run: RunRow) => string])[] = [
  [compare.rows.verdict, ({ learned }) => (learned ? history.verdicts[learned] : number(null))],
  [compare.rows.forgot, ({ forgot }) => (forgot ? history.forgot[forgot] : number(null))],
  [compare.rows.bestLoss, ({ bestLoss }) => loss(bestLoss)],
  [compare.rows.seconds, ({ seconds }) => duration(seconds)],
  [compare.rows.state, ({ state }) => runText.states[state]],
  [compare.rows.model, ({ model }) => model],
  [compare.rows.data, ({ data }) => data],
  [compare.rows.method, ({ method }) => runText.methods[method] ?? method],
  [compare.rows.created, ({ created }) => dateTime(created)],
];

/** The rows in the order to show them. */
export function resultRows(runs: readonly RunRow[]): ResultRow[] {
  return VALUES.map(([name, value]) => ({ name, values: runs.map(value) }));
}

/** Settings in which runs differ, by the names and in the words that the plan step has for them. */
export function settingRows(differences: RunComparison['differences']): ResultRow[] {
  return differences.map(({ name, values }) => ({
    name: settingName(name),
    values: values.map((value) => valueWords(name, value)),
  }));
}
