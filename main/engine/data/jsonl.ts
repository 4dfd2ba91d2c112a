/**
 * One line of JSON Lines. What can be wrong with it is said with file, line and a piece of the text, because its
 * author has to find the place.
 */
import { isUtf8 } from 'node:buffer';
import { AppError } from '../../errors.ts';
import { excerpt, jsonProblem } from './json-excerpt.ts';
import { LINE_LIMIT, type RawLine } from './readers/lines.ts';

/** The value of a line, what is wrong with it, or undefined for a blank one. */
export type JsonLine = { readonly value: unknown } | { readonly error: AppError } | undefined;

/** Reads one line of UTF-8 (CRLF is accepted) of the file `path`; never throws. */
export function parseJsonLine({ bytes, line }: RawLine, path: string): JsonLine {
  const bad = (expected: string, hint: string): JsonLine => ({
    error: new AppError('bad-row', `${path}:${line}: expected ${expected}`, hint),
  });
  if (bytes === null) return bad(LINE_LIMIT, NOT_JSONL_HINT);
  if (!isUtf8(bytes))
    return bad(`UTF-8 text, got other bytes: ${excerpt(bytes.toString('latin1'))}`, UTF8_HINT);
  const text = bytes.toString('utf8').trim();
  if (text === '') return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const hint = text.startsWith('[') ? JSON_LIST_HINT : NOT_JSONL_HINT;
    return bad(`one JSON object, got ${jsonProblem(text, error as Error)}`, hint);
  }
}

const NOT_JSONL_HINT =
  'A JSON Lines file has one complete JSON object on each line, for example {"prompt": "…", "completion": "…"}.';

/** What to do about text that is not UTF-8. */
export const UTF8_HINT = 'Save the file as UTF-8 (in a spreadsheet or editor: "Save as", encoding UTF-8).';

/** What to do with a line that is a JSON list. */
export const JSON_LIST_HINT =
  'The file seems to be one JSON list; write each of its elements on a line of its own: jq -c ".[]" FILE > NEW.jsonl';
