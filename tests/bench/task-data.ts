/** Real tasks of `npm run bench:tasks`: rows to train on, and rows to judge on that no training sees. */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';

export interface Row {
  readonly prompt: string;
  readonly answer: string;
}

/**
 * How a task is judged: by the category that scores best, by the fields of JSON, by how alike texts are, by the calls of tools, or by which
 * of two answers is the likelier one.
 */
export type Kind = 'category' | 'fields' | 'text' | 'tools' | 'pairs';

export interface Task {
  readonly name: string;
  readonly kind: Kind;
  readonly about: string;
  /** Rows as they are written into a file; those of tools and pairs have more than a question and an answer. */
  readonly train: readonly object[];
  readonly test: readonly object[];
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
const SAMPLES = path.join(import.meta.dirname, '../../resources/samples');
const OWN = path.join(import.meta.dirname, 'data');

type Make = (files: Files) => Parts<object>;

interface Files {
  readonly bank: Parts<Bank>;
  readonly restaurants: Parts<Restaurant>;
  /** All categories of Banking77, in a drawn order. */
  readonly categories: readonly string[];
}

interface Known extends Pick<Task, 'name' | 'kind' | 'about'> {
  readonly make: Make;
}

/** The tasks, in the order of the tables. */
export const TASKS: readonly Known[] = [
  bank('bank-a', 'Banking77, 12 categories x 30 rows', { draw: 0, rows: 30, tests: 15 }),
  bank('bank-b', 'Banking77, 12 other categories x 30 rows', { draw: 1, rows: 30, tests: 15 }),
  bank('bank-few', 'Banking77, 12 categories x 4 rows', { draw: 0, rows: 4, tests: 15 }),
  bank('bank-77', 'Banking77, all 77 categories x 10 rows', { draw: null, rows: 10, tests: 3 }),
  restaurant('fields-50', 'fields', 'E2E, a sentence to JSON, 50 rows', 50),
  restaurant('fields-200', 'fields', 'E2E, a sentence to JSON, 200 rows', 200),
  restaurant('text-50', 'text', 'E2E, attributes to a sentence, 50 rows', 50),
  restaurant('text-200', 'text', 'E2E, attributes to a sentence, 200 rows', 200),
  german('german-few', 'German messages to a town hall, 6 topics x 5 rows', 5),
  german('german', 'German messages to a town hall, 6 topics x 20 rows', 20),
  sample('tools', 'tools', 'Sample of tool calls, 160 rows', 'tool-calls'),
  sample('pairs', 'pairs', 'Sample of polite answers, 200 pairs', 'polite-answers'),
];

/** The tasks with their rows; in `folder` are the files of Banking77 and E2E, the rest is here. */
export function tasksIn(folder: string): Task[] {
  const parts = <T>(name: string): Parts<T> => ({
    train: read(folder, `${name}_train`),
    test: read(folder, `${name}_test`),
  });
  const files = { bank: parts<Bank>('banking77'), restaurants: parts<Restaurant>('e2e') };
  const categories = shuffled([...new Set(files.bank.train.map(({ category }) => category))].sort(), 1);
  return TASKS.map(({ make, ...known }) => ({ ...known, ...make({ ...files, categories }) }));
}

/** All rows of each kind of data, to draw from. */
export function poolsIn(folder: string): Pick<Task, 'name' | 'kind' | 'train' | 'test'>[] {
  const all = <T>(name: string, of: string, row: (one: T) => Row) => ({
    train: read<T>(of, `${name}_train`).map(row),
    test: read<T>(of, `${name}_test`).map(row),
  });
  const bank = all('banking77', folder, rowOf);
  const categories = shuffled([...new Set(bank.train.map(({ answer }) => answer))].sort(), 1);
  const banks = [0, 1, 2].map((draw) => {
    const own = new Set(categories.slice(draw * CATEGORIES, (draw + 1) * CATEGORIES));
    const some = (rows: readonly Row[]) => rows.filter(({ answer }) => own.has(answer));
    const name = `Banking77, 12 categories, draw ${draw + 1}`;
    return { name, kind: 'category' as const, train: some(bank.train), test: some(bank.test) };
  });
  return [
    ...banks,
    { name: 'E2E, fields', kind: 'fields', ...all('e2e', folder, fieldsRow) },
    { name: 'E2E, sentences', kind: 'text', ...all('e2e', folder, sentenceRow) },
    { name: 'German messages', kind: 'category', ...all('german', OWN, rowOf) },
  ];
}

/** `NAME=KIND:FOLDER` with a person's own rows in the folder's train.jsonl and test.jsonl. */
export function ownTask(given: string): Task {
  const [, name, kind, folder] = /^([\w-]+)=(category|fields|text):(.+)$/.exec(given) ?? [];
  if (!name)
    throw new Error(`Give --own NAME=KIND:FOLDER, with category, fields or text as KIND, not ${given}.`);
  const [train, test] = ['train', 'test'].map((part) => rowsOf(path.join(folder!, `${part}.jsonl`)));
  return { name, kind: kind as Kind, about: name, train: train!, test: test! };
}

function read<T>(folder: string, name: string): T[] {
  return parse(fs.readFileSync(path.join(folder, `${name}.csv`), 'utf8'), { columns: true }) as T[];
}

type Parts<T> = Readonly<Record<'train' | 'test', readonly T[]>>;

function bank(
  name: string,
  about: string,
  { draw, rows, tests }: { readonly draw: number | null; readonly rows: number; readonly tests: number },
): Known {
  const make: Make = ({ bank: { train, test }, categories }) => {
    const of = draw === null ? categories : categories.slice(draw * CATEGORIES, (draw + 1) * CATEGORIES);
    const drawn = (part: readonly Bank[], count: number, seed: number) =>
      of.flatMap((category) =>
        shuffled(
          part.filter((row) => row.category === category),
          seed,
        )
          .slice(0, count)
          .map(rowOf),
      );
    return { train: shuffled(drawn(train, rows, 2), 3), test: drawn(test, tests, 4) };
  };
  return { name, kind: 'category', about, make };
}

function rowOf({ text, category }: Bank): Row {
  return { prompt: text, answer: category };
}

const RESTAURANT_TESTS = 80;

function restaurant(name: string, kind: 'fields' | 'text', about: string, rows: number): Known {
  const asRow = kind === 'text' ? sentenceRow : fieldsRow;
  const make: Make = ({ restaurants: { train, test } }) => ({
    train: shuffled(train, 5).slice(0, rows).map(asRow),
    test: shuffled(test, 6).slice(0, RESTAURANT_TESTS).map(asRow),
  });
  return { name, kind, about, make };
}

function sentenceRow({ attributes, description }: Restaurant): Row {
  return { prompt: attributes, answer: description };
}

function fieldsRow({ attributes, description }: Restaurant): Row {
  return { prompt: description, answer: JSON.stringify(fieldsOf(attributes)) };
}

/** `name[The Wrestlers], near[The Sorrento]` as an object. */
export function fieldsOf(attributes: string): Record<string, string> {
  return Object.fromEntries(
    [...attributes.matchAll(/([^,[\]]+)\[([^\]]*)\]/g)].map(([, name, value]) => [name!.trim(), value!]),
  );
}

/** Our own rows: those to train on and those to judge on are written in the manner of different people. */
function german(name: string, about: string, rows: number): Known {
  const make: Make = () => {
    const [train, test] = ['german_train', 'german_test'].map((file) => read<Bank>(OWN, file).map(rowOf));
    const topics = Map.groupBy(shuffled(train!, 7), ({ answer }) => answer);
    const few = [...topics.values()].flatMap((own) => own.slice(0, rows));
    return { train: shuffled(few, 8), test: test! };
  };
  return { name, kind: 'category', about, make };
}

function sample(name: string, kind: Kind, about: string, file: string): Known {
  const make: Make = () => ({
    train: rowsOf(path.join(SAMPLES, `${file}.jsonl`)),
    test: rowsOf(path.join(SAMPLES, `${file}.held-out.jsonl`)),
  });
  return { name, kind, about, make };
}

/** A copy in an order that depends on the seed alone (mulberry32 and Fisher-Yates). */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
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

/** Rows as JSON Lines; gives the file. */
export function writeRows(file: string, rows: readonly object[]): string {
  fs.writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

/** The rows of such a file, of a task whose rows are questions and answers. */
export function rowsOf(file: string): Row[] {
  return fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}
