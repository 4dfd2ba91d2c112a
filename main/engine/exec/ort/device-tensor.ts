/** Tensors that live on a device between runs. A run writes a new one beside the old, which is disposed of as soon as it is replaced. */
import * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import { allocate, type ComputeDType, type HostArray } from '../../ir/dtype.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { DeviceTensor, ExecutorOptions } from '../executor.ts';
import { OnnxModel } from '../onnx/onnx.ts';
import { deviceFailure } from './device-failure.ts';
import { sessionOptions } from './onnx-session.ts';
import { tensorOf } from './outputs.ts';

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

type Direction = 'up' | 'down';

/**
 * Copies between this process and a device: sessions with one Identity node. onnxruntime-node has no other way: reading a tensor's
 * data on the device ends the process.
 */
export class Transfer {
  readonly #options: ExecutorOptions;
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** `data` as a tensor on the device. */
  upload(about: { dtype: ComputeDType; shape: Shape }, data: HostArray): Promise<ort.Tensor> {
    return this.#run('up', about.dtype, tensorOf(about, data));
  }

  /** A copy of a tensor on the device. */
  async download(dtype: ComputeDType, tensor: ort.Tensor): Promise<HostArray> {
    return (await this.#run('down', dtype, tensor)).data as HostArray;
  }

  async #run(direction: Direction, dtype: ComputeDType, x: ort.Tensor): Promise<ort.Tensor> {
    const key = `${direction} ${dtype}`;
    const session = this.#sessions.get(key) ?? this.#open(direction, dtype);
    this.#sessions.set(key, session);
    try {
      return (await (await session).run({ x })).y!;
    } catch (error) {
      throw deviceFailure(this.#options.device, error);
    }
  }

  #open(direction: Direction, dtype: ComputeDType): Promise<ort.InferenceSession> {
    const model = new OnnxModel();
    model.input('x', dtype, null);
    model.output('y', dtype, null);
    const node = { type: 'Identity', domain: '', inputs: ['x'], outputs: ['y'], attrs: {}, name: 'copy' };
    return ort.InferenceSession.create(model.finish([node]), {
      ...sessionOptions(this.#options),
      preferredOutputLocation: direction === 'up' ? 'gpu-buffer' : 'cpu',
    });
  }
}
