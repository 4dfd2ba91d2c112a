/**
 * Reads JSON Lines files of any size: bytes come in chunks and a line lives only as long as it is looked at. What can
 * be wrong with such a file is said with file, line and a piece of the text, because its author has to find the place.
 */
import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import { excerpt, jsonProblem } from './json-excerpt.ts';

const CHUNK_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** One line of the file; blank lines are counted but not given. */
export interface JsonLine {
  readonly value: unknown;
  /** Counted from 1. */
  readonly line: number;
  /** Bytes of the file up to the end of this line. */
  readonly endByte: number;
}

export interface JsonlOptions {
  readonly signal?: AbortSignal;
  /** Called for a line that cannot be read, which is then left out; without it the error is thrown. */
  readonly onBadLine?: (error: AppError) => void;
}

interface RawLine {
  /** Null for a line beyond the limit, whose bytes were not kept. */
  readonly bytes: Buffer | null;
  readonly endByte: number;
}

/** The values of the non-blank lines of a UTF-8 file (a BOM and CRLF are accepted), in order. */
export async function* readJsonl(path: string, options: JsonlOptions = {}): AsyncGenerator<JsonLine> {
  const file = await openData(path);
  try {
    let line = 0;
    for await (const chunkLines of splitLines(file, options.signal)) {
      for (const raw of chunkLines) {
        line++;
        const value = parseLine(raw, `${path}:${line}`, line, options.onBadLine);
        if (value !== undefined) yield { value, line, endByte: raw.endByte };
      }
    }
  } finally {
    await file.close();
  }
}

/** Opens a data file for reading; a missing or unreadable one is an `AppError`. */
async function openData(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw new AppError('file-not-found', `There is no file ${path}.`, 'Check the path of the data file.', {
        cause,
      });
    }
    const hint = 'Check that you may read the file.';
    throw new AppError('cannot-read', `Cannot open ${path} (${code}).`, hint, { cause });
  }
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw new AppError(
      'cannot-read',
      `${path} is a folder; expected a JSON Lines file.`,
      'Name a file inside it.',
    );
  }
  return file;
}

/** Size of the data file in bytes; a missing or unreadable one is an `AppError`. */
export async function dataFileBytes(path: string): Promise<number> {
  const file = await openData(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** The lines that end in each chunk, without their line ends. */
async function* splitLines(file: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<RawLine[]> {
  let pieces: Buffer[] = [];
  let pending = 0;
  let consumed = 0;
  const take = (rest: Buffer, endByte: number): RawLine => {
    const bytes =
      pending + rest.length > MAX_LINE_BYTES ? null : pending > 0 ? Buffer.concat([...pieces, rest]) : rest;
    pieces = [];
    pending = 0;
    return { bytes, endByte };
  };
  for (;;) {
    signal?.throwIfAborted();
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    const lines: RawLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end), consumed + end + 1));
      start = end + 1;
    }
    pending += bytesRead - start;
    // Beyond the limit only the length is kept: the line is an error, and its bytes must not fill the memory
    if (pending > MAX_LINE_BYTES) pieces = [];
    else if (start < bytesRead) pieces.push(chunk.subarray(start));
    consumed += bytesRead;
    yield lines;
  }
  if (pending > 0) yield [take(Buffer.alloc(0), consumed)];
}

/** The value of one line, or undefined for a blank or (with `onBadLine`) a bad one. */
function parseLine(
  raw: RawLine,
  where: string,
  line: number,
  onBadLine?: (error: AppError) => void,
): unknown {
  try {
    return parseBytes(raw.bytes, where, line);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-row' || onBadLine === undefined) throw error;
    onBadLine(error);
    return undefined;
  }
}

function parseBytes(bytes: Buffer | null, where: string, line: number): unknown {
  if (bytes === null)
    throw badLine(where, 'expected lines of at most 64 MB, got a longer one', NOT_JSONL_HINT);
  if (line === 1) refuseOtherFormats(bytes, where);
  if (!isUtf8(bytes)) {
    const hint = 'Save the file as UTF-8 (in a spreadsheet or editor: "Save as", encoding UTF-8).';
    throw badLine(where, `expected UTF-8 text, got other bytes: ${excerpt(bytes.toString('latin1'))}`, hint);
  }
  const text = bytes.toString('utf8', line === 1 && startsWith(bytes, [0xef, 0xbb, 0xbf]) ? 3 : 0).trim();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const hint = text.startsWith('[') ? JSON_LIST_HINT : NOT_JSONL_HINT;
    throw badLine(where, `expected one JSON object, got ${jsonProblem(text, error as Error)}`, hint);
  }
}

const NOT_JSONL_HINT =
  'A JSON Lines file has one complete JSON object on each line, for example {"prompt": "…", "completion": "…"}.';

/** What to do with a file that is one JSON list instead of JSON Lines. */
export const JSON_LIST_HINT =
  'The file seems to be one JSON list; write each of its elements on a line of its own: jq -c ".[]" FILE > NEW.jsonl';

function badLine(where: string, what: string, hint: string): AppError {
  return new AppError('bad-row', `${where}: ${what}`, hint);
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** File types that are often given by mistake, by their first bytes. */
const OTHER_FORMATS: readonly (readonly [magic: readonly number[], name: string, hint: string])[] = [
  [[0xff, 0xfe], 'UTF-16 text', 'Save the file as UTF-8.'],
  [[0xfe, 0xff], 'UTF-16 text', 'Save the file as UTF-8.'],
  [[0x1f, 0x8b], 'a gzip archive', 'Unpack it first: gzip -d FILE.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a Zstandard archive', 'Unpack it first: zstd -d FILE.'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or spreadsheet', 'Unpack it, or export the sheet as JSON Lines.'],
  [
    [0x50, 0x41, 0x52, 0x31],
    'a Parquet file',
    'Export it as JSON Lines, for example with DuckDB: COPY … TO (FORMAT json).',
  ],
];

function refuseOtherFormats(bytes: Buffer, where: string): void {
  for (const [magic, name, hint] of OTHER_FORMATS) {
    if (!startsWith(bytes, magic)) continue;
    throw new AppError('not-jsonl', `${where}: expected a JSON Lines file, got ${name}.`, hint);
  }
}
