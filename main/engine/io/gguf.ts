import { say } from '../../../common/words/language.ts';
import type { DType } from '../ir/dtype.ts';
import { convertToF32 } from './convert.ts';
import { dequantizerOf } from './gguf-blocks.ts';
import {
  GgufCursor,
  type GgufValue,
  ggufInvalid,
  ggufUnsupported,
  readGgufMetadata,
  readText,
} from './gguf-metadata.ts';
import { type BlockLayout, GGUF_LAYOUTS, LAYOUT_OF, unreadFormatName } from './gguf-types.ts';
import { shorten } from './json-scan.ts';
import { type OpenFile, openFile, truncated } from './open-file.ts';
import { TensorFile } from './tensor-file.ts';
import {
  checkedProduct,
  checkRange,
  type ElementRange,
  type GgufBlockType,
  type StoredTensor,
  type TensorStore,
  tensorOf,
} from './tensor-store.ts';

/**
 * GGUF files as a tensor store: one file holds configuration, vocabulary and (mostly quantised) weights. Tensors are dequantised in pieces
 * of a megabyte, so reading one costs its float32 result and little else.
 */
const PIECE_BYTES = 2 ** 20;

/** One open GGUF file; its metadata has numbers, strings, booleans, (nested) arrays, and bigints for integers beyond 2^53. */
export class GgufFile extends TensorFile<GgufValue> implements TensorStore {
  readonly kind = 'gguf';

  /** Ranges need not respect blocks, and are fastest where both ends lie between two. */
  async readF32Into(name: string, first: number, out: Float32Array): Promise<void> {
    const end = first + out.length;
    const { tensor, layout } = this.locate(name, { start: first, end });
    const firstBlock = Math.floor(first / layout.blockSize);
    const blocks = Math.ceil(end / layout.blockSize) - firstBlock;
    const offset = tensor.offset + firstBlock * layout.blockBytes;
    if (blocks * layout.blockSize === out.length) return await this.#readBlocks(layout, offset, blocks, out);
    const whole = new Float32Array(blocks * layout.blockSize);
    await this.#readBlocks(layout, offset, blocks, whole);
    const skip = first - firstBlock * layout.blockSize;
    out.set(whole.subarray(skip, skip + out.length));
  }

  /** The bytes of `blocks` blocks of a tensor from block `first` on, as they lie in the file. */
  async readBlocks(name: string, first: number, blocks: number): Promise<Uint8Array> {
    const tensor = tensorOf(this, this.path, name);
    const { blockBytes } = LAYOUT_OF.get(tensor.dtype)!;
    checkRange(name, tensor.bytes / blockBytes, { start: first, end: first + blocks });
    return await this.file.read(tensor.offset + first * blockBytes, blocks * blockBytes);
  }

  protected locate(name: string, range: ElementRange | undefined) {
    const tensor = tensorOf(this, this.path, name);
    const layout = LAYOUT_OF.get(tensor.dtype)!;
    const size = (tensor.bytes / layout.blockBytes) * layout.blockSize;
    return { tensor, layout, ...checkRange(name, size, range) };
  }

  async #readBlocks(layout: BlockLayout, offset: number, blocks: number, out: Float32Array): Promise<void> {
    const { type, blockSize, blockBytes } = layout;
    if (type === 'f32') {
      return await this.file.readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), offset);
    }
    const decode = decoderOf(layout);
    const pieceBytes = Math.floor(PIECE_BYTES / blockBytes) * blockBytes;
    await this.file.readPieces(offset, blocks * blockBytes, pieceBytes, (piece, at) =>
      decode(piece, out, (at / blockBytes) * blockSize),
    );
  }
}

/** Opens a GGUF file and checks its head; see `readGgufHeader` for what is refused. */
export async function openGguf(path: string): Promise<GgufFile> {
  const file = await openFile(path);
  try {
    const { metadata, tensors } = await readGgufHeader(file);
    return new GgufFile(file, tensors, metadata);
  } catch (error) {
    await file.close();
    throw error;
  }
}

type Decoder = (piece: Uint8Array<ArrayBuffer>, out: Float32Array, at: number) => void;

function decoderOf({ type, blockSize, blockBytes }: BlockLayout): Decoder {
  if (blockSize === 1) return (piece, out, at) => convertToF32(type as DType, piece, out, at);
  const dequantize = dequantizerOf(type as GgufBlockType);
  return (piece, out, at) => dequantize(piece, piece.length / blockBytes, out, at);
}

// The head of a GGUF file (versions 2 and 3, little-endian): magic, counts, key-values, and where each tensor lies. Files come from the
// internet: every number is checked against the file before it is used.

const MAGIC = 0x46554747; // "GGUF"
const OLD_MAGICS: ReadonlySet<number> = new Set([0x67676d6c, 0x67676d66, 0x67676a74, 0x67676c61]);
const MAX_TENSORS = 100_000;
const MAX_NAME_BYTES = 1024;
const MAX_RANK = 4;
const MAX_ALIGNMENT = 2 ** 20;

interface TensorInfo {
  readonly name: string;
  readonly shape: number[];
  readonly layout: BlockLayout;
  readonly start: number;
  readonly bytes: number;
}

/** Reads and checks the head; every defect is an AppError that names the file and what is wrong. */
async function readGgufHeader(file: OpenFile) {
  const cursor = new GgufCursor(file);
  await cursor.fill(4);
  checkMagic(file.path, cursor.u32());
  if (cursor.lacks(20)) await cursor.fill(20);
  checkVersion(file.path, cursor.u32());
  const tensorCount = cursor.count(MAX_TENSORS, 'the number of tensors');
  const keyCount = cursor.count(Number.MAX_SAFE_INTEGER, 'the number of metadata keys');
  const metadata = await readGgufMetadata(cursor, keyCount);
  refuseParts(file.path, metadata);
  const alignment = alignmentOf(file.path, metadata);
  const infos: TensorInfo[] = [];
  for (let i = 0; i < tensorCount; i++) infos.push(await readTensorInfo(cursor, i, alignment));
  // A file without tensors (a vocabulary) may end before the padding.
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { metadata, tensors: placeTensors(file, infos, dataStart) };
}

function checkMagic(path: string, magic: number): void {
  if (magic === MAGIC) return;
  if (OLD_MAGICS.has(magic)) {
    const hint = say`Get the model as GGUF.`;
    throw ggufUnsupported(path, say`is a GGML file from before 2023, a format that GGUF replaced`, hint);
  }
  throw ggufInvalid(path, 'it does not begin with the letters GGUF');
}

function checkVersion(path: string, version: number): void {
  if (version === 2 || version === 3) return;
  const hint = say`Get a little-endian GGUF file of version 2 or 3.`;
  // Read in the wrong byte order, a small number has its digits in the high bytes.
  if ((version & 0xffff) === 0 && version !== 0)
    throw ggufUnsupported(path, say`is a big-endian GGUF file`, hint);
  throw ggufUnsupported(path, say`is GGUF version ${version}, and Fettle reads versions 2 and 3`, hint);
}

function refuseParts(path: string, metadata: ReadonlyMap<string, GgufValue>): void {
  const parts = metadata.get('split.count');
  if (typeof parts !== 'number' || parts <= 1) return;
  const hint = say`Get the model as one file.`;
  throw ggufUnsupported(path, say`is one of ${parts} parts of a split model`, hint);
}

function alignmentOf(path: string, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? 32;
  const valid = typeof alignment === 'number' && Number.isInteger(Math.log2(alignment)) && alignment >= 1;
  if (valid && alignment <= MAX_ALIGNMENT) return alignment;
  throw ggufInvalid(
    path,
    `general.alignment is ${String(alignment)}, expected a power of two up to ${MAX_ALIGNMENT}`,
  );
}

async function readTensorInfo(cursor: GgufCursor, index: number, alignment: number): Promise<TensorInfo> {
  const path = cursor.file.path;
  const name = await readText(cursor, MAX_NAME_BYTES, `the name of tensor ${index}`);
  const bad = (reason: string) => ggufInvalid(path, `tensor "${shorten(name)}" ${reason}`);
  if (cursor.lacks(4)) await cursor.fill(4);
  const rank = cursor.u32();
  if (rank > MAX_RANK) throw bad(`has ${rank} dimensions, and at most ${MAX_RANK} are allowed`);
  if (cursor.lacks(rank * 8 + 12)) await cursor.fill(rank * 8 + 12);
  const dims: number[] = [];
  for (let d = 0; d < rank; d++) dims.push(cursor.count(Number.MAX_SAFE_INTEGER, 'a dimension'));
  const code = cursor.u32();
  const start = cursor.count(Number.MAX_SAFE_INTEGER, `the offset of tensor "${shorten(name)}"`);
  const layout = GGUF_LAYOUTS.get(code);
  if (!layout) throw unsupportedFormat(path, name, code);
  if ((dims[0] ?? 1) % layout.blockSize !== 0) {
    throw bad(
      `has rows of ${dims[0] ?? 1} elements, not a multiple of the ${layout.blockSize} of a ${layout.type} block`,
    );
  }
  const elements = checkedProduct(dims);
  const bytes = elements === null ? null : checkedProduct([elements / layout.blockSize, layout.blockBytes]);
  if (bytes === null) throw bad(`has an impossible shape [${dims.join(',')}]`);
  if (start % alignment !== 0) throw bad(`begins at ${start}, not at a multiple of ${alignment}`);
  return { name, shape: dims.reverse(), layout, start, bytes };
}

function placeTensors(
  file: OpenFile,
  infos: readonly TensorInfo[],
  dataStart: number,
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  const ordered = infos.toSorted((a, b) => a.start - b.start || a.bytes - b.bytes);
  let end = 0;
  for (const { name, start, bytes } of ordered) {
    if (start < end) throw ggufInvalid(file.path, `tensor "${shorten(name)}" overlaps the one before it`);
    end = start + bytes;
  }
  if (end > 0 && dataStart + end > file.size) throw truncated(file.path, dataStart + end, file.size);
  for (const { name, shape, layout, start, bytes } of infos) {
    if (tensors.has(name)) throw ggufInvalid(file.path, `the tensor "${shorten(name)}" appears twice`);
    const dtype: DType | GgufBlockType = layout.type;
    tensors.set(name, { name, dtype, shape, file: file.path, offset: dataStart + start, bytes });
  }
  return tensors;
}

function unsupportedFormat(path: string, name: string, code: number) {
  const known = [...GGUF_LAYOUTS.values()].map((layout) => layout.type.toUpperCase()).join(', ');
  return ggufUnsupported(
    path,
    `stores the tensor "${shorten(name)}" as ${unreadFormatName(code)}; Fettle reads ${known}`,
    say`Get the model in one of these formats.`,
  );
}
