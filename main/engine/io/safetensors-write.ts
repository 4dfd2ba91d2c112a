import { internal } from '../../../common/errors.ts';
import { type AtomicWriter, writeStreamAtomic } from '../../atomic.ts';
import { DTYPE_BYTES, type DType } from '../ir/dtype.ts';
import { SAFETENSORS_DTYPES } from './safetensors.ts';
import { elementCount } from './tensor-store.ts';

/**
 * Writing safetensors files: the header needs only names, dtypes and shapes, so data can stream behind it and a model of any size is
 * written with the memory of one chunk.
 */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The values, or a function that is called once, when their turn comes, and yields them piece by piece. */
  readonly data: ArrayBufferView | (() => Iterable<ArrayBufferView> | AsyncIterable<ArrayBufferView>);
}

const DTYPE_NAMES = Object.fromEntries(
  Object.entries(SAFETENSORS_DTYPES).map(([name, dtype]) => [dtype, name]),
) as Record<DType, string>;

/**
 * Writes `tensors` to `path` in one atomic step. Wider dtypes come first, else the given order holds, so that every tensor is aligned to
 * its element size (the format allows no padding between them). Who wants them as given sees to that. Returns the size of the file.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite> | AsyncIterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
  order: 'widest-first' | 'as-given' = 'widest-first',
): Promise<number> {
  const given: TensorToWrite[] = [];
  for await (const tensor of tensors) given.push(tensor);
  const isGiven = order === 'as-given';
  const ordered = isGiven ? given : given.toSorted((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  const { header, places, bytes } = layOut(ordered, metadata);
  await writeStreamAtomic(path, async (writer) => {
    await writer.write(header);
    for (const tensor of ordered) await writeData(writer, tensor, header.length, places.get(tensor.name)!);
  });
  return bytes;
}

interface Place {
  /** Behind the header. */
  readonly offset: number;
  readonly bytes: number;
}

function layOut(ordered: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>) {
  const entries: [string, unknown][] = [];
  const places = new Map<string, Place>();
  let at = 0;
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata]);
  for (const { name, dtype, shape } of ordered) {
    if (places.has(name) || name === '__metadata__')
      throw internal(`tensor name ${name} cannot be written twice`);
    if (at % DTYPE_BYTES[dtype] !== 0) throw internal(`tensor ${name} would not be aligned`);
    const bytes = elementCount(shape) * DTYPE_BYTES[dtype];
    entries.push([name, { dtype: DTYPE_NAMES[dtype], shape, data_offsets: [at, at + bytes] }]);
    places.set(name, { offset: at, bytes });
    at += bytes;
  }
  const header = encodeHeader(JSON.stringify(Object.fromEntries(entries)));
  return { header, places, bytes: header.length + at };
}

// The format asks for a multiple of 8; 64 lets vector code and memory maps start on a cache line.
function encodeHeader(json: string): Uint8Array {
  const text = Buffer.from(json, 'utf8');
  const total = Math.ceil((8 + text.length) / 64) * 64;
  const header = Buffer.alloc(total, ' ');
  header.writeBigUInt64LE(BigInt(total - 8), 0);
  text.copy(header, 8);
  return header;
}

async function writeData(
  writer: AtomicWriter,
  tensor: TensorToWrite,
  dataStart: number,
  { offset, bytes }: Place,
): Promise<void> {
  const start = dataStart + offset;
  if (writer.position !== start) throw internal(`tensor ${tensor.name} does not start where its header says`);
  const chunks = typeof tensor.data === 'function' ? tensor.data() : [tensor.data];
  const end = start + bytes;
  for await (const chunk of chunks) {
    if (writer.position + chunk.byteLength > end) throw internal(`too much data for tensor ${tensor.name}`);
    await writer.write(chunk);
  }
  if (writer.position !== end) {
    throw internal(`tensor ${tensor.name} needs ${bytes} bytes and got ${writer.position - start}`);
  }
}
