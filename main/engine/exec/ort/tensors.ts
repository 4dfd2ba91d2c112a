/**
 * Tensors of onnxruntime: over arrays of this process, with runs that write into them without a copy, and on a device between runs.
 */
import * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import { allocate, type ComputeDType, type HostArray } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { DeviceTensor, ExecutorOptions } from '../executor.ts';
import { OnnxModel } from '../onnx/onnx.ts';
import { sessionOptions } from './onnx-session.ts';
import { deviceFailure } from './providers.ts';

const TENSOR_TYPES = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
  u8: 'uint8',
  i8: 'int8',
  u16: 'uint16',
  f16: 'float16',
} as const satisfies Readonly<Record<Exclude<ComputeDType, 'bf16'>, ort.Tensor.Type>>;

/** A tensor that shares the memory of `data`. */
export function tensorOf(
  { dtype, shape }: { dtype: ComputeDType; shape: Shape },
  data: HostArray,
): ort.Tensor {
  if (dtype === 'bf16') throw internal('onnxruntime-node takes no bfloat16');
  // a Tensor would make it a Float16Array, which the binding takes for an array of no length; it reads just these fields
  if (dtype === 'f16')
    return { type: 'float16', dims: shape, location: 'cpu', data } as unknown as ort.Tensor;
  // its constructor has a declaration for each type, none for one that is known only when it runs
  return new ort.Tensor(TENSOR_TYPES[dtype], data as never, shape);
}

// onnxruntime writes an output into the tensor that it was given, but onnxruntime-node then copies each once more, in their order, and ends
// with an error at one that is no tensor. So a model's first output is an empty list: all is written, and nothing is copied.

/** The name of the output that cannot be read; those of a graph begin with `out:`. */
export const UNREADABLE = 'unreadable';

/** What onnxruntime-node says to an output that is no tensor. */
const REFUSED = /non tensor type/i;

/** Runs `session` with a tensor for every output, `fetches`; they hold the results afterwards. */
export async function runUnread(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor>>,
): Promise<void> {
  try {
    await session.run(feeds, { ...fetches, [UNREADABLE]: null });
  } catch (error) {
    if (!(error instanceof Error && REFUSED.test(error.message))) throw error;
  }
}

/** A tensor of new memory for an output that nobody gave one for. */
export function newTarget(value: Value): ort.Tensor {
  return tensorOf(value, allocate(value.dtype, sizeOf(value.shape)));
}

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
