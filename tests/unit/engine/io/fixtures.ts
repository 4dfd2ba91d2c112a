/**
 * Builders of model files, sound and hostile, for the tests of the readers: the format's rules are written down here
 * a second time, so that a mistake in the reader is not mirrored by the writer under test.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { AppError } from '../../../../common/errors.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
export const GOLDEN = join(ROOT, 'tests/golden/data');
export const SHARED = join(ROOT, '../shared');

/** A folder of its own for the running test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fettle-io-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes bytes to a new temporary file and gives its path. */
export function temporaryFile(bytes: Uint8Array | string, name = 'file.bin'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

/** Awaits an AppError with a hint and gives it back. */
export async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => new Error('expected a failure, and it succeeded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  expect(error.hint).not.toBe('');
  return error;
}

/** A safetensors file with this header text (or object) and so many bytes of data. */
export function safetensorsBytes(header: string | object, dataBytes: number, claimed?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

/** Little-endian pieces of a GGUF file. */
export const u8 = (value: number) => Buffer.from([value]);
export const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
export const u64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
export const text = (value: string | Uint8Array) => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([u64(bytes.length), bytes]);
};

/** One key with its type and the bytes of its value. */
export const pair = (key: string | Uint8Array, type: number, value: Uint8Array) =>
  Buffer.concat([text(key), u32(type), value]);

export interface GgufTensorSpec {
  readonly name: string | Uint8Array;
  readonly dims: readonly (number | bigint)[];
  readonly type?: number;
  readonly offset?: number | bigint;
}

export interface GgufSpec {
  readonly magic?: string;
  readonly version?: number;
  readonly pairs?: readonly Uint8Array[];
  readonly pairCount?: number | bigint;
  readonly tensors?: readonly GgufTensorSpec[];
  readonly tensorCount?: number | bigint;
  readonly dataBytes?: number;
}

/** A GGUF file; counts may be made to lie. */
export function ggufBytes(spec: GgufSpec): Buffer {
  const { pairs = [], tensors = [] } = spec;
  const head = Buffer.concat([
    Buffer.from(spec.magic ?? 'GGUF'),
    u32(spec.version ?? 3),
    u64(spec.tensorCount ?? tensors.length),
    u64(spec.pairCount ?? pairs.length),
    ...pairs,
    ...tensors.flatMap(({ name, dims, type = 0, offset = 0 }) => [
      text(name),
      u32(dims.length),
      ...dims.map(u64),
      u32(type),
      u64(offset),
    ]),
  ]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  return Buffer.concat([head, padding, Buffer.alloc(spec.dataBytes ?? 0)]);
}

/** Bit patterns, for comparisons that tell -0 from 0 and NaN from NaN. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** A small seeded generator of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
