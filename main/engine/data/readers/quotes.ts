/** Whether a line of a table ends inside a quoted cell, which then goes on in the next line. */

/** `broken`: a quote inside a quoted cell that neither ends the cell nor is doubled. */
export type QuoteState = 'closed' | 'open' | 'broken';

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
