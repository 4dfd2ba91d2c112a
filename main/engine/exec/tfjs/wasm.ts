/**
 * TensorFlow.js on WebAssembly: it needs nothing but its package, runs everywhere and on one core. Its own product of matrices is
 * quick only for one pair that is not transposed, and wrong for batches that broadcast; so each pair of a batch is computed as one
 * such pair, in place, and transposed operands are laid out anew first.
 */
import { createRequire } from 'node:module';
import { internal } from '../../../../common/errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Node, Value } from '../../ir/graph.ts';
import { broadcastShapes, type Shape, sizeOf } from '../../ir/shape.ts';
import type { HostTensor } from '../../ops/define.ts';
import { dequantiseOp } from '../../ops/primitives/dequantise.ts';
import { broadcastOffsets } from '../../ops/strided.ts';
import type { WeightLocation } from '../executor.ts';
import {
  type Backend,
  type Codes,
  type DequantiseAttrs,
  type Held,
  isCodes,
  type ProductAttrs,
  type RoundedParts,
  type Tensor,
} from './backend.ts';
import { scratchBytes } from './scratch.ts';
import { loadNumbers, TYPES, uploadTensor } from './tensors.ts';
import { WasmModule } from './wasm-module.ts';

type Typed = Pick<Value, 'dtype' | 'shape'>;

class HostCodes implements Codes {
  readonly kind = 'codes';
  readonly data: HostArray;

  constructor(data: HostArray) {
    this.data = data;
  }

  dispose(): void {}
}

function hostData(codes: Codes): HostArray {
  if (!(codes instanceof HostCodes)) throw internal('codes of another backend');
  return codes.data;
}

/** Loads the backend; it has the process for itself from then on. */
export async function openWasm(): Promise<Backend> {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core') as Backend['tf'];
  require('@tensorflow/tfjs-backend-wasm');
  tf.env().set('PROD', true);
  if (!(await tf.setBackend('wasm'))) throw internal('the wasm backend of TensorFlow.js did not start');
  return new WasmBackend(tf);
}

class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly device = 'cpu';
  readonly tf: Backend['tf'];
  readonly description: string;
  readonly #wasm: WasmModule;

  constructor(tf: Backend['tf']) {
    this.tf = tf;
    this.#wasm = new WasmModule(tf.backend());
    this.description = `CPU, 1 thread (TensorFlow.js ${tf.version_core}, WebAssembly)`;
  }

  select(): void {
    if (this.tf.getBackend() !== this.name) void this.tf.setBackend(this.name);
  }

  upload(data: HostArray, value: Typed): Held {
    return TYPES[value.dtype] ? uploadTensor(this.tf, data, value) : new HostCodes(data.slice());
  }

  download(tensor: Tensor, target: HostArray): void {
    target.set(this.#wasm.contents(tensor) as never);
  }

  async loadWeight(location: WeightLocation, value: Typed): Promise<Held> {
    const data = await loadNumbers(location, value.dtype);
    if (!TYPES[value.dtype]) return new HostCodes(data);
    this.select();
    return uploadTensor(this.tf, data, value);
  }

  matmul(a: Tensor, b: Tensor, { transA, transB, alpha }: ProductAttrs): Tensor {
    const batchA = a.shape.slice(0, -2);
    const [m, k] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
    const n = transB ? b.shape.at(-2)! : b.shape.at(-1)!;
    const batchB = b.shape.slice(0, -2);
    const batch = broadcastShapes(batchA, batchB) ?? [];
    const out = this.#empty([...batch, m, n]);
    const scalesLeft = alpha !== 1 && sizeOf(a.shape) <= sizeOf(out.shape);
    const turned = transA ? this.#turned(a) : a;
    const left = scalesLeft ? this.tf.mul(turned, alpha) : turned;
    const right = transB ? this.#turned(b) : b;
    // all rows of a batch meet the same matrix
    const [atA, atB, rows] =
      sizeOf(batchB) === 1 && sizeOf(batchA) === sizeOf(batch)
        ? [[0], [0], sizeOf(batch) * m]
        : [broadcastOffsets(batchA, batch), broadcastOffsets(batchB, batch), m];
    for (let i = 0; i < atA.length; i++)
      this.#wasm.product(
        { tensor: left, start: atA[i]! * m * k },
        { tensor: right, start: atB[i]! * k * n },
        { tensor: out, start: i * m * n },
        { rows, inner: k, columns: n },
      );
    return scalesLeft || alpha === 1 ? out : this.tf.mul(out, alpha);
  }

  dequantise({ codes, scales, zeros, steps }: RoundedParts, attrs: DequantiseAttrs, shape: Shape): Tensor {
    const own = (x: Codes | Tensor): HostTensor => ({
      dtype: isCodes(x) ? 'i8' : 'f32',
      shape: [],
      data: isCodes(x) ? hostData(x) : (this.#wasm.contents(x) as Float32Array),
    });
    const out = this.#empty(shape);
    const { reference } = dequantiseOp;
    if (reference === 'decompose') throw internal('dequantise has no definition');
    reference(
      [codes, scales, ...(zeros ? [zeros] : []), ...(steps ? [steps] : [])].map(own),
      { ...attrs },
      { dtype: 'f32', shape, data: this.#wasm.contents(out) as Float32Array },
    );
    return out;
  }

  scratchBytes(node: Node): number {
    return scratchBytes(node, true);
  }

  #empty(shape: Shape): Tensor {
    return this.tf.engine().makeTensorFromTensorInfo(this.#wasm.empty(shape));
  }

  #turned(x: Tensor): Tensor {
    const rank = x.shape.length;
    return this.tf.transpose(
      x,
      x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
    );
  }
}
