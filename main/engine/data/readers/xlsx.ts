/** Excel workbooks: the first sheet that holds a table, from its header row on; dates become text. */
import { basename } from 'node:path';
import readWorkbook from 'read-excel-file/node';
import { AppError } from '../../../errors.ts';
import { columnNames, isHeader, numberedColumns } from './header.ts';
import type { RawRecord, Reader, ReadingContext } from './reader.ts';
import type { Source } from './source.ts';
import { unpackedZipBytes } from './zip.ts';

const MAX_FILE_BYTES = 256 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 1024 ** 3;
/** Rows above the table (a title, a date) among which the header is looked for. */
const HEADER_ROWS = 20;

type Cell = string | number | boolean | Date | null;
interface Sheet {
  readonly sheet: string;
  readonly data: Cell[][];
}

/** Reads the first sheet with a table. */
export const readXlsx: Reader = async function* (source, context) {
  const sheets = await readSheets(source, context.signal);
  const filled = sheets.filter(({ data }) => data.some(hasCells));
  const sheet = filled.find(({ data }) => data.filter(hasCells).length >= 2) ?? filled[0];
  if (sheet === undefined) return;
  if (sheets.length > 1) context.note(sheetNote(source.path, sheet, filled));
  yield recordsOf(sheet, source, context);
};

/** The records of a sheet; `context` is told where it has no header. */
export function recordsOf({ data }: Sheet, { path, bytes }: Source, context: ReadingContext): RawRecord[] {
  const rows = data.map((cells) => cells.map(cellText));
  const top = headerRow(rows);
  const body = rows.slice(top + 1).filter((cells) => cells.some((cell) => cell !== ''));
  const named = isHeader(trimmed(rows[top]!), body);
  const width = rows.reduce((most, cells) => Math.max(most, trimmed(cells).length), 0);
  const columns = named ? columnNames(rows[top]!.slice(0, width)) : numberedColumns(width);
  if (!named) {
    const message = `${basename(path)} has no header row: its columns are called ${columns.join(', ')}.`;
    context.note({ code: 'data-header', message });
  }
  const records: RawRecord[] = [];
  for (let i = named ? top + 1 : top; i < rows.length; i++) {
    const cells = rows[i]!;
    if (cells.every((cell) => cell === '')) continue;
    const value = Object.fromEntries(columns.map((name, column) => [name, cells[column] ?? '']));
    const doneBytes = Math.round((bytes * (i + 1)) / rows.length);
    records.push({ value, where: `${path}, row ${i + 1}`, doneBytes });
  }
  return records;
}

/** The first row that is about as full as the fullest of the first ones: what is above it is a title. */
function headerRow(rows: readonly string[][]): number {
  const filled = rows.slice(0, HEADER_ROWS).map((cells) => cells.filter((cell) => cell !== '').length);
  const most = Math.max(...filled);
  return filled.findIndex((count) => count >= Math.max(1, 0.6 * most));
}

function trimmed(cells: readonly string[]): readonly string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}

function hasCells(cells: readonly Cell[]): boolean {
  return cells.some((cell) => cell !== null && cell !== '');
}

/** Dates without a time of day are written without one. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (!(cell instanceof Date)) return String(cell);
  return cell.toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z');
}

function sheetNote(path: string, chosen: Sheet, filled: readonly Sheet[]) {
  const others = filled.filter((sheet) => sheet !== chosen);
  const rest = others
    .map(({ sheet, data }) => `"${sheet}" (filled rows: ${data.filter(hasCells).length})`)
    .join(', ');
  const message = `The rows of ${basename(path)} are those of the sheet "${chosen.sheet}".`;
  if (others.length === 0) return { code: 'data-sheet', message, expected: true as const };
  const advice = 'Put what you want to train on into one sheet, or save each sheet as a file.';
  return { code: 'data-sheet', message: `${message} Not read: ${rest}. ${advice}` };
}

async function readSheets(source: Source, signal?: AbortSignal): Promise<Sheet[]> {
  const whole = await source.whole(MAX_FILE_BYTES, signal);
  if (unpackedZipBytes(whole) > MAX_UNPACKED_BYTES) {
    const message = `${source.path} unpacks to more than 1 GB, too much for a workbook to be read at once.`;
    throw new AppError('data-too-large', message, 'Save the sheet as CSV: that is read piece by piece.');
  }
  try {
    return (await readWorkbook(whole, { trim: false })) as unknown as Sheet[];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'data-damaged',
      `${source.path} cannot be read as an Excel workbook: ${reason}.`,
      'Open it in a spreadsheet program and save it as .xlsx (without a password) or as CSV.',
      { cause },
    );
  }
}
