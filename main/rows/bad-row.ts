/** Errors about one record: its place, what is wrong with it, and what to do. */

import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';

/** The error for one record that cannot be used; `where` is its place. */
export function badRow(where: string, problem: string, hint: string): AppError {
  return new AppError('bad-row', `${where}: ${problem}`, hint);
}

/** What is wrong with the text in `field`, where nothing, an empty one or something else came. */
export function noText(field: string, came: unknown): string {
  if (came === undefined || came === null) return say`“${field}” is missing.`;
  return typeof came === 'string' ? say`“${field}” is empty.` : notA(field, say`text`, came);
}

/** What is wrong with `field` where something else came than `wanted`. */
export function notA(field: string, wanted: string, came: unknown): string {
  return say`“${field}” should be ${wanted}, but is ${describe(came)}.`;
}

/** A value that came instead of the expected one, in a few words. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return say`empty`;
  if (typeof value === 'string') return value.trim() === '' ? say`empty` : `“${excerpt(value)}”`;
  if (Array.isArray(value)) return value.length === 0 ? say`an empty list` : say`a list of ${value.length}`;
  if (typeof value === 'object') return say`an object with ${excerpt(Object.keys(value).join(', '))}`;
  return String(value);
}

const EXCERPT_CHARS = 60;

/** At most about 60 characters of `text` around `at`, quoted, with control characters made visible. */
export function excerpt(text: string, at = 0): string {
  const start = Math.max(0, Math.min(at - 20, text.length - EXCERPT_CHARS));
  const end = Math.min(text.length, start + EXCERPT_CHARS);
  // JSON's escapes keep terminal control sequences in hostile data from reaching the terminal
  const shown = JSON.stringify(text.slice(start, end))
    .slice(1, -1)
    .replace(/[\u007f-\u009f]/g, '?');
  return `${start > 0 ? '…' : ''}${shown.replaceAll('\\"', '"')}${end < text.length ? '…' : ''}`;
}

/** What is wrong with `text`, from the error that `JSON.parse` threw: the reason and the text around the place. */
export function jsonProblem(text: string, error: Error): string {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  if (position === undefined) return `${reason(error)}: ${excerpt(text, quotedPlace(text, error))}`;
  return say`${reason(error)} at column ${Number(position) + 1}: ${excerpt(text, Number(position))}`;
}

/** V8 gives no position where it quotes the text around the place: `..."x": yes}"... is not valid JSON`. */
function quotedPlace(text: string, error: Error): number {
  const quoted = /, \.\.\."(.*)"(?:\.\.\.)? is not valid JSON$/su.exec(error.message)?.[1];
  return quoted === undefined ? 0 : Math.max(0, text.indexOf(quoted));
}

function reason(error: Error): string {
  const short = error.message
    .replace(/ in JSON at position.*$/su, '')
    .replace(/, .*is not valid JSON$/su, '')
    .replace(/ \(line \d+ column \d+\)$/u, '');
  return short === 'Unexpected end of JSON input'
    ? say`it ends too early`
    : say`it has a mistake (${excerpt(short)})`;
}

/** What to do about text that is not UTF-8. */
export const utf8Hint = () => say`Save the file as UTF-8: choose “Save as” and the encoding UTF-8.`;

/** What to do with a line that is a JSON list. */
export const jsonListHint = () =>
  say`The file seems to be one list. Write each row on a line of its own, or name the file .json.`;
