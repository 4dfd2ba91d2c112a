/** JSON Lines: each line is a record of its own, so a broken one is left out and the next is read. */
import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../../../common/errors.ts';
import { excerpt, JSON_LIST_HINT, jsonProblem, UTF8_HINT } from '../bad-row.ts';
import { decodedChunks } from './encoding.ts';
import { LINE_LIMIT, type RawLine, splitLines } from './lines.ts';
import type { RawRecord, Reader } from './reader.ts';

/** Bytes of lines whose values are given together: few enough to be gone before the collector takes them for lasting. */
const BATCH_BYTES = 64 * 1024;

/** Reads JSON Lines. */
export const readJsonLines: Reader = async function* (source, context) {
  for await (const lines of splitLines(decodedChunks(source, context))) {
    let records: RawRecord[] = [];
    let bytes = 0;
    // the content's own count is exact where it is the file's
    const fromFile = source.isGzip ? source.position() : undefined;
    for (const raw of lines) {
      const parsed: JsonLine = parseJsonLine(raw, source.path);
      if (parsed === undefined) continue;
      const doneBytes = fromFile ?? Math.min(raw.endByte, source.bytes);
      records.push({ ...parsed, where: `${source.path}:${raw.line}`, doneBytes });
      bytes += raw.bytes?.length ?? 0;
      if (bytes < BATCH_BYTES) continue;
      yield records;
      [records, bytes] = [[], 0];
    }
    yield records;
  }
};

/** The value of a line, what is wrong with it, or undefined for a blank one. */
type JsonLine = { readonly value: unknown } | { readonly error: AppError } | undefined;

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
