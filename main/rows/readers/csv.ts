import { basename } from 'node:path';
import type { AppError } from '../../../common/errors.ts';
import { plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { badRow, excerpt } from '../bad-row.ts';
import { columnNames, isHeader, numberedColumns } from '../columns.ts';
import { cellsOfSample, type Dialect, detectDialect, parseCells, quoteState } from './dialect.ts';
import { detectEncoding, headText, lineFault, type RawLine, splitLines, utf8Chunks } from './encoding.ts';
import type { RawRecord, Reader, Source } from './source.ts';

const SAMPLE_LINES = 200;
/** Characters of them: a few lines may be a whole book. */
const SAMPLE_CHARS = 128 * 1024;
/** Lines that one quoted cell may span before its quote counts as left open. */
const MAX_CELL_LINES = 1000;

/** Reads CSV and its relatives. */
export const readCsv: Reader = async function* (source, context) {
  const encoding = await detectEncoding(source, context.signal);
  if (encoding.note) context.note(encoding.note);
  const lines = sampleLines(headText(source, encoding).replace(/^\ufeff/, ''), source.headIsAll);
  const { dialect } = detectDialect(lines, preferredDelimiter(source.path));
  const table = new Table(source.path, dialect, firstRows(lines, dialect));
  if (!table.hasHeader) context.note(noHeaderNote(source.path, table.columns));
  for await (const batch of splitLines(utf8Chunks(source, encoding, context.signal)))
    yield place(table.add(batch), source, encoding.name === 'utf-8');
  yield place(table.end(), source, false);
};

type Unplaced = { where: string; endByte: number } & ({ value: unknown } | { error: AppError });

function place(records: readonly Unplaced[], source: Source, exact: boolean): RawRecord[] {
  const fromFile = exact && !source.isGzip ? undefined : source.position();
  return records.map(({ endByte, ...record }) => ({
    ...record,
    doneBytes: fromFile ?? Math.min(endByte, source.bytes),
  }));
}

function preferredDelimiter(path: string): string | undefined {
  return /\.(tsv|tab)(\.gz)?$/i.test(path) ? '\t' : undefined;
}

/** The first lines of a table, the last of which is complete. */
export function sampleLines(text: string, isAll: boolean): string[] {
  const lines = text.split(/\r?\n/);
  if (!isAll || lines.at(-1) === '') lines.pop();
  let chars = 0;
  const isSampled = (line: string, i: number) => {
    chars += line.length;
    return i < 2 || (i < SAMPLE_LINES && chars < SAMPLE_CHARS);
  };
  return lines.filter((line) => line.trim() !== '').filter(isSampled);
}

function firstRows(lines: readonly string[], dialect: Dialect): string[][] {
  const table = /^sep=.$/i.test(lines[0] ?? '') ? lines.slice(1) : lines;
  return cellsOfSample(table, dialect);
}

function noHeaderNote(path: string, columns: readonly string[]) {
  const message = say`${basename(path)} has no header row. Its columns are called ${columns.join(marks().comma)}.`;
  return { code: 'data-header', message };
}

/** A row that may span several lines, with the place of its first and the end of its last. */
interface TextRow {
  readonly line: RawLine;
  readonly text: string;
}

/** Puts lines together to rows, and rows to records of the table's columns. */
class Table {
  readonly columns: readonly string[];
  readonly hasHeader: boolean;
  readonly #path: string;
  readonly #dialect: Dialect;
  #headerIsNext: boolean;
  /** Lines of a row whose quote is still open. */
  #open: RawLine[] = [];

  constructor(path: string, dialect: Dialect, rows: readonly (readonly string[])[]) {
    const [first = [], ...rest] = rows;
    this.#path = path;
    this.#dialect = dialect;
    this.hasHeader = rows.length === 0 || isHeader(first, rest);
    this.columns = this.hasHeader ? columnNames(withoutTail(first)) : numberedColumns(first.length);
    this.#headerIsNext = this.hasHeader;
  }

  add(lines: readonly RawLine[]): Unplaced[] {
    const out: Unplaced[] = [];
    let rows: TextRow[] = [];
    const flush = () => {
      // not push(...): a piece of a file can hold more short rows than a call can have arguments
      for (const record of this.#recordsOf(rows)) out.push(record);
      rows = [];
    };
    for (const line of lines) {
      const text = this.#textOf(line, out, flush);
      if (text === undefined || (text.trim() === '' && this.#open.length === 0)) continue;
      const state = this.#dialect.quote
        ? quoteState(text, this.#dialect.delimiter, this.#open.length > 0)
        : 'closed';
      const isLost = state === 'broken' ? this.#open.length > 0 : this.#open.length >= MAX_CELL_LINES;
      if (state === 'open' || isLost) this.#open.push(line);
      if (isLost) {
        flush();
        this.#giveUp(out);
      } else if (state !== 'open') {
        rows.push(this.#close(line, text));
      }
    }
    flush();
    return out;
  }

  /** What is left when the file is over: rows after a quote that nothing closes. */
  end(): Unplaced[] {
    const out: Unplaced[] = [];
    while (this.#open.length > 0) this.#giveUp(out);
    return out;
  }

  /** The text of a line; one that is none is reported, after the rows before it. */
  #textOf(raw: RawLine, out: Unplaced[], flush: () => void): string | undefined {
    const error = lineFault(raw, this.#path, say`Check that its quotes are closed.`);
    if (!error) {
      const text = textOf(raw);
      return raw.line === 1 && /^sep=.$/i.test(text) ? undefined : text;
    }
    flush();
    // a damaged header is reported, and its columns are known from the sample: the next line is a row
    this.#headerIsNext = false;
    out.push({ error, where: `${this.#path}:${raw.line}`, endByte: raw.endByte });
    return undefined;
  }

  /** The row that ends with `last`. */
  #close(last: RawLine, text: string): TextRow {
    const [first = last] = this.#open;
    const whole = this.#open.length === 0 ? text : [...this.#open.map(textOf), text].join('\n');
    this.#open = [];
    return { line: { ...first, endByte: last.endByte }, text: whole };
  }

  /** Reports the first open line and reads the others again. */
  #giveUp(out: Unplaced[]): void {
    const [first, ...others] = this.#open;
    this.#open = [];
    const hint = say`Close the quote, or write quotes inside a cell twice ("").`;
    out.push(this.#bad(first!, say`A quote is not closed: ${excerpt(textOf(first!))}`, hint));
    out.push(...this.add(others));
  }

  /** All rows are parsed together where that works, which is much quicker than one by one. */
  #recordsOf(rows: readonly TextRow[]): Unplaced[] {
    if (rows.length === 0) return [];
    const together = this.#tryAll(rows.map(({ text }) => text).join('\n'));
    const cellsOf = (i: number) =>
      together?.length === rows.length ? together[i] : this.#parse(rows[i]!.text);
    return rows.flatMap(({ line, text }, i) => {
      const cells = cellsOf(i);
      if (cells !== undefined) return this.#row(line, cells);
      const hint = say`Write quotes inside a cell twice (""), and put such a cell in quotes.`;
      return [this.#bad(line, say`A quote is in the middle of a cell: ${excerpt(text)}`, hint)];
    });
  }

  #tryAll(text: string): string[][] | undefined {
    try {
      return parseCells(text, this.#dialect);
    } catch {
      return undefined;
    }
  }

  #parse(text: string): string[] | undefined {
    const rows = this.#tryAll(text);
    return rows?.length === 1 ? rows[0] : undefined;
  }

  #row(line: RawLine, cells: readonly string[]): Unplaced[] {
    if (this.#headerIsNext) {
      this.#headerIsNext = false;
      return [];
    }
    if (cells.every((cell) => cell.trim() === '')) return [];
    const { columns } = this;
    const extra = cells.slice(columns.length);
    if (cells.length < columns.length || extra.some((cell) => cell.trim() !== '')) {
      const problem = say`The row has ${plural(cells.length, 'cell')}, but the table has ${columns.length} columns: ${excerpt(cells.join(' | '))}`;
      return [this.#bad(line, problem, say`Put cells that contain the separator in quotes.`)];
    }
    const value = Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
    return [{ value, where: `${this.#path}:${line.line}`, endByte: line.endByte }];
  }

  #bad({ line, endByte }: RawLine, problem: string, hint: string): Unplaced {
    const where = `${this.#path}:${line}`;
    return { error: badRow(where, problem, hint), where, endByte };
  }
}

function textOf({ bytes }: RawLine): string {
  const text = bytes!.toString('utf8');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** Spreadsheets write empty cells behind the last column. */
function withoutTail(cells: readonly string[]): readonly string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '');
  return cells.slice(0, last + 1);
}
