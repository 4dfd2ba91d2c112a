/**
 * Copies between this process and a device: sessions with one Identity node, whose result stays on the device or comes back.
 * onnxruntime-node has no other way: reading a tensor's data on the device ends the process.
 */
import * as ort from 'onnxruntime-node';
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';
import type { ExecutorOptions } from '../executor.ts';
import { deviceFailure } from './failure.ts';
import { OnnxModel } from './onnx.ts';
import { sessionOptions } from './session.ts';
import { tensorOf } from './tensor-types.ts';

type Direction = 'up' | 'down';

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
