/** The file of sorted rows: what a person's own table has, with the category and the score beside it. */
import { basename } from 'node:path';
import type { ScoredRow } from '../../../common/protocol/protocol.ts';
import { csvCell } from '../../../common/values.ts';
import type { PlacedRow } from '../../rows/loose-row.ts';
import type { ReadOptions } from '../../rows/read-rows.ts';
import { dataFiles } from '../../rows/readers/files.ts';
import { cellAt, tableColumns } from '../../rows/table-columns.ts';

interface SortedTable {
  readonly head: string;
  line(placed: PlacedRow, text: string, answer: Pick<ScoredRow, 'category' | 'score' | 'asks'>): string;
  /** The file of a row, where there are several. */
  fileOf(placed: PlacedRow): { readonly file?: string };
}

/** The lines of the sorted file: a row's number, what its own file has in its columns (or its text), and what was found. */
export async function sortedTable(paths: readonly string[], reading: ReadOptions): Promise<SortedTable> {
  const several = (await dataFiles(paths)).length > 1;
  const own = await tableColumns(paths, reading);
  const lineOf = (cells: readonly (string | number)[]) => `${cells.map(csvCell).join(',')}\r\n`;
  const free = (name: string) => freeName(name, own ?? []);
  const place = [free('row'), ...(several ? [free('file')] : [])];
  return {
    head: lineOf([...place, ...(own ?? ['text']), ...['category', 'score', 'ask a person'].map(free)]),
    line({ path, number, record }, text, { category, score, asks }) {
      const cells = own ? own.map((column) => cellAt(record, column)) : [text];
      const found = [category, score.toFixed(4), asks ? 'yes' : 'no'];
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
