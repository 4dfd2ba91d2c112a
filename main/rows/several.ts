/**
 * Columns that hold several categories a text: lists, cells that a separator splits, or one yes-or-no column for each. Recognised by parts
 * that come again and again, in any place; ordinary sentences, names and dates have none.
 */
import { isRecord, parsedJson } from '../../common/values.ts';
import { number } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { type Column, valueAt, valueText } from './columns.ts';
import type { Fields } from './shapes.ts';

/** What stands between two categories; `list`: the cell is a JSON list. */
export const SEPARATORS = [';', '|', ',', '\n'] as const;
export type Separator = (typeof SEPARATORS)[number] | 'list';

/** Where the categories of a text stand. */
export interface Several {
  /** One, or of yes-or-no columns all of them; their names are the categories then. */
  readonly columns: readonly string[];
  /** Null of yes-or-no columns. */
  readonly separator: Separator | null;
}

/** Several categories with those that a sample has, the most frequent first. */
export interface FoundSeveral extends Several {
  readonly categories: readonly string[];
}

/** The words for yes and no, the first of which means yes. */
export const YES_OR_NO: readonly (readonly [yes: string, no: string])[] = [
  ['yes', 'no'],
  ['true', 'false'],
  ['1', '0'],
  ['y', 'n'],
  ['ja', 'nein'],
  ['wahr', 'falsch'],
  ['oui', 'non'],
  ['sí', 'no'],
  ['si', 'no'],
  ['はい', 'いいえ'],
  ['是', '否'],
];

/** What stands between the categories that are written out. */
export function joinedBy(separator: Separator | null): string {
  if (separator === '\n') return '\n';
  return separator === null || separator === 'list' ? '; ' : separator === ',' ? ', ' : `${separator} `;
}

/** The parts of a cell, each once; none where it is empty. */
export function partsOf(value: unknown, separator: Separator): readonly string[] {
  if (value === undefined || value === null) return [];
  const list = separator === 'list' ? listOf(value) : null;
  const parts = list ?? (separator === 'list' ? [value] : (valueText(value) ?? '').split(separator));
  return [...new Set(parts.map((part) => String(part).trim()).filter((part) => part !== ''))];
}

/** The categories of a record. */
export function categoriesIn(record: unknown, { columns, separator }: Several): readonly string[] {
  if (!isRecord(record)) return [];
  if (separator !== null) return partsOf(valueAt(record, columns[0]!), separator);
  return columns.filter((column) => meansYes(valueAt(record, column)));
}

function meansYes(value: unknown): boolean {
  const text = valueText(value)?.trim().toLowerCase() ?? '';
  return YES_OR_NO.some(([yes]) => yes === text) || (/^\d+\.0+$/.test(text) && Number(text) === 1);
}

/** The texts or numbers of a list, also of one that is written as JSON; null for anything else. */
function listOf(value: unknown): readonly (string | number)[] | null {
  const list = typeof value === 'string' && /^\s*\[/.test(value) ? listIn(value) : value;
  const isPlain =
    Array.isArray(list) && list.every((one) => typeof one === 'string' || typeof one === 'number');
  return isPlain ? list : null;
}

/** Python writes its lists with single quotes. */
function listIn(text: string): unknown {
  return parsedJson(text) ?? parsedJson(text.replace(/'/g, '"'));
}

/** Fewer filled cells say nothing. */
const LEAST_CELLS = 20;
/** Cells with two parts or more, at least: so many, and this share. */
const LEAST_MULTIPLE = { cells: 3, share: 0.03 };
/** A category is no sentence. */
const MOST_CHARS = 40;
const MOST_WORDS = 5;
/** How often a part comes back at least: on average, and the share of parts that come back at all. */
const LEAST_REPEATS = 3;
const LEAST_REPEATED = 0.9;
/** The share of later parts that stand first elsewhere: the "France" of "Paris, France" never does. */
const LEAST_MOVABLE = 0.5;
/** Yes-or-no columns that are categories of one text. */
const LEAST_COLUMNS = 3;

/** How the cells of a column split into categories; null where they hold one each, or none. */
export function separatorOf(values: readonly unknown[]): Separator | null {
  const filled = values.filter((value) => value !== null && value !== undefined && value !== '');
  if (filled.length < LEAST_CELLS) return null;
  if (filled.every((value) => listOf(value) !== null))
    return repeats(filled.map((value) => partsOf(value, 'list'))) >= LEAST_REPEATS ? 'list' : null;
  const texts = filled.map(valueText);
  if (!texts.every((text) => text !== undefined)) return null;
  const found = SEPARATORS.map((separator) => ({ separator, times: splits(texts, separator) }));
  const best = found.reduce((most, one) => (one.times > most.times ? one : most));
  return best.times >= LEAST_REPEATS ? best.separator : null;
}

/** How often a part comes back on average; 0 where that is no list of categories. */
function splits(texts: readonly string[], separator: Separator): number {
  const cells = texts.map((text) => partsOf(text, separator));
  if (separator === ',' && texts.some((text) => /\d,\d/.test(text)) && !hasLists(cells)) return 0;
  return repeats(cells);
}

/** Whether numbers with commas are lists: a decimal has two parts, a thousand's group three digits. */
function hasLists(cells: readonly (readonly string[])[]): boolean {
  return cells.some((parts) => parts.length > 2 && parts.some((part) => !/^\d{3}$/.test(part)));
}

function repeats(cells: readonly (readonly string[])[]): number {
  const multiple = cells.filter((parts) => parts.length > 1);
  if (multiple.length < Math.max(LEAST_MULTIPLE.cells, LEAST_MULTIPLE.share * cells.length)) return 0;
  const parts = cells.flat();
  const isShort = (part: string) =>
    part.length <= MOST_CHARS && part.split(/\s+/).length <= MOST_WORDS && !/[.!?]$/.test(part);
  if (!parts.every(isShort)) return 0;
  const counts = new Map<string, number>();
  for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  const again = parts.filter((part) => counts.get(part)! > 1).length;
  const firsts = new Set(cells.map(([first]) => first));
  const later = multiple.flatMap((one) => one.slice(1));
  const movable = later.filter((part) => firsts.has(part)).length;
  const isSet = again >= LEAST_REPEATED * parts.length && movable >= LEAST_MOVABLE * later.length;
  return isSet ? parts.length / counts.size : 0;
}

/** The separator of a column that a person calls several categories: the one that splits most, a semicolon where none does. */
export function likelySeparator(values: readonly unknown[]): Separator {
  const known = separatorOf(values);
  if (known) return known;
  if (values.some((value) => listOf(value) !== null)) return 'list';
  const cells = (separator: Separator) =>
    values.filter((value) => partsOf(value, separator).length > 1).length;
  return SEPARATORS.reduce((best, one) => (cells(one) > cells(best) ? one : best));
}

/** Columns of which each says yes or no to one category; empty where there are not several. */
export function yesOrNoColumns(columns: readonly Column[], records: readonly Fields[]): readonly string[] {
  if (records.length < LEAST_CELLS) return [];
  const valuesOf = (name: string) =>
    new Set(records.map((record) => valueText(valueAt(record, name))?.trim().toLowerCase() ?? ''));
  const fits = columns.filter(({ name }) => {
    const values = [...valuesOf(name)];
    return YES_OR_NO.some((words) => values.every((value) => words.includes(value)));
  });
  // of a rare category the first rows may have none
  const used = fits.filter(({ name }) => valuesOf(name).size === 2);
  return fits.length >= LEAST_COLUMNS && used.length >= 2 ? fits.map(({ name }) => name) : [];
}

/** With the categories that the records have; of yes-or-no columns all. */
export function foundSeveral(several: Several, records: readonly unknown[]): FoundSeveral {
  const own = several.separator === null ? several.columns : [];
  const counts = new Map(own.map((column) => [column, 0]));
  for (const record of records)
    for (const category of categoriesIn(record, several))
      counts.set(category, (counts.get(category) ?? 0) + 1);
  const categories = [...counts].sort(([, a], [, b]) => b - a).map(([category]) => category);
  return { ...several, categories };
}

/** Categories that a sentence names. */
const NAMED = 4;

/** What was found, in one sentence without its full stop. */
export function severalWords({ columns, separator, categories }: FoundSeveral): string {
  const [name, first] = [columns[0]!, categories.slice(0, NAMED).join(marks().comma)];
  const named =
    categories.length > NAMED ? say`${first} and ${number(categories.length - NAMED)} more` : first;
  if (separator === null)
    return say`Each of ${columns.length} columns is a category, and a text can have several: ${named}`;
  if (separator === 'list') return say`“${name}” holds lists of categories: ${named}`;
  if (separator === '\n') return say`“${name}” holds several categories a text, one a line: ${named}`;
  return say`“${name}” holds several categories a text, separated by “${separator}”: ${named}`;
}
