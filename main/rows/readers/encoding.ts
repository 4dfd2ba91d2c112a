/**
 * The encoding of a text file. A byte order mark says it; without one, text is UTF-8 unless its bytes are not. Only then is the encoding
 * guessed, and the guess is told, because wrong letters would be trained on.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import chardet from 'chardet';
import type { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { badRow, excerpt, utf8Hint } from '../bad-row.ts';
import type { DataNote, ReadingContext, Source } from './source.ts';

export interface Encoding {
  /** A label of TextDecoder. */
  readonly name: string;
  /** What to tell about it; undefined for UTF-8. */
  readonly note?: DataNote;
}

const UTF8: Encoding = { name: 'utf-8' };
/** How far to look for the first letter that is not ASCII, and how much of the text around it is judged. */
const SEARCH_BYTES = 64 * 1024 * 1024;
const SAMPLE_BYTES = 256 * 1024;
/** Damaged places in a hundred characters beyond ASCII up to which a text still is UTF-8. */
const DAMAGED_SHARE = 0.1;

const MARKS: readonly (readonly [mark: readonly number[], name: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** Recognition and reading both ask, and the answer may take 64 MB of reading. */
const known = new WeakMap<Source, Promise<Encoding>>();

/** The encoding of a text file. */
export function detectEncoding(source: Source, signal?: AbortSignal): Promise<Encoding> {
  const detected = known.get(source) ?? lookForEncoding(source, signal);
  known.set(source, detected);
  return detected;
}

async function lookForEncoding(source: Source, signal?: AbortSignal): Promise<Encoding> {
  const { head, path } = source;
  const marked = MARKS.find(([mark]) => mark.every((byte, i) => head[i] === byte))?.[1];
  const name = marked ?? unmarkedUtf16(head);
  if (name === 'utf-8') return UTF8;
  if (name !== undefined)
    return {
      name,
      note: note(path, name, marked ? say`its first bytes say so` : say`every other byte is 0`),
    };
  const sample = await sampleBeyondAscii(source, signal);
  return sample === undefined || mostlyUtf8(sample) ? UTF8 : guess(path, sample);
}

/** The content as UTF-8, without a byte order mark, and with line feeds where lines end in carriage returns alone. */
export async function* utf8Chunks(
  source: Source,
  { name }: Encoding,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const oldMac = hasOnlyCarriageReturns(source.head);
  if (name === 'utf-8' && !oldMac) {
    yield* withoutMark(source.chunks(signal));
    return;
  }
  const decoder = new TextDecoder(name);
  const encode = (text: string) => Buffer.from(oldMac ? text.replaceAll('\r', '\n') : text, 'utf8');
  for await (const chunk of source.chunks(signal)) yield encode(decoder.decode(chunk, { stream: true }));
  yield encode(decoder.decode());
}

/** Detects the encoding, says what was taken, and gives the content as UTF-8. */
export async function* decodedChunks(source: Source, context: ReadingContext): AsyncGenerator<Buffer> {
  const encoding = await detectEncoding(source, context.signal);
  if (encoding.note) context.note(encoding.note);
  yield* utf8Chunks(source, encoding, context.signal);
}

/** The beginning of the content as text, for a look at it. */
export function headText(
  { head, headIsAll }: Pick<Source, 'head' | 'headIsAll'>,
  { name }: Encoding,
): string {
  const text = new TextDecoder(name).decode(head, { stream: !headIsAll });
  return hasOnlyCarriageReturns(head) ? text.replaceAll('\r', '\n') : text;
}

async function* withoutMark(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of chunks) {
    const marked = first && MARKS[0]![0].every((byte, i) => chunk[i] === byte);
    first = false;
    yield marked ? chunk.subarray(3) : chunk;
  }
}

function hasOnlyCarriageReturns(head: Buffer): boolean {
  return head.includes(0x0d) && !head.includes(0x0a);
}

/** Latin text in UTF-16 has a zero in every other byte. */
function unmarkedUtf16(head: Buffer): string | undefined {
  const end = Math.min(head.length, 4096) & ~1;
  const zeros = [0, 0];
  for (let i = 0; i < end; i++) if (head[i] === 0) zeros[i % 2]!++;
  const most = end / 2;
  if (end < 8 || Math.max(...zeros) < 0.7 * most || Math.min(...zeros) > 0.05 * most) return undefined;
  return zeros[1]! > zeros[0]! ? 'utf-16le' : 'utf-16be';
}

/** Text around the first byte that is not ASCII, or undefined where none is found. */
async function sampleBeyondAscii(source: Source, signal?: AbortSignal): Promise<Buffer | undefined> {
  let searched = 0;
  for await (const chunk of source.chunks(signal)) {
    if (!isAscii(chunk)) {
      const at = chunk.findIndex((byte) => byte >= 0x80);
      return chunk.subarray(lineStart(chunk, at), Math.min(chunk.length, at + SAMPLE_BYTES));
    }
    searched += chunk.length;
    if (searched >= SEARCH_BYTES) return undefined;
  }
  return undefined;
}

function lineStart(chunk: Buffer, at: number): number {
  return Math.max(chunk.lastIndexOf(0x0a, at) + 1, at - SAMPLE_BYTES);
}

function mostlyUtf8(sample: Buffer): boolean {
  // The sample may end inside a character
  if ([0, 1, 2, 3].some((cut) => isUtf8(sample.subarray(0, sample.length - cut)))) return true;
  const text = sample.toString('utf8');
  let damaged = 0;
  let beyond = 0;
  for (const char of text) {
    if (char === '\ufffd') damaged++;
    else if (char > '\u007f') beyond++;
  }
  return damaged <= DAMAGED_SHARE * (beyond + damaged);
}

/** Letters of a word that is shown, before and after the one that tells. */
const WORD = 40;

function guess(path: string, sample: Buffer): Encoding {
  const found = chardet
    .analyse(sample)
    .find(({ name, confidence }) => confidence >= 10 && fits(name, sample));
  const name = found?.name.toLowerCase() ?? 'windows-1252';
  const label = new TextDecoder(name).encoding;
  const text = new TextDecoder(name).decode(sample);
  // within a long run of letters the search for a word would start again at each of them
  const at = Math.max(0, text.search(/\P{ASCII}/u) - WORD);
  const word = /[\p{L}\p{N}]*\P{ASCII}[\p{L}\p{N}]*/u.exec(text.slice(at, at + 2 * WORD))?.[0] ?? '';
  return { name: label, note: note(path, label, say`it is not UTF-8 (for example “${excerpt(word)}”)`) };
}

/** Whether TextDecoder knows the encoding and reads the sample with it, the last character excepted. */
function fits(name: string, sample: Buffer): boolean {
  try {
    new TextDecoder(name, { fatal: true }).decode(sample, { stream: true });
    return !/^(utf|ascii)/i.test(name);
  } catch {
    return false;
  }
}

function note(path: string, name: string, why: string): DataNote {
  const message = say`${basename(path)} is read as ${name}, because ${why}. If letters look wrong, save the file as UTF-8.`;
  return { code: 'data-encoding', message };
}

const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

// Lines of files of any size: a line lives only as long as it is looked at, and one beyond the limit is given without its bytes.

export interface RawLine {
  /** Without the line end; null for a line beyond the limit, whose bytes were not kept. */
  readonly bytes: Buffer | null;
  /** Counted from 1. */
  readonly line: number;
  /** Bytes of the content up to the end of this line. */
  readonly endByte: number;
}

/** The lines that end in each chunk. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawLine[]> {
  let pieces: Buffer[] = [];
  let pending = 0;
  let consumed = 0;
  let line = 0;
  const take = (rest: Buffer, endByte: number): RawLine => {
    const bytes =
      pending + rest.length > MAX_LINE_BYTES ? null : pending > 0 ? Buffer.concat([...pieces, rest]) : rest;
    pieces = [];
    pending = 0;
    return { bytes, line: ++line, endByte };
  };
  for await (const chunk of chunks) {
    const lines: RawLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end), consumed + end + 1));
      start = end + 1;
    }
    pending += chunk.length - start;
    if (pending > MAX_LINE_BYTES) pieces = [];
    else if (start < chunk.length) pieces.push(chunk.subarray(start));
    consumed += chunk.length;
    yield lines;
  }
  if (pending > 0) yield [take(Buffer.alloc(0), consumed)];
}

/** What is wrong with the bytes of a line: too many (`tooLong` says what to do), not UTF-8, or NUL characters where text is expected. */
export function lineFault(
  { bytes, line }: RawLine,
  path: string,
  tooLong: string,
  mayHaveNul = false,
): AppError | undefined {
  if (bytes !== null && isUtf8(bytes) && (mayHaveNul || !bytes.includes(0))) return undefined;
  const where = `${path}:${line}`;
  if (bytes === null) return badRow(where, say`The line is longer than 64 MB.`, tooLong);
  const shown = excerpt(bytes.toString('latin1'));
  if (!isUtf8(bytes)) return badRow(where, say`The line is not UTF-8 text: ${shown}`, utf8Hint());
  return badRow(
    where,
    say`The line has characters that no text has.`,
    say`Part of the file is damaged. Save it again.`,
  );
}
