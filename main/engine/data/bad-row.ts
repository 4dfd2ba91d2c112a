/** How faults of a record are said: its place, what was expected, what came, and what to do. */
import { AppError } from '../../errors.ts';
import { excerpt } from './json-excerpt.ts';

/** The error for one record that cannot be used; `where` is its place. */
export function badRow(where: string, expected: string, came: string, hint: string): AppError {
  return new AppError('bad-row', `${where}: expected ${expected}, got ${came}`, hint);
}

/** A value that came instead of the expected one, in a few words. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string')
    return value.trim() === '' ? 'an empty text' : `the text "${excerpt(value)}"`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return `an object with the fields ${excerpt(Object.keys(value).join(', '))}`;
  return `the ${typeof value} ${String(value)}`;
}
