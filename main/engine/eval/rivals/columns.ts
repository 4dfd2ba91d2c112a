/** Columns that a sorter fills: which a person named, of which type each is, and the column of the text. */
import { AppError } from '../../../../common/errors.ts';
import type { ColumnKind, ColumnType } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { columnsOf } from '../../../rows/columns.ts';
import { findColumn } from '../../../rows/mapping.ts';
import { SEPARATORS, type Several, YES_OR_NO } from '../../../rows/several.ts';
import type { Fields } from '../../../rows/shapes.ts';
import { keyOf } from '../classify/closed-set.ts';

/** A column as a person named it; what they didn't say is found in its answers. */
export interface WantedColumn {
  readonly name: string;
  readonly type?: ColumnType;
  readonly levels?: readonly string[];
  /** Where it holds several categories; a separator that nobody named is found in its cells. */
  readonly several?: Several | Omit<Several, 'separator'>;
}

/** What yes-or-no columns are called together. */
const CATEGORIES = 'categories';

/** A scale with more levels is a measure. */
const MOST_LEVELS = 20;
const LEAST_LEVELS = 3;
const isNumber = (text: string) => /^[-+]?\d+([.,]\d+)?$/.test(text.trim());
export const numberOf = (text: string) => Number(text.trim().replace(',', '.'));

/** As a person would name it, for a table of such columns. */
export function severalText({ columns, separator }: Several): string {
  const sign = separator === ';' || separator === '|' || separator === ',' ? separator : '';
  return `${columns.join('+')}:several${sign}`;
}

/** `tags:several`, with the separator where that is told, or yes-or-no columns: `toxic+rude:several`. */
function severalColumns(given: string, sign: string, names: readonly string[], file: string): WantedColumn {
  const known = names.includes(given) ? [given] : given.split('+');
  const columns = known.map((name) => findColumn(name, names, false, file));
  if (columns.length > 1)
    return {
      name: names.includes(CATEGORIES) ? columns.join('+') : CATEGORIES,
      several: { columns, separator: null },
    };
  const separator = SEPARATORS.find((one) => one === sign);
  return { name: columns[0]!, several: { columns, ...(separator && { separator }) } };
}

/**
 * `topic`, `urgent:noul`, `grade:score`, `priority:low<medium<high` or `tags:several`. Throws `AppError('data-map')` where there is no such
 * column.
 */
export function wantedColumn(given: string, names: readonly string[], file: string): WantedColumn {
  const colon = given.lastIndexOf(':');
  if (colon < 0 || names.includes(given)) return { name: findColumn(given, names, false, file) };
  const type = given.slice(colon + 1).trim();
  const sign = /^several([;|,]?)$/.exec(type)?.[1];
  if (sign !== undefined) return severalColumns(given.slice(0, colon), sign, names, file);
  const name = findColumn(given.slice(0, colon), names, false, file);
  if (type === 'choice' || type === 'noul' || type === 'score') return { name, type };
  const levels = type.split('<').map((level) => level.trim());
  if (levels.length > 1 && levels.every((level) => level !== '')) return { name, type: 'score', levels };
  throw new AppError(
    'bad-column',
    say`“${type}” is no type of a column.`,
    say`Write choice, several (categories), noul (yes or no), score (a grade), or the levels from the lowest to the highest: low<medium<high.`,
  );
}

/** The type of a column with such answers, as it was asked for or as they say. */
export function kindOf(
  { name, type, levels }: Omit<WantedColumn, 'several'>,
  answers: readonly string[],
): ColumnKind {
  const yes = yesOf(answers);
  const isScale = answers.every(isNumber) && answers.length >= LEAST_LEVELS && answers.length <= MOST_LEVELS;
  const found = type ?? (yes !== null ? 'noul' : isScale ? 'score' : 'choice');
  if (found === 'choice') return { name, type: 'choice' };
  if (found === 'noul') {
    if (yes !== null) return { name, type: 'noul', yes };
    throw new AppError(
      'bad-column',
      say`The column “${name}” holds more than yes and no, or other words for them: ${answers.slice(0, 5).join(', ')}.`,
      say`Write yes and no, or name the column as a choice.`,
    );
  }
  if (levels) return { name, type: 'score', levels: orderedAs(levels, answers, name) };
  if (answers.every(isNumber))
    return { name, type: 'score', levels: answers.toSorted((a, b) => numberOf(a) - numberOf(b)) };
  throw new AppError(
    'bad-column',
    say`The grades in the column “${name}” are words, which have no order of their own.`,
    say`Write them from the lowest to the highest, such as ${name}:low<medium<high.`,
  );
}

/** The answer that means yes; null where they are not yes and no. */
function yesOf(answers: readonly string[]): string | null {
  if (answers.length !== 2) return null;
  const [first = '', second = ''] = answers.map((answer) => answer.trim().toLowerCase());
  for (const [yes, no] of YES_OR_NO) {
    if (first === yes && second === no) return answers[0]!;
    if (first === no && second === yes) return answers[1]!;
  }
  return null;
}

function orderedAs(levels: readonly string[], answers: readonly string[], name: string): readonly string[] {
  const known = new Map(answers.map((answer) => [keyOf(answer), answer]));
  const missing = answers.find((answer) => !levels.some((level) => keyOf(level) === keyOf(answer)));
  const unused = levels.find((level) => !known.has(keyOf(level)));
  if (missing === undefined && unused === undefined) return levels.map((level) => known.get(keyOf(level))!);
  throw new AppError(
    'bad-column',
    missing === undefined
      ? say`No row has “${unused ?? ''}” in the column “${name}”.`
      : say`Some rows have “${missing}” in the column “${name}”, which is none of its levels.`,
    say`Name each level that the rows have, and no other.`,
  );
}

/** The column with the longest texts besides those to fill. Throws an AppError where there is none. */
export function textColumn(records: readonly Fields[], answers: readonly string[]): string {
  const [longest] = columnsOf(records, 0)
    .filter(({ name, texts, filled }) => !answers.includes(name) && texts > 0.9 && filled > 0.5)
    .toSorted((a, b) => b.meanChars - a.meanChars);
  if (longest) return longest.name;
  throw new AppError(
    'data-map',
    say`No column is left with texts to learn from.`,
    say`Say which column has the text.`,
  );
}
