/**
 * Writing GGUF files of version 3: the head needs only metadata, names, formats and shapes, so tensors stream behind it
 * and a model of any size is written with the memory of one piece.
 */
import { internal } from '../../../common/errors.ts';
import { type AtomicWriter, writeStreamAtomic } from './atomic.ts';
import { encodeGguf, type GgufWriteType } from './gguf-quantise.ts';
import { GGUF_LAYOUTS, type GgufEntry, LAYOUT_OF } from './gguf-types.ts';
import { elementCount } from './tensor-store.ts';

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
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10 } as const;

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
