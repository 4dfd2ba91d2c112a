/**
 * Reading safetensors files. Values are converted in pieces of a megabyte, so reading a tensor costs its float32 result and little else;
 * files are never loaded whole.
 */

import { AppError } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { DTYPE_BYTES, type DType } from '../ir/dtype.ts';
import { convertToF32 } from './convert.ts';
import { parseJsonStrictly, shorten } from './json-scan.ts';
import { type OpenFile, openFile, truncated } from './open-file.ts';
import { TensorFile } from './tensor-file.ts';
import { checkedProduct, checkRange, type ElementRange, type TensorStore, tensorOf } from './tensor-store.ts';

export interface SafetensorsStore extends TensorStore {
  readonly kind: 'safetensors';
  readF32Into(name: string, first: number, out: Float32Array): Promise<void>;
}

/** Bytes read and converted at a time; a multiple of every element size. */
const PIECE_BYTES = 2 ** 20;

/** One open safetensors file. */
export class SafetensorsFile extends TensorFile<string> implements SafetensorsStore {
  readonly kind = 'safetensors';

  async readF32Into(name: string, first: number, out: Float32Array): Promise<void> {
    const { tensor, dtype, width, start, count } = this.locate(name, {
      start: first,
      end: first + out.length,
    });
    const offset = tensor.offset + start * width;
    if (dtype === 'f32') {
      return await this.file.readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), offset);
    }
    await this.file.readPieces(offset, count * width, PIECE_BYTES, (piece, at) =>
      convertToF32(dtype, piece, out, at / width),
    );
  }

  /** The stored bytes of a tensor, unconverted. */
  async readRaw(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const tensor = tensorOf(this, this.path, name);
    return await this.file.read(tensor.offset, tensor.bytes);
  }

  protected locate(name: string, range: ElementRange | undefined) {
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

/**
 * The header of a safetensors file: 8 bytes of length, then JSON naming each tensor's dtype, shape and byte range. Files come from the
 * internet, so nothing in the header is believed before it is checked against the size of the file, and nothing is allocated on its word.
 * The rules are those of the format: no overlaps, no holes.
 */
interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Byte offset from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** The names that the format gives to the dtypes. */
export const SAFETENSORS_DTYPES: Readonly<Record<string, DType>> = {
  F64: 'f64',
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
  I64: 'i64',
  I32: 'i32',
  I16: 'i16',
  I8: 'i8',
  U64: 'u64',
  U32: 'u32',
  U16: 'u16',
  U8: 'u8',
  BOOL: 'bool',
};

/** The limit of the format's reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const MAX_TENSORS = 100_000;
const MAX_RANK = 16;

/** Reads and checks the header; every defect is an AppError that names the file and the tensor. */
async function readSafetensorsHeader(file: OpenFile) {
  if (file.size < 8) throw truncated(file.path, 8, file.size);
  const prefix = new DataView((await file.read(0, 8)).buffer);
  const length = prefix.getUint32(4, true) * 2 ** 32 + prefix.getUint32(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw invalid(file.path, `its header claims ${length} bytes and ${MAX_HEADER_BYTES} are allowed`);
  }
  if (8 + length > file.size) throw truncated(file.path, 8 + length, file.size);
  const json = parseHeader(file.path, await file.read(8, length));
  const dataStart = 8 + length;
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name !== '__metadata__') entries.push(checkEntry(file.path, name, value, dataStart));
  }
  checkLayout(file, entries, dataStart);
  return { entries, metadata: checkMetadata(file.path, json.__metadata__) };
}

function parseHeader(path: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw invalid(path, 'its header is not a JSON object');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // A tensor of rank 4 has 10 keys and commas; metadata is small in practice.
    return parseJsonStrictly(text, { maxDepth: 3, maxItems: 12 * MAX_TENSORS }) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof SyntaxError ? shorten(error.message, 200) : 'it is not UTF-8 text';
    throw invalid(path, `its header is broken: ${reason}`);
  }
}

function checkEntry(path: string, name: string, value: unknown, dataStart: number): SafetensorsEntry {
  const bad = (reason: string) => invalid(path, `tensor "${shorten(name)}" ${reason}`);
  if (!isRecord(value)) throw bad('is not described by an object');
  const { dtype: dtypeName, shape, data_offsets: offsets } = value;
  if (typeof dtypeName !== 'string') throw bad('has no dtype');
  const dtype = Object.hasOwn(SAFETENSORS_DTYPES, dtypeName) ? SAFETENSORS_DTYPES[dtypeName] : undefined;
  if (!dtype) throw unsupportedDType(path, name, dtypeName);
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isCount)) {
    throw bad(`has a shape that is not a list of at most ${MAX_RANK} non-negative integers`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw bad('has data_offsets that are not two non-negative integers');
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw bad(`ends at byte ${end}, before it begins at ${begin}`);
  const bytes = checkedProduct([...(shape as number[]), DTYPE_BYTES[dtype]]);
  if (bytes === null) throw bad(`has an impossible shape [${shape.join(',')}]`);
  if (bytes !== end - begin) {
    throw bad(
      `of shape [${shape.join(',')}] and dtype ${dtypeName} needs ${bytes} bytes and has ${end - begin}`,
    );
  }
  return { name, dtype, shape: shape as number[], offset: dataStart + begin, bytes };
}

function checkLayout(file: OpenFile, entries: readonly SafetensorsEntry[], dataStart: number): void {
  const ordered = entries.toSorted((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let end = dataStart;
  for (const entry of ordered) {
    const what = `tensor "${shorten(entry.name)}"`;
    if (entry.offset < end) throw invalid(file.path, `${what} overlaps the one before it`);
    if (entry.offset > end)
      throw invalid(file.path, `there is a hole of ${entry.offset - end} bytes before ${what}`);
    end = entry.offset + entry.bytes;
  }
  if (end > file.size) throw truncated(file.path, end, file.size);
  if (end < file.size) throw invalid(file.path, `${file.size - end} bytes follow the last tensor`);
}

function checkMetadata(path: string, value: unknown): Map<string, string> {
  if (value === undefined) return new Map();
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw invalid(path, '__metadata__ is not a map from text to text');
  }
  return new Map(Object.entries(value as Record<string, string>));
}

function unsupportedDType(path: string, name: string, dtype: string): AppError {
  return new AppError(
    'dtype-unsupported',
    say`${path} has weights of the type ${shorten(dtype, 30)} (${shorten(name)}). Fettle reads ${Object.keys(SAFETENSORS_DTYPES).join(marks().comma)}.`,
    say`Get a version of the model in bfloat16, float16 or float32.`,
  );
}

function invalid(path: string, reason: string): AppError {
  return new AppError(
    'safetensors-invalid',
    say`${path} is not a valid safetensors file: ${reason}.`,
    say`Download the file again, or choose another source.`,
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
