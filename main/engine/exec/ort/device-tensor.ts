/** Tensors that live on a device between runs. A run writes a new one beside the old, which is disposed of as soon as it is replaced. */
import type * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import { allocate, type ComputeDType, type HostArray } from '../../ir/dtype.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { DeviceTensor } from '../executor.ts';
import type { Transfer } from './transfer.ts';

export class OrtDeviceTensor implements DeviceTensor {
  readonly dtype: ComputeDType;
  readonly shape: Shape;
  readonly #transfer: Transfer;
  /** What it holds while it is not on the device yet; null: zeros. */
  #waiting: HostArray | null;
  #tensor: ort.Tensor | null = null;

  constructor(transfer: Transfer, dtype: ComputeDType, shape: Shape, data: HostArray | null = null) {
    if (data && data.length !== sizeOf(shape))
      throw internal(`${data.length} elements for a tensor of shape [${shape}]`);
    this.dtype = dtype;
    this.shape = shape;
    this.#transfer = transfer;
    this.#waiting = data;
  }

  /** The tensor on the device; it is brought there at its first use. */
  async onDevice(): Promise<ort.Tensor> {
    if (!this.#tensor) {
      const data = this.#waiting ?? allocate(this.dtype, sizeOf(this.shape));
      this.#tensor = await this.#transfer.upload(this, data);
      this.#waiting = null;
    }
    return this.#tensor;
  }

  /** Takes over what a run has written; the old contents are given back. */
  replace(tensor: ort.Tensor): void {
    this.release();
    this.#tensor = tensor;
  }

  async read(): Promise<HostArray> {
    if (this.#tensor) return this.#transfer.download(this.dtype, this.#tensor);
    return this.#waiting?.slice() ?? allocate(this.dtype, sizeOf(this.shape));
  }

  async write(data: HostArray): Promise<void> {
    if (data.length !== sizeOf(this.shape))
      throw internal(`${data.length} elements written to a tensor of shape [${this.shape}]`);
    this.replace(await this.#transfer.upload(this, data));
  }

  view(): DeviceTensor {
    throw internal('a tensor on a device has no views');
  }

  clear(): void {
    this.release();
  }

  release(): void {
    this.#tensor?.dispose();
    this.#tensor = null;
    this.#waiting = null;
  }
}
