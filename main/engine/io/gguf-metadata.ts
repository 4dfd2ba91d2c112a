import { type GgufCursor, ggufInvalid } from './gguf-cursor.ts';
import { shorten } from './json-scan.ts';
import { truncated } from './open-file.ts';

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

const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

const SCALARS: Readonly<Record<number, { bytes: number; read: (cursor: GgufCursor) => number | bigint }>> = {
  0: { bytes: 1, read: (c) => c.u8() },
  1: { bytes: 1, read: (c) => c.i8() },
  2: { bytes: 2, read: (c) => c.u16() },
  3: { bytes: 2, read: (c) => c.i16() },
  4: { bytes: 4, read: (c) => c.u32() },
  5: { bytes: 4, read: (c) => c.i32() },
  6: { bytes: 4, read: (c) => c.f32() },
  10: { bytes: 8, read: (c) => c.u64() },
  11: { bytes: 8, read: (c) => c.i64() },
  12: { bytes: 8, read: (c) => c.f64() },
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
  const value = cursor.u8();
  if (value > 1)
    throw ggufInvalid(cursor.file.path, `${what} should be true or false (1 or 0) and is ${value}`);
  return value === 1;
}
