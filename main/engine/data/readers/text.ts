/** Plain text and Markdown: passages of running text, one row each. */
import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../errors.ts';
import { excerpt } from '../json-excerpt.ts';
import { UTF8_HINT } from '../jsonl.ts';
import { decodedChunks } from './encoding.ts';
import { LINE_LIMIT, type RawLine, splitLines } from './lines.ts';
import { PassageCutter } from './passages.ts';
import type { RawRecord, Reader } from './reader.ts';
import type { Source } from './source.ts';

/** Reads plain text. */
export const readText: Reader = (source, context) => readPassages(source, context, false);

/** Reads Markdown. */
export const readMarkdown: Reader = (source, context) => readPassages(source, context, true);

async function* readPassages(source: Source, context: Parameters<Reader>[1], isMarkdown: boolean) {
  const cutter = new PassageCutter(isMarkdown);
  const place = (line: number) => ({ where: `${source.path}:${line}`, doneBytes: source.position() });
  const rows = (passages: ReturnType<PassageCutter['end']>): RawRecord[] =>
    passages.map(({ text, line }) => ({ value: { text }, ...place(line) }));
  for await (const lines of splitLines(decodedChunks(source, context))) {
    yield lines.flatMap((raw) => {
      const fault = faultOf(raw, source.path);
      if (fault) return [{ error: fault, ...place(raw.line) }];
      const text = raw.bytes!.toString('utf8');
      return rows(cutter.add(text.endsWith('\r') ? text.slice(0, -1) : text, raw.line));
    });
  }
  yield rows(cutter.end());
}

function faultOf({ bytes, line }: RawLine, path: string): AppError | undefined {
  const bad = (expected: string, hint: string) =>
    new AppError('bad-row', `${path}:${line}: expected ${expected}`, hint);
  if (bytes === null) return bad(LINE_LIMIT, 'Text needs line ends: one paragraph on each line.');
  if (!isUtf8(bytes))
    return bad(`UTF-8 text, got other bytes: ${excerpt(bytes.toString('latin1'))}`, UTF8_HINT);
  if (bytes.includes(0))
    return bad('text, got a line with NUL characters', 'Part of the file is damaged: save it anew.');
  return undefined;
}
