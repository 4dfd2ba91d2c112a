/** Rows of several columns as one list, so that what reads a text learns all its answers at once. */
import { placeIn } from '../classify/closed-set.ts';
import { crossedRows, dealtFolds } from './logistic.ts';
import { columnsOf, type LadderRows } from './rung.ts';

/** A text, and of each column which of its rows it is; -1 where it has no answer. */
export interface JointRow {
  readonly text: string;
  readonly rows: readonly number[];
}

/** All rows that are learned from. Of a text with several answers the first ones stand together, and so on. */
export function jointRows(columns: readonly Pick<LadderRows, 'taught'>[]): JointRow[] {
  const found = new Map<string, { readonly text: string; readonly rows: number[] }[]>();
  for (const [column, { taught }] of columns.entries()) {
    const counts = new Map<string, number>();
    for (const [row, { text }] of taught.entries()) {
      const own = found.get(text) ?? [];
      found.set(text, own);
      const at = counts.get(text) ?? 0;
      counts.set(text, at + 1);
      own[at] ??= { text, rows: columns.map(() => -1) };
      own[at].rows[column] = row;
    }
  }
  return [...found.values()].flat();
}

export interface JointFold {
  readonly train: readonly JointRow[];
  readonly held: readonly JointRow[];
}

/**
 * Three folds of the rows on which ways are compared, with some of every answer of the first column in each. A text that a fold is asked
 * has taught it in no column.
 */
export function jointFolds(all: LadderRows): readonly JointFold[] {
  const columns = columnsOf(all);
  const joint = jointRows(columns);
  const compared = new Set<JointRow>();
  for (const [column, { taught }] of columns.entries()) {
    const byRow = new Map(joint.map((one) => [one.rows[column]!, one]));
    for (const row of crossedRows(taught.length, all.seed)) compared.add(byRow.get(row)!);
  }
  const places = columns.map(({ answers }) => placeIn(answers));
  const answersOf = ({ rows }: JointRow) =>
    rows.map((row, column) => (row < 0 ? -1 : places[column]!(columns[column]!.taught[row]!.answer)));
  // those of an answer of the first column stand together, among them those of the second, and so on
  const ordered = columns.reduceRight<readonly JointRow[]>(
    (rows, _, column) => [...Map.groupBy(rows, (row) => answersOf(row)[column]!).values()].flat(),
    [...compared],
  );
  const texts = [...Map.groupBy(ordered, ({ text }) => text).values()];
  const numbers = new Map<string, number>();
  const kinds = texts.map(([first]) => {
    const key = answersOf(first!).join();
    numbers.set(key, numbers.get(key) ?? numbers.size);
    return numbers.get(key)!;
  });
  const rowsAt = (chosen: readonly number[]) => chosen.flatMap((at) => texts[at]!);
  return dealtFolds(kinds).map(({ train, held }) => ({ train: rowsAt(train), held: rowsAt(held) }));
}
