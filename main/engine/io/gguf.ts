import type { DType } from '../ir/dtype.ts';
import { convertToF32 } from './convert.ts';
import { dequantizerOf } from './gguf-blocks.ts';
import { readGgufHeader } from './gguf-header.ts';
import type { GgufValue } from './gguf-metadata.ts';
import { type BlockLayout, LAYOUT_OF } from './gguf-types.ts';
import { type OpenFile, openFile } from './open-file.ts';
import { checkRange, type ElementRange, tensorOf } from './safetensors-file.ts';
import type { GgufBlockType, StoredTensor, TensorStore } from './tensor-store.ts';

/**
 * GGUF files as a tensor store: one file holds configuration, vocabulary and (mostly quantised) weights. Tensors are
 * dequantised in pieces of a megabyte, so reading one costs its float32 result and little else.
 */
const PIECE_BYTES = 2 ** 20;

/** One open GGUF file. */
export class GgufFile implements TensorStore {
  readonly kind = 'gguf';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Numbers, strings, booleans, (nested) arrays, and bigints for integers beyond 2^53. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** Version of the format, 2 or 3. */
  readonly version: number;
  #file: OpenFile;

  constructor(
    file: OpenFile,
    version: number,
    metadata: ReadonlyMap<string, GgufValue>,
    tensors: ReadonlyMap<string, StoredTensor>,
  ) {
    this.#file = file;
    this.version = version;
    this.metadata = metadata;
    this.tensors = tensors;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Reads and dequantises a tensor, or its elements [start, end); ranges need not respect blocks. */
  async readF32(name: string, range?: ElementRange): Promise<Float32Array> {
    const { start, count } = this.#locate(name, range);
    const out = new Float32Array(count);
    await this.readF32Into(name, start, out);
    return out;
  }

  /** Fills `out` with the elements from index `first` on; fastest where both ends lie between blocks. */
  async readF32Into(name: string, first: number, out: Float32Array): Promise<void> {
    const end = first + out.length;
    const { tensor, layout } = this.#locate(name, { start: first, end });
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
    return await this.#file.read(tensor.offset + first * blockBytes, blocks * blockBytes);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #locate(name: string, range: ElementRange | undefined) {
    const tensor = tensorOf(this, this.path, name);
    const layout = LAYOUT_OF.get(tensor.dtype)!;
    const size = (tensor.bytes / layout.blockBytes) * layout.blockSize;
    return { tensor, layout, ...checkRange(name, size, range) };
  }

  async #readBlocks(layout: BlockLayout, offset: number, blocks: number, out: Float32Array): Promise<void> {
    const { type, blockSize, blockBytes } = layout;
    if (type === 'f32') {
      return await this.#file.readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), offset);
    }
    const decode = decoderOf(layout);
    const pieceBytes = Math.floor(PIECE_BYTES / blockBytes) * blockBytes;
    await this.#file.readPieces(offset, blocks * blockBytes, pieceBytes, (piece, at) =>
      decode(piece, out, (at / blockBytes) * blockSize),
    );
  }
}

/** Opens a GGUF file and checks its head; see `readGgufHeader` for what is refused. */
export async function openGguf(path: string): Promise<GgufFile> {
  const file = await openFile(path);
  try {
    const { version, metadata, tensors } = await readGgufHeader(file);
    return new GgufFile(file, version, metadata, tensors);
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
