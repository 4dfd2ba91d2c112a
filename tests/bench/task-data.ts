/** Real tasks of `npm run bench:tasks`: rows to train on, and rows to judge on that no training sees. */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';

export interface Row {
  readonly prompt: string;
  readonly answer: string;
}

/** How answers are judged: by the category that scores best, field by field, or by their text. */
export type Kind = 'category' | 'fields' | 'text';

export interface Task {
  readonly name: string;
  readonly kind: Kind;
  readonly train: readonly Row[];
  readonly test: readonly Row[];
}

interface Bank {
  readonly text: string;
  readonly category: string;
}
interface Restaurant {
  readonly attributes: string;
  readonly description: string;
}

const CATEGORIES = 12;
const ROWS_OF_CATEGORY = 30;
const TEST_ROWS_OF_CATEGORY = 10;
const RESTAURANT_ROWS = 200;
const RESTAURANT_TEST_ROWS = 120;

/** The tasks that the files of a folder allow. */
export function tasksIn(folder: string): Task[] {
  const read = <T>(name: string) =>
    parse(fs.readFileSync(path.join(folder, `${name}.csv`), 'utf8'), { columns: true }) as T[];
  const bank = { train: read<Bank>('banking77_train'), test: read<Bank>('banking77_test') };
  const restaurants = { train: read<Restaurant>('e2e_train'), test: read<Restaurant>('e2e_test') };
  const categories = shuffled([...new Set(bank.train.map(({ category }) => category))].sort(), 1);
  const sets = { a: categories.slice(0, CATEGORIES), b: categories.slice(CATEGORIES, 2 * CATEGORIES) };
  return [
    ...Object.entries(sets).map(([name, set]) => bankTask(`bank-${name}`, set, bank)),
    restaurantTask('sentence', 'text', restaurants, ({ attributes, description }) => ({
      prompt: attributes,
      answer: description,
    })),
    restaurantTask('attributes', 'fields', restaurants, ({ attributes, description }) => ({
      prompt: description,
      answer: JSON.stringify(fieldsOf(attributes)),
    })),
  ];
}

function bankTask(name: string, set: readonly string[], rows: Record<'train' | 'test', Bank[]>): Task {
  const drawn = (from: readonly Bank[], count: number, seed: number) =>
    set.flatMap((category) =>
      shuffled(
        from.filter((row) => row.category === category),
        seed,
      )
        .slice(0, count)
        .map((row) => ({ prompt: row.text, answer: category })),
    );
  return {
    name,
    kind: 'category',
    train: shuffled(drawn(rows.train, ROWS_OF_CATEGORY, 2), 3),
    test: drawn(rows.test, TEST_ROWS_OF_CATEGORY, 4),
  };
}

function restaurantTask(
  name: string,
  kind: Kind,
  rows: Record<'train' | 'test', Restaurant[]>,
  rowOf: (row: Restaurant) => Row,
): Task {
  return {
    name,
    kind,
    train: shuffled(rows.train, 5).slice(0, RESTAURANT_ROWS).map(rowOf),
    test: shuffled(rows.test, 6).slice(0, RESTAURANT_TEST_ROWS).map(rowOf),
  };
}

/** `name[The Wrestlers], near[The Sorrento]` as an object. */
function fieldsOf(attributes: string): Record<string, string> {
  return Object.fromEntries(
    [...attributes.matchAll(/([^,[\]]+)\[([^\]]*)\]/g)].map(([, name, value]) => [name!.trim(), value!]),
  );
}

/** A copy in an order that depends on the seed alone (mulberry32 and Fisher-Yates). */
function shuffled<T>(values: readonly T[], seed: number): T[] {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const copy = [...values];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other]!, copy[at]!];
  }
  return copy;
}

/** Rows as a CSV file, as a table program writes it. */
export function writeRows(file: string, rows: readonly Row[]): void {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fs.writeFileSync(
    file,
    ['question,answer', ...rows.map((row) => `${cell(row.prompt)},${cell(row.answer)}`)].join('\n'),
  );
}
