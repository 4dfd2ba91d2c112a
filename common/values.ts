/** Small questions about plain values, for every part. */

/** Whether `value` is an object with fields: not null, no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of `table`, with their exact types: those of a registry of extras, which may be empty. */
export function valuesOf<Table extends object>(table: Table): Table[keyof Table][] {
  return Object.values(table);
}

/**
 * What a row's own function makes of a value of that row. Whoever goes through all rows can't name the value's type: TypeScript has none
 * for "that of some row", so rows take `never`, and this is the one place that gives it to them.
 */
export function ofRow<Rest extends readonly unknown[], Result>(
  own: ((value: never, ...rest: Rest) => Result) | undefined,
  value: unknown,
  ...rest: Rest
): Result | undefined {
  return own?.(value as never, ...rest);
}

/** What each of `makers` makes, by its name. */
export function madeBy<
  Given extends readonly unknown[],
  Makers extends Record<string, (...given: Given) => unknown>,
>(makers: Makers, ...given: Given): { readonly [Name in keyof Makers]: ReturnType<Makers[Name]> } {
  const made = Object.entries(makers).map(([name, make]) => [name, make(...given)]);
  return Object.fromEntries(made) as { [Name in keyof Makers]: ReturnType<Makers[Name]> };
}

/** The value of a JSON text; undefined where it is none. */
export function parsedJson(text: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

/** The fields of `tree` by their path: `{lora: {rank: 8}}` has `lora.rank`. */
export function flattened(tree: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  const entries = Object.entries(tree).flatMap(([name, value]): [string, unknown][] =>
    isRecord(value) ? Object.entries(flattened(value, `${prefix}${name}.`)) : [[prefix + name, value]],
  );
  return Object.fromEntries(entries);
}

/** Objects without the members that are undefined: what is left out and what is undefined mean the same in a call. */
type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** A copy of `value` without its undefined members. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}

/** `text` as it begins a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `text` as a word of an address or a file: small letters and digits, hyphens for all else. */
export function hyphenated(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** A cell of a CSV file as RFC 4180 has it; what a spreadsheet would take for a formula begins with an apostrophe, -3.5 is none. */
export function csvCell(value: string | number): string {
  const isFormula =
    /^[=+\-@\t\r]/.test(String(value)) && !/^-\d+(?:[.,]\d+)*(?:e[-+]?\d+)?$/i.test(String(value));
  return quotedCell(isFormula ? `'${value}` : String(value));
}

/** A cell of a CSV file with exactly that text, whatever a spreadsheet makes of it. */
export function quotedCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The candidate nearest to `word` by edit distance, or undefined when none is near enough to be what was meant. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}

/** `2026-11-25 10:12:30`, in the time zone of this computer. */
export function localTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
