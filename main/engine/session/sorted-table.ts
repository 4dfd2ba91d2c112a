/** The file of sorted rows: what a person's own table has, with the category and the score beside it. */
import { basename } from 'node:path';
import type { ScoredRow } from '../../../common/protocol/protocol.ts';
import { csvCell } from '../../../common/values.ts';
import type { PlacedRow } from '../../rows/loose-row.ts';
import type { ReadOptions } from '../../rows/read-rows.ts';
import { dataFiles } from '../../rows/readers/files.ts';
import { cellAt, tableColumns } from '../../rows/table-columns.ts';
import type { DecidedAnswer, Decision } from './decisions.ts';

interface SortedTable {
  readonly head: string;
  /** `answers`: one, or of a sorter of several columns one for each. */
  line(placed: PlacedRow, text: string, answers: readonly FoundAnswer[]): string;
  /** The file of a row, where there are several. */
  fileOf(placed: PlacedRow): { readonly file?: string };
}

type FoundAnswer = Pick<ScoredRow, 'category' | 'score' | 'asks'> &
  Partial<Pick<Decision, 'yes' | 'expected' | 'chances'>>;

/** What each type of column adds: the end of its name, and what a row has there. */
const ADDED: Readonly<
  Record<DecidedAnswer['type'], Readonly<Record<string, (answer: FoundAnswer) => string | number>>>
> = {
  choice: { found: ({ category }) => category, score: ({ score }) => score.toFixed(4) },
  noul: { found: ({ category }) => category, probability: ({ yes = 0 }) => yes.toFixed(4) },
  score: {
    found: ({ category }) => category,
    expected: ({ expected = 0 }) => expected.toFixed(4),
    score: ({ score }) => score.toFixed(4),
  },
  several: { found: ({ category }) => category, score: ({ score }) => score.toFixed(4) },
};
const asked = ({ asks }: FoundAnswer) => (asks ? 'yes' : 'no');

type Added = readonly [name: string, cellOf: (answer: FoundAnswer) => string | number];

/** What is added for a column; for several categories also how likely each is. */
function cellsOf({ name, type, categories }: Pick<DecidedAnswer, 'name' | 'type' | 'categories'>): Added[] {
  const own = Object.entries({ ...ADDED[type], 'ask a person': asked });
  return [
    ...own.map(([end, cellOf]): Added => [`${name} ${end}`, cellOf]),
    ...categories.map(
      (category, i): Added => [`${category} probability`, ({ chances }) => chances![i]!.toFixed(4)],
    ),
  ];
}

/** The lines of the sorted file: a row's number, what its own file has in its columns (or its text), and what was found. */
export async function sortedTable(
  paths: readonly string[],
  reading: ReadOptions,
  columns?: readonly Pick<DecidedAnswer, 'name' | 'type' | 'categories'>[],
): Promise<SortedTable> {
  const several = (await dataFiles(paths)).length > 1;
  const own = await tableColumns(paths, reading);
  const lineOf = (cells: readonly (string | number)[]) => `${cells.map(csvCell).join(',')}\r\n`;
  const free = (name: string) => freeName(name, own ?? []);
  const place = [free('row'), ...(several ? [free('file')] : [])];
  const added: readonly (readonly Added[])[] = columns?.map(cellsOf) ?? [
    Object.entries({ category: ADDED.choice.found!, score: ADDED.choice.score!, 'ask a person': asked }),
  ];
  const names = added.map((ends) => ends.map(([end]) => free(end)));
  return {
    head: lineOf([...place, ...(own ?? ['text']), ...names.flat()]),
    line({ path, number, record }, text, answers) {
      const cells = own ? own.map((column) => cellAt(record, column)) : [text];
      const found = added.flatMap((ends, column) => ends.map(([, cellOf]) => cellOf(answers[column]!)));
      return lineOf([number, ...(several ? [basename(path)] : []), ...cells, ...found]);
    },
    fileOf: ({ path }) => (several ? { file: basename(path) } : {}),
  };
}

/** A name for a column beside others that keep theirs. */
function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let count = 2; taken.includes(free); count++) free = `${name}_${count}`;
  return free;
}
