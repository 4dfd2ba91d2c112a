/**
 * How a table in text form is written: what separates its cells, and whether quotes hold cells together. Nothing in
 * the file says so; of the few ways in use, the one that gives all rows the same number of cells is taken.
 */
import { parse } from 'csv-parse/sync';

export interface Dialect {
  readonly delimiter: string;
  /** False where quotes are letters like any other. */
  readonly quote: '"' | false;
}

/** In the order in which equals win. */
const DELIMITERS = [',', ';', '\t', '|'];
/** Stands where a table has one column: occurs in no text. */
const NO_DELIMITER = '\u001f';
/** How much better cells must fit to believe that quotes are letters. */
const UNQUOTED_GAIN = 0.05;

/** A dialect with how well it fits: the share of the rows that have as many cells as the first, at least two. */
interface Fit {
  readonly dialect: Dialect;
  readonly columns: number;
  readonly rows: number;
  readonly share: number;
}

/** The cells of `text` in `dialect`; rows may have different numbers of them. Throws where a quote is left open. */
export function parseCells(text: string, { delimiter, quote }: Dialect): string[][] {
  return parse(text, {
    delimiter,
    quote,
    ...(quote === false ? {} : { escape: '"' }),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    record_delimiter: '\n',
  });
}

/** The best dialect for the first lines of a table, which end with a complete line where that can be known. */
export function detectDialect(lines: readonly string[], preferred?: string): Fit {
  const announced = /^sep=(.)$/i.exec(lines[0] ?? '')?.[1];
  const delimiters = announced
    ? [announced]
    : DELIMITERS.toSorted((a, b) => +(b === preferred) - +(a === preferred));
  const sample = announced ? lines.slice(1) : lines;
  const fits = delimiters.flatMap((delimiter) => [
    fitOf(sample, { delimiter, quote: '"' }),
    fitOf(sample, { delimiter, quote: false }),
  ]);
  const value = ({ columns, share, dialect }: Fit) =>
    columns < 2 ? -1 : share - (dialect.quote === false ? UNQUOTED_GAIN : 0);
  const best = fits.reduce((most, fit) => (value(fit) > value(most) ? fit : most));
  if (best.columns >= 2) return best;
  return fitOf(sample, { delimiter: announced ?? NO_DELIMITER, quote: '"' });
}

/** Whether `text` is a table beyond doubt, whatever its file is called. */
export function isTable(lines: readonly string[]): boolean {
  const { columns, rows, share } = detectDialect(lines);
  return columns >= 2 && rows >= 3 && share === 1;
}

function fitOf(lines: readonly string[], dialect: Dialect): Fit {
  const rows = cellsOfSample(lines, dialect);
  const columns = rows[0]?.length ?? 0;
  const same = rows.filter((cells) => cells.length === columns).length;
  return { dialect, columns, rows: rows.length, share: rows.length === 0 ? 0 : same / rows.length };
}

/**
 * The rows of a sample of lines. A quote left open near its end is the sample's fault: it then ends before that row,
 * where all quotes before it are closed.
 */
export function cellsOfSample(lines: readonly string[], dialect: Dialect): string[][] {
  const { delimiter, quote } = dialect;
  const closed: number[] = [];
  let isOpen = false;
  for (const [i, line] of lines.entries()) {
    isOpen = quote !== false && quoteState(line, delimiter, isOpen) === 'open';
    if (!isOpen) closed.push(i + 1);
  }
  for (const end of [
    closed.at(-1) ?? 0,
    closed.at(closed.length >> 1) ?? 0,
    lines.length,
    lines.length >> 1,
  ]) {
    try {
      return parseCells(lines.slice(0, end).join('\n'), dialect);
    } catch {}
  }
  return [];
}

/** `broken`: a quote inside a quoted cell that neither ends the cell nor is doubled. */
type QuoteState = 'closed' | 'open' | 'broken';

/** The state after `line`, which begins inside a quoted cell where `isOpen`. A quote in a cell without quotes is a letter. */
export function quoteState(line: string, delimiter: string, isOpen: boolean): QuoteState {
  let at = isOpen ? 0 : cellStart(line, delimiter, 0);
  while (at >= 0) {
    const end = closingQuote(line, at);
    if (end < 0) return 'open';
    if (end + 1 === line.length) return 'closed';
    if (!line.startsWith(delimiter, end + 1)) return 'broken';
    at = cellStart(line, delimiter, end + 1 + delimiter.length);
  }
  return 'closed';
}

/** Where the next quoted cell's text begins, at or after the cell that begins at `from`; -1 where there is none. */
function cellStart(line: string, delimiter: string, from: number): number {
  if (line[from] === '"') return from + 1;
  const next = line.indexOf(`${delimiter}"`, from);
  return next < 0 ? -1 : next + delimiter.length + 1;
}

/** The first quote that is not doubled. */
function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at >= 0 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at;
}
