/** The columns of files as one table, for a table of answers that keeps them beside each answer. */
import { isRecord } from '../../common/values.ts';
import { openReader, type ReadOptions } from './read-rows.ts';
import { dataFiles } from './readers/files.ts';
import type { FormatName } from './readers/formats.ts';

/** Files with more are kept as texts: names come from the file, and each line of a table has them all. */
const MOST_COLUMNS = 1000;
const TEXTS: readonly FormatName[] = ['text', 'markdown'];

/** The columns of all files in their order; null where one of them is no table of plain values. */
export async function tableColumns(
  paths: readonly string[],
  options: ReadOptions,
): Promise<readonly string[] | null> {
  const all = new Set<string>();
  for (const path of await dataFiles(paths)) {
    const found = await columnsOfFile(path, options);
    if (found === null) return null;
    for (const name of found) all.add(name);
  }
  return all.size > 0 && all.size <= MOST_COLUMNS ? [...all] : null;
}

async function columnsOfFile(path: string, options: ReadOptions): Promise<ReadonlySet<string> | null> {
  const names = new Set<string>();
  const { format, reading } = await openReader(path, { ...options, onNote: () => {} });
  if (TEXTS.includes(format)) return null;
  // JSON may name another field in its last record; in a table each has all columns
  const mayChange = format === 'jsonl' || format === 'json';
  for await (const batch of reading) {
    for (const record of batch) {
      if (!('value' in record)) continue;
      // leaving the loop closes the reader
      if (!isPlain(record.value)) return null;
      for (const name of Object.keys(record.value)) names.add(name);
    }
    if (names.size > MOST_COLUMNS) return null;
    if (names.size > 0 && !mayChange) break;
  }
  return names;
}

/** Whether a record has plain values, or lists of them. */
function isPlain(record: unknown): record is Record<string, unknown> {
  const isCell = (value: unknown) => typeof value !== 'object' || value === null;
  return (
    isRecord(record) &&
    Object.values(record).every((value) => (Array.isArray(value) ? value.every(isCell) : isCell(value)))
  );
}

/** What a record has in a column, as a cell. */
export function cellAt(record: unknown, column: string): string | number {
  const value = isRecord(record) && Object.hasOwn(record, column) ? record[column] : null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (value === null || value === undefined) return '';
  return JSON.stringify(value);
}
