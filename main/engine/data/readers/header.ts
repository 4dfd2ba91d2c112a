/** Names of the columns of a table: from its first row where that is a header, else numbers. */
import { isColumnName } from '../detect-names.ts';

const MAX_NAME_CHARS = 60;

/** Whether `first` holds names and not data, judged by itself and by the `rows` that follow. */
export function isHeader(first: readonly string[], rows: readonly (readonly string[])[]): boolean {
  // pandas writes its row numbers under an empty name
  const names = first.slice(first[0]?.trim() === '' ? 1 : 0).map((name) => name.trim());
  if (names.length === 0 || !names.every(couldBeName)) return false;
  if (new Set(names).size < names.length) return false;
  if (names.some(isColumnName) || rows.length === 0) return true;
  const repeats = first.some((name, i) => rows.some((row) => row[i] === name && name !== ''));
  if (repeats) return false;
  return (
    first.some((name, i) =>
      differs(
        name,
        rows.map((row) => row[i] ?? ''),
      ),
    ) || names.every(isShort)
  );
}

/** Column names that are not empty and different from each other. */
export function columnNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((cell, i) => {
    const name = cell.trim().replace(/\s+/g, ' ') || `column${i + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

/** `column1`, `column2`, … */
export function numberedColumns(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `column${i + 1}`);
}

function couldBeName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= MAX_NAME_CHARS &&
    !isNumber(name) &&
    !/[\n.!?]\s|[.!?]$/.test(name.slice(0, -1))
  );
}

function isShort(name: string): boolean {
  return name.length <= 30 && name.split(/\s+/).length <= 3 && !/[.!?…]$/.test(name);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && /^[-+\d.,\s%€$]+$/.test(text);
}

/** Whether a column's values are of another kind than the cell above them: numbers, or much longer. */
function differs(name: string, values: readonly string[]): boolean {
  const filled = values.filter((value) => value.trim() !== '');
  if (filled.length === 0) return false;
  if (filled.every(isNumber)) return true;
  const mean = filled.reduce((sum, value) => sum + value.length, 0) / filled.length;
  return mean > 3 * name.length + 10;
}
