/**
 * Writing GGUF files of version 3: the head needs only metadata, names, formats and shapes, so tensors stream behind it and a model of any
 * size is written with the memory of one piece.
 */
import { internal } from '../../../common/errors.ts';
import { type AtomicWriter, writeStreamAtomic } from '../../atomic.ts';
import { toBrains, toHalf, toHalves } from './convert.ts';
import { GGUF_LAYOUTS, type GgufEntry, LAYOUT_OF } from './gguf-types.ts';
import { elementCount } from './tensor-store.ts';

/**
 * Float32 values as the bytes of a GGUF tensor. The block formats are those of ggml's reference quantisers, to the bit:
 * 32 values share a scale d (and a minimum m in the `_1` formats), stored as float16; the quotients are computed with
 * the unrounded d in float32. With q the stored integer and halves of a block side by side in the nibbles:
 *
 *   Q8_0  d = max|x| / 127,            q = round(x / d),                  x' = d q
 *   Q4_0  d = x_max / -8,              q = min(15, trunc(x / d + 8.5)),   x' = d (q - 8)
 *   Q5_0  d = x_max / -16,             q = min(31, trunc(x / d + 16.5)),  x' = d (q - 16)
 *   Q4_1  m = min x, d = (max x - m) / 15,  q = min(15, trunc((x - m) / d + 0.5)),  x' = d q + m
 *   Q5_1  m = min x, d = (max x - m) / 31,  q = trunc((x - m) / d + 0.5),           x' = d q + m
 *
 * where x_max is the value of largest magnitude with its sign. The fifth bits of Q5 lie in a word of 32 bits.
 */

/** The formats that Fettle writes. */
export const GGUF_WRITE_TYPES = ['f32', 'f16', 'bf16', 'Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0'] as const;
export type GgufWriteType = (typeof GGUF_WRITE_TYPES)[number];

const BLOCK = 32;
const HALF = BLOCK / 2;
const f = Math.fround;

/** The bytes of `values` in `type`; the length must be a multiple of the type's block size. */
export function encodeGguf(type: GgufWriteType, values: Float32Array): Uint8Array {
  switch (type) {
    case 'f32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'f16':
      return new Uint8Array(toHalves(values).buffer);
    case 'bf16':
      return new Uint8Array(toBrains(values).buffer);
    default:
      return quantise(type, values);
  }
}

type BlockType = Exclude<GgufWriteType, 'f32' | 'f16' | 'bf16'>;
/** Writes the block of 32 values at x[from] to out[at]. */
type Quantiser = (x: Float32Array, from: number, out: DataView, at: number) => void;

const QUANTISERS: Readonly<Record<BlockType, Quantiser>> = {
  Q8_0: (x, from, out, at) => {
    const d = f(Math.abs(extreme(x, from)) / 127);
    const inverse = d === 0 ? 0 : f(1 / d);
    out.setUint16(at, toHalf(d), true);
    for (let i = 0; i < BLOCK; i++) out.setInt8(at + 2 + i, roundAway(f(x[from + i]! * inverse)));
  },
  Q4_0: (x, from, out, at) => signed(x, from, out, at, 4),
  Q5_0: (x, from, out, at) => signed(x, from, out, at, 5),
  Q4_1: (x, from, out, at) => shifted(x, from, out, at, 4),
  Q5_1: (x, from, out, at) => shifted(x, from, out, at, 5),
};

function quantise(type: BlockType, values: Float32Array): Uint8Array {
  const { blockBytes } = LAYOUT_OF.get(type)!;
  const bytes = new Uint8Array((values.length / BLOCK) * blockBytes);
  const view = new DataView(bytes.buffer);
  const write = QUANTISERS[type];
  for (let block = 0; block * BLOCK < values.length; block++) {
    write(values, block * BLOCK, view, block * blockBytes);
  }
  return bytes;
}

const codes = new Uint8Array(BLOCK);

function signed(x: Float32Array, from: number, out: DataView, at: number, bits: 4 | 5): void {
  const middle = 1 << (bits - 1);
  const d = f(extreme(x, from) / -middle);
  const inverse = d === 0 ? 0 : f(1 / d);
  for (let i = 0; i < BLOCK; i++) {
    const code = Math.trunc(f(f(x[from + i]! * inverse) + middle + 0.5));
    codes[i] = Math.min(2 * middle - 1, code);
  }
  out.setUint16(at, toHalf(d), true);
  pack(out, at + 2, bits);
}

function shifted(x: Float32Array, from: number, out: DataView, at: number, bits: 4 | 5): void {
  const most = (1 << bits) - 1;
  let [low, high] = [x[from]!, x[from]!];
  for (let i = 1; i < BLOCK; i++) {
    low = Math.min(low, x[from + i]!);
    high = Math.max(high, x[from + i]!);
  }
  const d = f(f(high - low) / most);
  const inverse = d === 0 ? 0 : f(1 / d);
  for (let i = 0; i < BLOCK; i++) {
    codes[i] = Math.min(most, Math.trunc(f(f(f(x[from + i]! - low) * inverse) + 0.5)));
  }
  out.setUint16(at, toHalf(d), true);
  out.setUint16(at + 2, toHalf(low), true);
  pack(out, at + 4, bits);
}

/** The low four bits of value i and of value i + 16 share a byte; fifth bits come before them. */
function pack(out: DataView, at: number, bits: 4 | 5): void {
  let start = at;
  if (bits === 5) {
    let fifth = 0;
    for (let i = 0; i < BLOCK; i++) fifth |= (codes[i]! >> 4) << i;
    out.setUint32(at, fifth >>> 0, true);
    start += 4;
  }
  for (let i = 0; i < HALF; i++) out.setUint8(start + i, (codes[i]! & 15) | ((codes[i + HALF]! & 15) << 4));
}

/** The value of the largest magnitude in a block, with its sign; the first of equal ones. */
function extreme(x: Float32Array, from: number): number {
  let found = 0;
  for (let i = 0; i < BLOCK; i++) if (Math.abs(x[from + i]!) > Math.abs(found)) found = x[from + i]!;
  return found;
}

/** C's roundf: halves go away from zero, where Math.round goes up. */
function roundAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

export type GgufMetadata = ReadonlyMap<string, GgufEntry>;

export interface GgufTensorToWrite {
  readonly name: string;
  readonly type: GgufWriteType;
  /** Row-major, as PyTorch writes it. Rows of a block format hold a multiple of 32 elements. */
  readonly shape: readonly number[];
  /** The values in pieces of a multiple of 32 elements (the last piece excepted); called once, when their turn comes. */
  pieces(): AsyncIterable<Float32Array> | Iterable<Float32Array>;
}

/** Bytes between whose multiples tensors begin: the format's default. */
const ALIGNMENT = 32;
/** Elements encoded at a time. */
const STRIDE = 2 ** 20;
const VERSION = 3;

/** Bytes that `shape` takes in `type`. */
export function ggufTensorBytes(type: GgufWriteType, shape: readonly number[]): number {
  const { blockSize, blockBytes } = LAYOUT_OF.get(type)!;
  return (elementCount(shape) / blockSize) * blockBytes;
}

/** Writes a file in one atomic step; gives its size in bytes. */
export async function writeGguf(
  path: string,
  metadata: GgufMetadata,
  tensors: readonly GgufTensorToWrite[],
): Promise<number> {
  const head = encodeHead(metadata, tensors);
  return await writeStreamAtomic(path, async (writer) => {
    await writer.write(head);
    for (const tensor of tensors) {
      await pad(writer);
      await writeTensor(writer, tensor);
    }
    await pad(writer);
    return writer.position;
  });
}

async function pad(writer: AtomicWriter): Promise<void> {
  await writer.write(new Uint8Array(aligned(writer.position) - writer.position));
}

async function writeTensor(
  writer: AtomicWriter,
  { name, type, shape, pieces }: GgufTensorToWrite,
): Promise<void> {
  const end = writer.position + ggufTensorBytes(type, shape);
  for await (const piece of pieces()) {
    for (let start = 0; start < piece.length; start += STRIDE)
      await writer.write(encodeGguf(type, piece.subarray(start, start + STRIDE)));
  }
  if (writer.position !== end)
    throw internal(`tensor ${name} came out ${writer.position - end} bytes longer than its shape says`);
}

function encodeHead(metadata: GgufMetadata, tensors: readonly GgufTensorToWrite[]): Buffer {
  const out = new Pieces();
  out.raw(Buffer.from('GGUF'));
  out.number('u32', VERSION);
  out.number('u64', tensors.length);
  out.number('u64', metadata.size);
  for (const [key, entry] of metadata) {
    out.text(key);
    writeEntry(out, entry);
  }
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    out.text(name);
    out.number('u32', shape.length);
    // dimensions run from the fastest to the slowest
    for (const dim of shape.toReversed()) out.number('u64', dim);
    out.number('u32', CODES.get(type)!);
    out.number('u64', offset);
    offset = aligned(offset + ggufTensorBytes(type, shape));
  }
  return out.join();
}

const CODES = new Map([...GGUF_LAYOUTS].map(([code, { type }]) => [type, code]));

/** Numbers of the format for types of values. */
const TYPE = { u8: 0, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10 } as const;

const NUMBERS = {
  u32: (value: number, out: Buffer) => out.writeUInt32LE(value),
  i32: (value: number, out: Buffer) => out.writeInt32LE(value),
  f32: (value: number, out: Buffer) => out.writeFloatLE(value),
  u64: (value: number, out: Buffer) => out.writeBigUInt64LE(BigInt(value)),
} as const;

function writeEntry(out: Pieces, entry: GgufEntry): void {
  switch (entry.type) {
    case 'u32':
    case 'i32':
    case 'f32':
    case 'u64':
      out.number('u32', TYPE[entry.type]);
      out.number(entry.type, entry.value);
      break;
    case 'bool':
      out.number('u32', TYPE.bool);
      out.raw(Buffer.from([entry.value ? 1 : 0]));
      break;
    case 'string':
      out.number('u32', TYPE.string);
      out.text(entry.value);
      break;
    case 'strings':
      out.array(TYPE.string, entry.value.length);
      for (const text of entry.value) out.text(text);
      break;
    case 'i32s':
      out.array(TYPE.i32, entry.value.length);
      out.raw(Buffer.from(Int32Array.from(entry.value).buffer));
      break;
    case 'f32s':
      out.array(TYPE.f32, entry.value.length);
      out.raw(Buffer.from(Float32Array.from(entry.value).buffer));
      break;
    case 'bytes':
      out.array(TYPE.u8, entry.value.length);
      out.raw(Buffer.from(entry.value));
      break;
  }
}

/** The head as it grows; vocabularies are hundreds of thousands of short texts. */
class Pieces {
  readonly #pieces: Buffer[] = [];

  raw(bytes: Buffer): void {
    this.#pieces.push(bytes);
  }

  number(type: keyof typeof NUMBERS, value: number): void {
    const bytes = Buffer.alloc(type === 'u64' ? 8 : 4);
    NUMBERS[type](value, bytes);
    this.raw(bytes);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.number('u64', bytes.length);
    this.raw(bytes);
  }

  array(type: number, count: number): void {
    this.number('u32', TYPE.array);
    this.number('u32', type);
    this.number('u64', count);
  }

  join(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

function aligned(position: number): number {
  return Math.ceil(position / ALIGNMENT) * ALIGNMENT;
}
