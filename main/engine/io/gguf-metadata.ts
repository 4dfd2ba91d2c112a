import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { shorten } from './json-scan.ts';
import { type OpenFile, truncated } from './open-file.ts';

/**
 * The key-values of a GGUF file: 13 types of value, arrays of arrays among them. Every count is checked against the
 * bytes that are left before anything is allocated for it, and the whole is bounded, so that a hostile file fails at once.
 */
export type GgufValue = number | bigint | boolean | string | GgufValue[];

// Real files: up to about 1.5 million values (tokens, scores, types, merges) and 40 MB.
const MAX_KEYS = 65_536;
const MAX_VALUES = 4_000_000;
const MAX_STRING_BYTES = 64 * 2 ** 20;
const MAX_KEY_BYTES = 65_535;
const MAX_DEPTH = 4;

type NumberReader =
  | 'readUInt8'
  | 'readInt8'
  | 'readUInt16LE'
  | 'readInt16LE'
  | 'readUInt32LE'
  | 'readInt32LE'
  | 'readFloatLE'
  | 'readDoubleLE';

const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

const plain = (read: NumberReader, bytes: number) => ({
  bytes,
  read: (c: GgufCursor) => c.number(read, bytes),
});

const SCALARS: Readonly<Record<number, { bytes: number; read: (cursor: GgufCursor) => number | bigint }>> = {
  0: plain('readUInt8', 1),
  1: plain('readInt8', 1),
  2: plain('readUInt16LE', 2),
  3: plain('readInt16LE', 2),
  4: plain('readUInt32LE', 4),
  5: plain('readInt32LE', 4),
  6: plain('readFloatLE', 4),
  10: { bytes: 8, read: (c) => c.u64() },
  11: { bytes: 8, read: (c) => c.i64() },
  12: plain('readDoubleLE', 8),
};

/** Reads `count` key-values; 64-bit integers beyond 2^53 become bigints, all other numbers are numbers. */
export async function readGgufMetadata(cursor: GgufCursor, count: number): Promise<Map<string, GgufValue>> {
  const path = cursor.file.path;
  if (count > MAX_KEYS)
    throw ggufInvalid(path, `it claims ${count} metadata keys, and at most ${MAX_KEYS} is plausible`);
  const metadata = new Map<string, GgufValue>();
  const budget = { values: MAX_VALUES };
  for (let i = 0; i < count; i++) {
    const key = await readText(cursor, MAX_KEY_BYTES, `metadata key ${i}`);
    if (key === '') throw ggufInvalid(path, `metadata key ${i} is empty`);
    if (metadata.has(key)) throw ggufInvalid(path, `the metadata key "${shorten(key)}" appears twice`);
    if (cursor.lacks(4)) await cursor.fill(4);
    metadata.set(key, await readValue(cursor, cursor.u32(), `the value of "${shorten(key)}"`, budget, 0));
  }
  return metadata;
}

/** A string: its length in 8 bytes, then UTF-8. */
export async function readText(cursor: GgufCursor, limit: number, what: string): Promise<string> {
  if (cursor.lacks(8)) await cursor.fill(8);
  const length = cursor.count(limit, `the length of ${what}`);
  if (cursor.lacks(length)) await cursor.fill(length);
  return cursor.text(length, what);
}

interface Budget {
  values: number;
}

async function readValue(
  cursor: GgufCursor,
  type: number,
  what: string,
  budget: Budget,
  depth: number,
): Promise<GgufValue> {
  if (type === STRING) return await readText(cursor, MAX_STRING_BYTES, what);
  if (type === ARRAY) return await readArray(cursor, what, budget, depth + 1);
  const bytes = bytesOf(type, what, cursor);
  if (cursor.lacks(bytes)) await cursor.fill(bytes);
  return type === BOOL ? readBool(cursor, what) : SCALARS[type]!.read(cursor);
}

async function readArray(
  cursor: GgufCursor,
  what: string,
  budget: Budget,
  depth: number,
): Promise<GgufValue[]> {
  const path = cursor.file.path;
  if (depth > MAX_DEPTH) throw ggufInvalid(path, `${what} nests arrays deeper than ${MAX_DEPTH} levels`);
  if (cursor.lacks(12)) await cursor.fill(12);
  const type = cursor.u32();
  const count = cursor.count(MAX_VALUES, `the number of elements of ${what}`);
  const bytes = bytesOf(type, what, cursor);
  budget.values -= count;
  if (budget.values < 0) throw ggufInvalid(path, `its metadata has more than ${MAX_VALUES} values`);
  const { file, position, remaining } = cursor;
  if (count * bytes > remaining) throw truncated(file.path, position + count * bytes, file.size);
  if (type === STRING) return await readTexts(cursor, count, what);
  if (type === ARRAY) {
    const lists: GgufValue[] = [];
    for (let i = 0; i < count; i++) lists.push(await readArray(cursor, what, budget, depth + 1));
    return lists;
  }
  if (cursor.lacks(count * bytes)) await cursor.fill(count * bytes);
  const values: GgufValue[] = [];
  const read = type === BOOL ? (c: GgufCursor) => readBool(c, what) : SCALARS[type]!.read;
  for (let i = 0; i < count; i++) values.push(read(cursor));
  return values;
}

// `readText`, without a promise for each string.
async function readTexts(cursor: GgufCursor, count: number, what: string): Promise<string[]> {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    if (cursor.lacks(8)) await cursor.fill(8);
    const length = cursor.count(MAX_STRING_BYTES, 'the length of a string in an array');
    if (cursor.lacks(length)) await cursor.fill(length);
    texts.push(cursor.text(length, what));
  }
  return texts;
}

// The fewest bytes that one value takes: for a string its length, for an array its type and count.
function bytesOf(type: number, what: string, cursor: GgufCursor): number {
  if (type === BOOL) return 1;
  if (type === STRING) return 8;
  if (type === ARRAY) return 12;
  const scalar = SCALARS[type];
  if (!scalar) throw ggufInvalid(cursor.file.path, `${what} has the unknown type ${type}`);
  return scalar.bytes;
}

function readBool(cursor: GgufCursor, what: string): boolean {
  const value = cursor.number('readUInt8', 1);
  if (value > 1)
    throw ggufInvalid(cursor.file.path, `${what} should be true or false (1 or 0) and is ${value}`);
  return value === 1;
}

/**
 * Walks forward through the head of a GGUF file, one megabyte at a time. Reading a number is synchronous once its
 * bytes are in the window (`if (cursor.lacks(8)) await cursor.fill(8)`): a vocabulary has 150,000 strings, and a
 * promise for each would take longer than the reading.
 */
export class GgufCursor {
  readonly file: OpenFile;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #at = 0;

  constructor(file: OpenFile) {
    this.file = file;
  }

  /** Bytes from the start of the file. */
  get position(): number {
    return this.#windowStart + this.#at;
  }

  get remaining(): number {
    return this.file.size - this.position;
  }

  lacks(bytes: number): boolean {
    return this.#at + bytes > this.#window.length;
  }

  /** Makes the next `bytes` bytes available; an AppError when the file ends first. */
  async fill(bytes: number): Promise<void> {
    if (bytes > this.remaining) throw truncated(this.file.path, this.position + bytes, this.file.size);
    const start = this.position;
    if (start + bytes > MAX_HEAD_BYTES) {
      throw ggufInvalid(this.file.path, `its metadata is longer than ${MAX_HEAD_BYTES} bytes`);
    }
    const length = Math.min(Math.max(bytes, WINDOW_BYTES), this.file.size - start);
    const window = await this.file.read(start, length);
    this.#window = Buffer.from(window.buffer);
    this.#windowStart = start;
    this.#at = 0;
  }

  /** A number of at most 8 bytes, as the method of `Buffer` reads it. */
  number(read: NumberReader, bytes: number): number {
    return this.#window[read](this.#advance(bytes));
  }

  u32(): number {
    return this.number('readUInt32LE', 4);
  }

  /** A bigint where a number would not be exact. */
  u64(): number | bigint {
    const at = this.#advance(8);
    const high = this.#window.readUInt32LE(at + 4);
    if (high >= 2 ** 21) return this.#window.readBigUInt64LE(at);
    return high * 2 ** 32 + this.#window.readUInt32LE(at);
  }

  /** A bigint where a number would not be exact. */
  i64(): number | bigint {
    const at = this.#advance(8);
    const value = this.#window.readInt32LE(at + 4) * 2 ** 32 + this.#window.readUInt32LE(at);
    return Number.isSafeInteger(value) ? value : this.#window.readBigInt64LE(at);
  }

  /** UTF-8 text of `length` bytes; `what` names it in the error. */
  text(length: number, what: string): string {
    const start = this.#advance(length);
    const text = this.#window.toString('utf8', start, start + length);
    // Broken bytes decode to U+FFFD; only then is the exact check needed.
    if (text.includes('\u{fffd}') && !isUtf8(this.#window.subarray(start, start + length))) {
      throw ggufInvalid(this.file.path, `${what} is not UTF-8 text`);
    }
    return text;
  }

  /** A length or count that must be plausible: at most `limit`. */
  count(limit: number, what: string): number {
    const value = this.u64();
    if (value > limit)
      throw ggufInvalid(this.file.path, `${what} is ${value}, and at most ${limit} is plausible`);
    return Number(value);
  }

  #advance(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}

const WINDOW_BYTES = 2 ** 20;
// Real ones reach some 40 MB (large vocabularies).
const MAX_HEAD_BYTES = 256 * 2 ** 20;

/** The error for a file that breaks the rules of the format. */
export function ggufInvalid(path: string, reason: string): AppError {
  return new AppError(
    'gguf-invalid',
    say`${path} is not a valid GGUF file: ${shorten(reason, 300)}.`,
    say`Download the file again, or choose another source.`,
  );
}

/** The error for a valid file that Fettle cannot read. */
export function ggufUnsupported(path: string, reason: string, hint: string): AppError {
  return new AppError('gguf-unsupported', say`${path} can't be used: it ${reason}.`, hint);
}
