/** Tensors that stay on a device of ggml between runs: parameters, gradients and moments. Programs read and write them where they lie. */
import { internal } from '../../../../common/errors.ts';
import { allocate, type ComputeDType, type HostArray } from '../../ir/dtype.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { DeviceTensor } from '../executor.ts';
import { type Tensor, tensorBytes } from './builder.ts';
import type { OpenDevice, Piece } from './device.ts';
import type { GgmlType, Handle } from './library.ts';

/** Memory that is asked for at once: drivers allow some thousand pieces, and a model has as many trained tensors. */
export const CHUNK_BYTES = 16 * 2 ** 20;

interface Chunk {
  readonly memory: Piece;
  /** How much of it is given away, and how many tensors lie in it. */
  used: number;
  tensors: number;
}

/** Memory for small tensors out of larger pieces, each given back with the last tensor in it. */
export class TensorPool {
  readonly #device: OpenDevice;
  #chunk: Chunk | null = null;
  /** What it holds of the device's memory. */
  heldBytes = 0;

  constructor(device: OpenDevice) {
    this.#device = device;
  }

  /** A tensor with contents that nobody has set. */
  take(type: GgmlType, elements: number): { readonly tensor: Tensor; release(): void } {
    const device = this.#device;
    const context = device.context(1);
    try {
      const tensor = device.newTensor(context, type, [elements, 1, 1, 1]);
      const chunk = this.#place(tensorBytes(tensor), tensor.handle);
      return {
        tensor,
        release: () => {
          device.ggml.freeContext(context);
          if (--chunk.tensors > 0) return;
          if (this.#chunk === chunk) this.#chunk = null;
          this.heldBytes -= chunk.memory.bytes;
          chunk.memory.release();
        },
      };
    } catch (error) {
      device.ggml.freeContext(context);
      throw error;
    }
  }

  #place(wanted: number, tensor: Handle): Chunk {
    const { alignment } = this.#device;
    const bytes = Math.max(alignment, Math.ceil(wanted / alignment) * alignment);
    let chunk = this.#chunk;
    if (!chunk || chunk.used + bytes > chunk.memory.bytes) {
      chunk = { memory: this.#device.piece(Math.max(CHUNK_BYTES, bytes)), used: 0, tensors: 0 };
      this.heldBytes += chunk.memory.bytes;
      // what is larger than others has memory of its own, and the rest of the one before is still used
      if (bytes < CHUNK_BYTES) this.#chunk = chunk;
    }
    chunk.memory.put(tensor, chunk.used);
    chunk.used += bytes;
    chunk.tensors++;
    return chunk;
  }
}

export class GgmlTensor implements DeviceTensor {
  readonly dtype: ComputeDType;
  readonly shape: Shape;
  readonly #device: OpenDevice;
  readonly #pool: TensorPool;
  /** What it holds until it is on the device; null: zeros. */
  #waiting: HostArray | null;
  #placed: ReturnType<TensorPool['take']> | null = null;

  constructor(device: OpenDevice, pool: TensorPool, dtype: ComputeDType, shape: Shape, data?: HostArray) {
    if (dtype !== 'f32') throw internal(`ggml keeps no ${dtype} on a device`);
    if (data && data.length !== sizeOf(shape))
      throw internal(`${data.length} elements for a tensor of shape [${shape}]`);
    [this.dtype, this.shape, this.#device, this.#pool] = [dtype, shape, device, pool];
    this.#waiting = data ?? null;
  }

  /** The tensor on the device; it is brought there at its first use. */
  get tensor(): Tensor {
    if (!this.#placed) {
      this.#placed = this.#pool.take('f32', sizeOf(this.shape));
      this.#device.ggml.set(
        this.#placed.tensor.handle,
        this.#waiting ?? allocate(this.dtype, sizeOf(this.shape)),
      );
      this.#waiting = null;
    }
    return this.#placed.tensor;
  }

  async read(): Promise<HostArray> {
    const data = allocate(this.dtype, sizeOf(this.shape));
    const placed = this.#placed;
    if (!placed) return this.#waiting?.slice() ?? data;
    return await this.#device.alone(() => {
      this.#device.ggml.get(placed.tensor.handle, data);
      return data;
    });
  }

  async write(data: HostArray): Promise<void> {
    if (data.length !== sizeOf(this.shape))
      throw internal(`${data.length} elements written to a tensor of shape [${this.shape}]`);
    await this.#device.alone(() => this.#device.ggml.set(this.tensor.handle, data));
  }

  view(): DeviceTensor {
    throw internal('a tensor on a device has no views');
  }

  clear(): void {
    this.#waiting = null;
    if (this.#placed) this.#device.ggml.fill(this.#placed.tensor.handle, 0, tensorBytes(this.#placed.tensor));
  }

  release(): void {
    this.#placed?.release();
    [this.#placed, this.#waiting] = [null, null];
  }
}
