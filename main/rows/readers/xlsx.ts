/** Excel workbooks: the sheet that was named, or the one that looks most like rows to train on; dates become text. */

import { basename } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { AppError } from '../../../common/errors.ts';
import { plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { columnNames, isColumnName, isHeader, numberedColumns } from '../columns.ts';
import type { FoundSheet, RawRecord, Reader, ReadingContext, Source } from './source.ts';

const MAX_FILE_BYTES = 256 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 1024 ** 3;
/** Deflate packs to no less than this part. */
const MOST_PACKED = 1032;
/** Rows and columns of a sheet, as in Excel, and their product: a last cell alone makes the library fill all before it. */
const MAX_ROWS = 2 ** 20;
const MAX_COLUMNS = 2 ** 14;
const MAX_CELLS = 2 ** 27;
/** Rows above the table (a title, a date) among which the header is looked for. */
const HEADER_ROWS = 20;

/** The sheet of runs from before sheets could be named: the first with a table, its header found as it was then. */
const FIRST_SHEET = 'first';

type Cell = string | number | boolean | Date | null;
interface Sheet {
  readonly sheet: string;
  readonly data: Cell[][];
}

/** Reads one sheet. */
export const readXlsx: Reader = async function* (source, context) {
  const sheets = await readSheets(source, context.signal);
  const filled = sheets.filter(({ data }) => data.some(hasCells));
  const sheet = chosenSheet(filled, source, context);
  if (sheet === undefined) return;
  const found = filled.map(({ sheet: name, data }) => ({ name, rows: data.filter(hasCells).length }));
  context.onSheets?.(found, sheet.sheet);
  if (sheets.length > 1) context.note(sheetNote(source.path, sheet.sheet, found, isNamed(context)));
  yield recordsOf(sheet, source, context);
};

function isNamed({ sheet = 'auto' }: ReadingContext): boolean {
  return sheet !== 'auto' && sheet !== FIRST_SHEET;
}

/** Where there is one, there is nothing to choose: rows to measure on are often in a workbook with other names. */
function chosenSheet(filled: readonly Sheet[], source: Source, context: ReadingContext): Sheet | undefined {
  if (filled.length <= 1) return filled[0];
  if (isNamed(context)) return namedSheet(filled, source.path, context.sheet!);
  if (context.sheet === FIRST_SHEET)
    return filled.find(({ data }) => data.filter(hasCells).length >= 2) ?? filled[0];
  const quiet = { ...context, note: () => {} };
  const rated = filled.map((sheet) => {
    const records = recordsOf(sheet, source, quiet).map(({ value }) => value);
    return { sheet, usable: context.usableRows?.(records) ?? 0, rows: records.length };
  });
  // stable: of equals the first
  return rated.sort((a, b) => b.usable - a.usable || b.rows - a.rows)[0]!.sheet;
}

function namedSheet(filled: readonly Sheet[], path: string, given: string): Sheet {
  const plain = (name: string) => name.trim().toLowerCase();
  const found =
    filled.find(({ sheet }) => sheet === given) ?? filled.find(({ sheet }) => plain(sheet) === plain(given));
  if (found) return found;
  const names = filled.map(({ sheet }) => `“${sheet}”`).join(marks().comma);
  const message = say`${path} has no sheet “${given}” with rows.`;
  throw new AppError('data-sheet', message, say`It has the sheets ${names}.`);
}

/** The records of a sheet; `context` is told where it has no header. */
export function recordsOf(
  { data }: Sheet,
  { path, bytes }: Source,
  context: ReadingContext,
): (RawRecord & { readonly value: unknown })[] {
  const rows = data.map((cells) => cells.map(cellText));
  const top = context.sheet === FIRST_SHEET ? firstFullRow(rows) : headerRow(rows);
  const body = rows.slice(top + 1).filter((cells) => cells.some((cell) => cell !== ''));
  const named = isHeader(trimmed(rows[top]!), body);
  const width = rows.reduce((most, cells) => Math.max(most, trimmed(cells).length), 0);
  const columns = named ? columnNames(rows[top]!.slice(0, width)) : numberedColumns(width);
  if (!named) {
    const message = say`${basename(path)} has no header row. Its columns are called ${columns.join(marks().comma)}.`;
    context.note({ code: 'data-header', message });
  } else if (rows.slice(0, top).some((cells) => cells.some((cell) => cell !== ''))) {
    const message = say`Row ${top + 1} of ${basename(path)} names the columns. What is above is not read.`;
    context.note({ code: 'data-header', message, expected: true });
  }
  const records: ReturnType<typeof recordsOf> = [];
  for (let i = named ? top + 1 : top; i < rows.length; i++) {
    const cells = rows[i]!;
    if (cells.every((cell) => cell === '')) continue;
    const value = Object.fromEntries(columns.map((name, column) => [name, cells[column] ?? '']));
    const doneBytes = Math.round((bytes * (i + 1)) / rows.length);
    records.push({ value, where: say`${path}, row ${i + 1}`, doneBytes });
  }
  return records;
}

/** The first row that names columns by known names, where it begins a table; else the first full one. */
function headerRow(rows: readonly string[][]): number {
  const full = fullRows(rows);
  const names = (row: number) => {
    const filled = rows[row]!.filter((cell) => cell !== '');
    const known = filled.filter(isColumnName).length;
    return known >= Math.min(2, filled.length) && isHeader(trimmed(rows[row]!), rows.slice(row + 1));
  };
  return full.find((row) => !full.includes(row - 1) && names(row)) ?? full[0]!;
}

function firstFullRow(rows: readonly string[][]): number {
  return fullRows(rows)[0]!;
}

/** Of the first rows with cells those that are about as full as the fullest: what is above them is a title. */
function fullRows(rows: readonly string[][]): number[] {
  const counts = rows.map((cells) => cells.filter((cell) => cell !== '').length);
  const first = Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
  const filled = counts.slice(first, first + HEADER_ROWS);
  const most = Math.max(...filled);
  return filled.flatMap((count, i) => (count >= 0.6 * most ? [first + i] : []));
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
  if (Number.isNaN(cell.getTime())) return '';
  return cell.toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z');
}

function sheetNote(path: string, chosen: string, filled: readonly FoundSheet[], wasNamed: boolean) {
  const others = filled.filter(({ name }) => name !== chosen);
  const file = basename(path);
  const message = say`The rows of ${file} are on the sheet “${chosen}”.`;
  if (wasNamed || others.length === 0) return { code: 'data-sheet', message, expected: true as const };
  const rest = others.map(({ name, rows }) => `“${name}” (${plural(rows, 'filled row')})`);
  return {
    code: 'data-sheet',
    message: say`The rows of ${file} are on the sheet “${chosen}”. Not read: ${rest.join(marks().comma)}. You can choose another sheet.`,
  };
}

async function readSheets(source: Source, signal?: AbortSignal): Promise<Sheet[]> {
  const whole = await source.whole(MAX_FILE_BYTES, signal);
  const unpacked = unpackedZipBytes(whole);
  if (unpacked > MAX_UNPACKED_BYTES && unpacked <= MOST_PACKED * whole.length) {
    const message = say`${source.path} unpacks to more than 1 GB, too much for a workbook.`;
    throw new AppError('data-too-large', message, say`Save the sheet as CSV: that may be of any size.`);
  }
  // 80 modules, which other files do without
  const { default: readWorkbook } = await import('read-excel-file/node');
  try {
    if (unpacked > MOST_PACKED * whole.length) throw new Error('it says that more is in it than can be');
    const parts = unzipSync(whole, { filter: ({ name }) => /\.xml(\.rels)?$/.test(name) });
    refuseHugeSheets(source.path, parts);
    // packed again: the library believes each part's own header, and not the directory that was looked at
    const safe = Buffer.from(zipSync(parts, { level: 0 }));
    const sheets = (await readWorkbook(safe, { trim: false })) as unknown as Partial<Sheet>[];
    // a sheet that is a chart has no rows
    return sheets.flatMap(({ sheet, data }) => (sheet !== undefined && data ? [{ sheet, data }] : []));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const [, row, column] = /row (\d+), col (\d+)/.exec((cause as Error).message) ?? [];
    const what = row
      ? say`the cell in row ${row}, column ${column ?? ''} has no readable value`
      : say`it is damaged or locked`;
    throw new AppError(
      'data-damaged',
      say`${source.path} can't be read as an Excel workbook: ${what}.`,
      say`Open it in a spreadsheet program and save it as .xlsx (without a password) or as CSV.`,
      { cause },
    );
  }
}

const CELL = /<(?:\w+:)?(?:row|c)\b[^<>]{0,200}?\br\s*=\s*["']([A-Z]*)([^"']*)["']/gi;
const PIECE = 16 * 1024 * 1024;

/** One cell far down makes a sheet of millions of rows: the numbers are looked at before anything is made of them. */
function refuseHugeSheets(path: string, parts: Readonly<Record<string, Uint8Array>>): void {
  for (const xml of Object.values(parts)) {
    let [rows, columns] = [1, 1];
    for (let at = 0; at < xml.length; at += PIECE) {
      const text = Buffer.from(xml.buffer, xml.byteOffset + at, Math.min(PIECE + 300, xml.length - at));
      for (const [, letters = '', number] of text.toString('latin1').matchAll(CELL)) {
        const row = Number(number);
        if (!Number.isInteger(row) || row < 1) throw new Error('a row has no number');
        rows = Math.max(rows, row);
        columns = Math.max(columns, columnNumber(letters));
      }
    }
    if (rows <= MAX_ROWS && columns <= MAX_COLUMNS && rows * columns <= MAX_CELLS) continue;
    const message = say`A sheet of ${path} reaches to row ${rows} and column ${columns}, too large to read.`;
    throw new AppError(
      'data-too-large',
      message,
      say`Copy the table into a new workbook, or save it as CSV.`,
    );
  }
}

/** `A` -> 1, `AB` -> 28. */
function columnNumber(letters: string): number {
  return [...letters.toUpperCase()].reduce((number, letter) => 26 * number + letter.charCodeAt(0) - 64, 0);
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

export type ZipKind = 'xlsx' | 'docx' | 'pptx' | 'ods' | 'odt' | 'epub' | 'zip';

/** Kinds of document that are ZIP archives, by how the name of an entry, with what follows it, begins. */
const KINDS: readonly (readonly [name: string, kind: ZipKind])[] = [
  ['xl/', 'xlsx'],
  ['word/', 'docx'],
  ['ppt/', 'pptx'],
  ['mimetypeapplication/vnd\\.oasis\\.opendocument\\.spreadsheet', 'ods'],
  ['mimetypeapplication/vnd\\.oasis\\.opendocument', 'odt'],
  ['mimetypeapplication/epub', 'epub'],
];
/** The header of an entry up to its name: packed content can hold any letters, and a document would be taken for another. */
const ENTRY = 'PK\\x03\\x04[^]{26}';

/** The kind of the archive that begins with `head`. */
export function zipKind(head: Buffer): ZipKind {
  const text = head.toString('latin1');
  return KINDS.find(([name]) => new RegExp(ENTRY + name).test(text))?.[1] ?? 'zip';
}

/** Bytes that all entries of a whole archive unpack to, as its directory states; 0 where there is none. */
export function unpackedZipBytes(archive: Buffer): number {
  let total = 0;
  let at = directoryStart(archive);
  while (at >= 0 && at + 46 <= archive.length && archive.readUInt32LE(at) === DIRECTORY_ENTRY) {
    total += archive.readUInt32LE(at + 24);
    const [name, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    at += 46 + name! + extra! + comment!;
  }
  return total;
}

function directoryStart(archive: Buffer): number {
  for (let at = archive.length - 22; at >= Math.max(0, archive.length - 65_557); at--) {
    if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return archive.readUInt32LE(at + 16);
  }
  return -1;
}
