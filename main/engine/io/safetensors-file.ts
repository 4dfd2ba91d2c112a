import { AppError, internal } from '../../../common/errors.ts';
import { DTYPE_BYTES, type DType } from '../ir/dtype.ts';
import { convertToF32, convertToI32 } from './convert.ts';
import { shorten } from './json-scan.ts';
import { type OpenFile, openFile } from './open-file.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import type { StoredTensor, TensorStore } from './tensor-store.ts';

/**
 * Reading tensors out of safetensors files. Values are converted in pieces of a megabyte, so reading a tensor
 * costs its float32 result and little else; files are never loaded whole.
 */
export interface SafetensorsStore extends TensorStore {
  readonly kind: 'safetensors';
  /** Reads an integer or bool tensor, or its elements [start, end), as int32; an AppError where a value does not fit. */
  readI32(name: string, range?: ElementRange): Promise<Int32Array>;
  /** Fills `out` with the elements from index `first` on, converted to float32. */
  readF32Into(name: string, first: number, out: Float32Array): Promise<void>;
  /** The stored bytes of a tensor, unconverted. */
  readRaw(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ElementRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes read and converted at a time; a multiple of every element size. */
const PIECE_BYTES = 2 ** 20;

/** One open safetensors file. */
export class SafetensorsFile implements SafetensorsStore {
  readonly kind = 'safetensors';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  #file: OpenFile;

  constructor(
    file: OpenFile,
    tensors: ReadonlyMap<string, StoredTensor>,
    metadata: ReadonlyMap<string, string>,
  ) {
    this.#file = file;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  get path(): string {
    return this.#file.path;
  }

  async readF32(name: string, range?: ElementRange): Promise<Float32Array> {
    const { start, count } = this.#locate(name, range);
    const out = new Float32Array(count);
    await this.readF32Into(name, start, out);
    return out;
  }

  async readF32Into(name: string, first: number, out: Float32Array): Promise<void> {
    const { tensor, dtype, width, start, count } = this.#locate(name, {
      start: first,
      end: first + out.length,
    });
    const offset = tensor.offset + start * width;
    if (dtype === 'f32') {
      return await this.#file.readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), offset);
    }
    await this.#file.readPieces(offset, count * width, PIECE_BYTES, (piece, at) =>
      convertToF32(dtype, piece, out, at / width),
    );
  }

  async readI32(name: string, range?: ElementRange): Promise<Int32Array> {
    const { tensor, dtype, width, start, count } = this.#locate(name, range);
    if (!/^[iub]/.test(dtype) || dtype === 'bf16') {
      throw mismatch(this.path, name, `is stored as ${dtype}, expected integers`);
    }
    const out = new Int32Array(count);
    await this.#file.readPieces(tensor.offset + start * width, count * width, PIECE_BYTES, (piece, at) => {
      const misfit = convertToI32(dtype, piece, out, at / width);
      if (misfit < 0) return;
      throw mismatch(this.path, name, `has a value beyond 32 bits at index ${start + at / width + misfit}`);
    });
    return out;
  }

  async readRaw(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const tensor = tensorOf(this, this.path, name);
    return await this.#file.read(tensor.offset, tensor.bytes);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #locate(name: string, range: ElementRange | undefined) {
    const tensor = tensorOf(this, this.path, name);
    const dtype = tensor.dtype as DType;
    const width = DTYPE_BYTES[dtype];
    const { start, count } = checkRange(name, tensor.bytes / width, range);
    return { tensor, dtype, width, start, count };
  }
}

/** Opens a safetensors file and checks its header; see `readSafetensorsHeader` for what is refused. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openFile(path);
  try {
    const { entries, metadata } = await readSafetensorsHeader(file);
    const tensors = new Map(entries.map((entry) => [entry.name, { ...entry, file: path }]));
    return new SafetensorsFile(file, tensors, metadata);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The tensor called `name`, or an AppError that says the model lacks it. */
export function tensorOf(store: Pick<TensorStore, 'tensors'>, path: string, name: string): StoredTensor {
  const tensor = store.tensors.get(name);
  if (tensor) return tensor;
  throw new AppError(
    'tensor-missing',
    `${path} has no tensor "${shorten(name)}" (it has ${store.tensors.size} tensors).`,
    'The file may be incomplete or belong to another kind of model.',
  );
}

/** The first element and the number of elements of a range; a range outside the tensor is a bug of the caller. */
export function checkRange(name: string, size: number, range: ElementRange | undefined) {
  const { start, end } = range ?? { start: 0, end: size };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end || end > size) {
    throw internal(`range [${start}, ${end}) of tensor ${name} with ${size} elements`);
  }
  return { start, count: end - start };
}

function mismatch(path: string, name: string, reason: string): AppError {
  return new AppError(
    'tensor-mismatch',
    `${path}: tensor "${shorten(name)}" ${reason}.`,
    'The file does not hold what was expected; check that it is the right one.',
  );
}
