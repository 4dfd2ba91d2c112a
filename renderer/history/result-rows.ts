/** What compared runs came to, a row for each figure, a value for each run. */
import type { RunComparison, RunRow } from '../../common/api/contract.ts';
import { dateTime, duration, number } from '../../common/words/format.ts';
import { compare, history } from '../text/history.ts';
import { run as runText } from '../text/run.ts';
import { settingName, valueWords } from '../text/run-settings.ts';

export interface ResultRow {
  readonly name: string;
  readonly values: readonly string[];
}

const VALUES: readonly (readonly [name: string, value: (run: RunRow) => string])[] = [
  [compare.rows.verdict, ({ learned }) => (learned ? history.verdicts[learned] : number(null))],
  [compare.rows.forgot, ({ forgot }) => (forgot ? history.forgot[forgot] : number(null))],
  [compare.rows.bestLoss, ({ bestLoss }) => number(bestLoss, 3)],
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
