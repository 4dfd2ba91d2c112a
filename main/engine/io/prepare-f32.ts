import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { requireFreeBytes } from '../../folders.ts';
import { DTYPE_BYTES, type HalfType } from '../ir/dtype.ts';
import { openFile } from './open-file.ts';
import { openSafetensors, type SafetensorsFile } from './safetensors.ts';
import { type TensorToWrite, writeSafetensors } from './safetensors-write.ts';
import { elementCount, sameDims, type TensorStore } from './tensor-store.ts';

/**
 * Executors map float32 weights straight from a safetensors file. Models of another type (bfloat16, quantised GGUF) are converted once into
 * such a file, piece by piece, and found again by a key that changes with the source. Several processes may do so at once: each writes its
 * own temporary file, and the last rename wins with the same content.
 */
export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  /** Float32 where it is left out; codes of quantised weights are bytes, floats of 16 bits their bit patterns. */
  readonly dtype?: 'f32' | HalfType | 'u8' | 'i8' | 'u16';
  /** The values, whole or in pieces; called once, when their turn comes. */
  read(): Promise<Piece> | AsyncIterable<Piece>;
}

type Piece = Float32Array | Uint16Array | Uint8Array | Int8Array;

export interface PrepareF32Options {
  readonly tensors: readonly TensorSource[];
  /** The cache file to reuse or write. */
  readonly file: string;
  /** Identifies the source and the conversion; see `cacheKeyOf`. */
  readonly key: string;
  /** Called with the bytes written so far and in all; not called when the cache is reused. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

const KEY = 'fettle.key';
/** Elements per piece: 4 MiB as float32, and a multiple of every block size. */
const PIECE_ELEMENTS = 2 ** 20;

/** Opens the file for `key`, writing it first unless it is there; the caller closes it. */
export async function prepareF32(options: PrepareF32Options): Promise<SafetensorsFile> {
  const cached = await openIfCurrent(options);
  if (cached) return cached;
  const totalBytes = preparedBytes(options);
  await requireFreeBytes(dirname(options.file), totalBytes, say`Preparing the model`);
  const progress = { done: 0, total: totalBytes, report: options.onProgress };
  const tensors = options.tensors.map((source) => toWrite(source, progress));
  try {
    await writeSafetensors(options.file, tensors, { [KEY]: options.key }, 'as-given');
  } catch (error) {
    // Windows refuses to replace a file that another process has mapped: then that process made it.
    const made = await openIfCurrent(options);
    if (made) return made;
    throw error;
  }
  return await openSafetensors(options.file);
}

/** Whether the file for `key` is there, so that `prepareF32` would write nothing. */
export async function isPrepared(
  options: Pick<PrepareF32Options, 'tensors' | 'file' | 'key'>,
): Promise<boolean> {
  const cached = await openIfCurrent(options);
  await cached?.close();
  return cached !== null;
}

/** Bytes of the tensors that `prepareF32` would write. */
export function preparedBytes({
  tensors,
}: {
  readonly tensors: readonly Omit<TensorSource, 'read'>[];
}): number {
  return tensors.reduce((sum, source) => sum + bytesOf(source), 0);
}

/**
 * The values of a stored tensor as float32 pieces of at most 4 MiB, in order. A piece is valid until the next one is asked for: its memory
 * is used again.
 */
export async function* readF32Pieces(
  store: TensorStore,
  name: string,
  size: number,
): AsyncGenerator<Float32Array> {
  const memory = spare ?? new Float32Array(PIECE_ELEMENTS);
  spare = null;
  try {
    for (let start = 0; start < size; start += PIECE_ELEMENTS) {
      const end = Math.min(start + PIECE_ELEMENTS, size);
      const piece = memory.subarray(0, end - start);
      if (store.readF32Into) await store.readF32Into(name, start, piece);
      else piece.set(await store.readF32(name, { start, end }));
      yield piece;
    }
  } finally {
    spare = memory;
  }
}

// Kept between tensors: a model has hundreds, and their pieces would pile up faster than they are collected.
let spare: Float32Array | null = null;

/**
 * A key for the content of `files`: SHA-256 over each one's size and modification time (not if `timed` is false), its first MiB (headers
 * lie there), its last 64 KiB and 16 blocks of 64 KiB spread evenly between. Paths do not count, so a moved model keeps its cache; a change
 * that keeps size, time and all samples goes unseen.
 */
export async function cacheKeyOf(files: readonly string[], { timed = true } = {}): Promise<string> {
  const hash = createHash('sha256').update('fettle-f32-1');
  for (const path of files) {
    const file = await openFile(path);
    try {
      hash.update(`\n${file.size} ${timed ? file.modifiedMs : ''}\n`);
      for (const [offset, length] of samplesOf(file.size)) hash.update(await file.read(offset, length));
    } finally {
      await file.close();
    }
  }
  return hash.digest('hex');
}

function samplesOf(size: number): [offset: number, length: number][] {
  const head = 2 ** 20;
  const block = 2 ** 16;
  const count = 16;
  if (size <= head + (count + 1) * block) return [[0, size]];
  const step = (size - head - block) / count;
  const spread = Array.from(
    { length: count },
    (_, i) => [head + Math.floor(i * step), block] as [number, number],
  );
  return [[0, head], ...spread, [size - block, block]];
}

const bytesOf = ({ shape, dtype = 'f32' }: Omit<TensorSource, 'read'>): number =>
  DTYPE_BYTES[dtype] * elementCount(shape);

interface Progress {
  done: number;
  readonly total: number;
  readonly report: PrepareF32Options['onProgress'] | undefined;
}

function toWrite(source: TensorSource, progress: Progress): TensorToWrite {
  const { name, shape, dtype = 'f32' } = source;
  return { name, dtype, shape, data: () => piecesOf(source, progress) };
}

async function* piecesOf(source: TensorSource, progress: Progress): AsyncGenerator<Piece> {
  const read = source.read();
  for await (const piece of Symbol.asyncIterator in read ? read : [read]) {
    yield piece;
    progress.done += piece.byteLength;
    progress.report?.(progress.done, progress.total);
  }
}

async function openIfCurrent({ file, key, tensors }: PrepareF32Options): Promise<SafetensorsFile | null> {
  let cached: SafetensorsFile;
  try {
    cached = await openSafetensors(file);
  } catch (error) {
    // Missing or damaged: it is only a cache, so it is written again.
    if (error instanceof AppError) return null;
    throw error;
  }
  if (cached.metadata.get(KEY) === key && holds(cached, tensors)) return cached;
  await cached.close();
  return null;
}

function holds(file: SafetensorsFile, tensors: readonly TensorSource[]): boolean {
  if (file.tensors.size !== tensors.length) return false;
  return tensors.every(({ name, shape, dtype = 'f32' }) => {
    const stored = file.tensors.get(name);
    return stored?.dtype === dtype && sameDims(stored.shape, shape);
  });
}
