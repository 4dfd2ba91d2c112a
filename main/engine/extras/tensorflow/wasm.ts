/**
 * TensorFlow.js on WebAssembly: it needs nothing but its package, runs everywhere and on one core. Its own product of matrices is
 * quick only for one pair that is not transposed, and wrong for batches that broadcast; so each pair of a batch is computed as one
 * such pair, in place, and transposed operands are copied into that order first.
 */

import { createRequire } from 'node:module';
import type { DataStorage, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { deviceInWords, type WeightLocation } from '../../exec/executor.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { broadcastShapes, type Shape, sizeOf } from '../../ir/shape.ts';
import { broadcastOffsets, type HostTensor } from '../../ops/define.ts';
import { dequantiseOp } from '../../ops/primitives/dequantise.ts';
import type { MatmulAttrs } from '../../ops/primitives/matmul.ts';
import {
  type Backend,
  type Codes,
  copyNumbers,
  type DequantiseAttrs,
  isCodes,
  loadNumbers,
  type QuantisedParts,
  type RunValue,
  select,
  type Tensor,
  TYPES,
  uploadTensor,
} from './backend.ts';

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
    this.description = `${deviceInWords('cpu', 1)} (TensorFlow.js ${tf.version_core}, WebAssembly)`;
  }

  upload(data: HostArray, value: Typed): RunValue {
    return TYPES[value.dtype] ? uploadTensor(this.tf, data, value) : new HostCodes(data.slice());
  }

  download(tensor: Tensor, target: HostArray): void {
    copyNumbers(this.#wasm.contents(tensor), target);
  }

  async loadWeight(location: WeightLocation, value: Typed): Promise<RunValue> {
    const data = await loadNumbers(location, value.dtype);
    if (!TYPES[value.dtype]) return new HostCodes(data);
    select(this);
    return uploadTensor(this.tf, data, value);
  }

  matmul(a: Tensor, b: Tensor, { transA, transB, alpha }: MatmulAttrs): Tensor {
    const batchA = a.shape.slice(0, -2);
    const [m, k] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
    const n = transB ? b.shape.at(-2)! : b.shape.at(-1)!;
    const batchB = b.shape.slice(0, -2);
    const batch = broadcastShapes(batchA, batchB) ?? [];
    const out = this.#empty([...batch, m, n]);
    const scalesLeft = alpha !== 1 && sizeOf(a.shape) <= sizeOf(out.shape);
    const transposed = transA ? this.#transposed(a) : a;
    const left = scalesLeft ? this.tf.mul(transposed, alpha) : transposed;
    const right = transB ? this.#transposed(b) : b;
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

  dequantise({ codes, scales, zeros, steps }: QuantisedParts, attrs: DequantiseAttrs, shape: Shape): Tensor {
    const own = (x: Codes | Tensor): HostTensor => ({
      dtype: isCodes(x) ? 'i8' : 'f32',
      shape: [],
      data: isCodes(x) ? hostData(x) : (this.#wasm.contents(x) as Float32Array),
    });
    const out = this.#empty(shape);
    dequantiseOp.reference(
      [codes, scales, ...(zeros ? [zeros] : []), ...(steps ? [steps] : [])].map(own),
      { ...attrs },
      { dtype: 'f32', shape, data: this.#wasm.contents(out) as Float32Array },
    );
    return out;
  }

  #empty(shape: Shape): Tensor {
    return this.tf.engine().makeTensorFromTensorInfo(this.#wasm.empty(shape));
  }

  #transposed(x: Tensor): Tensor {
    const rank = x.shape.length;
    return this.tf.transpose(
      x,
      x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
    );
  }
}

/** A matrix within a tensor, from this element on. */
interface Part {
  readonly tensor: Tensor;
  readonly start: number;
}

interface Sizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

interface Exports {
  _malloc(bytes: number): number;
  _free(offset: number): void;
  readonly HEAPU8: Uint8Array;
  cwrap(name: string, result: null, parameters: readonly string[]): (...values: unknown[]) => void;
  readonly tfjs: {
    registerTensor(id: number, size: number, offset: number): void;
    disposeData(id: number): void;
  };
}

interface Kernels extends KernelBackend {
  readonly wasm: Exports;
  readonly dataIdMap: DataStorage<{ readonly memoryOffset: number }>;
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): HostArray;
}

/** Numbers of tensors that the backend itself does not reach. */
const FIRST_ID = 2 ** 30;
const [ID_A, ID_B, ID_OUT] = [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2];
const PRODUCT = ['number', 'array', 'number', 'number', 'array', 'number', 'number', 'number', 'number'];

/**
 * The compiled module behind the backend, as far as it is used directly: its memory, and its product of two matrices within larger
 * tensors. A refused allocation is an error here; the module itself would write to address 0.
 */
class WasmModule {
  readonly #backend: Kernels;
  readonly #product: (...values: unknown[]) => void;

  constructor(backend: KernelBackend) {
    this.#backend = backend as Kernels;
    const { wasm } = this.#backend;
    this.#product = wasm.cwrap('BatchMatMul', null, PRODUCT);
    // the first call of each function puts another one in its place
    wasm._free(wasm._malloc(4));
    const take = wasm._malloc;
    wasm._malloc = (bytes) => {
      // a size of 2^32 would be taken for 0
      const offset = bytes < 2 ** 32 ? take(bytes) : 0;
      if (offset === 0 && bytes > 0) throw outOfMemory(bytes);
      return offset;
    };
  }

  /** A float32 tensor with anything in it. */
  empty(shape: Shape): TensorInfo {
    return this.#backend.makeOutput([...shape], 'float32');
  }

  /** The contents where they lie; good until the next allocation. */
  contents(tensor: Tensor): HostArray {
    return this.#backend.typedArrayFromHeap(tensor);
  }

  /** out = a b. What the module keeps of `b` for the next time is dropped, because it is a second copy. */
  product(a: Part, b: Part, out: Part, { rows, inner, columns }: Sizes): void {
    const { registerTensor, disposeData } = this.#backend.wasm.tfjs;
    const register = (id: number, part: Part, size: number) => registerTensor(id, size, this.#offsetOf(part));
    register(ID_A, a, rows * inner);
    register(ID_B, b, inner * columns);
    register(ID_OUT, out, rows * columns);
    this.#product(
      ID_A,
      shapeBytes(rows, inner),
      3,
      ID_B,
      shapeBytes(inner, columns),
      3,
      false,
      false,
      ID_OUT,
    );
    for (const id of [ID_A, ID_B, ID_OUT]) disposeData(id);
  }

  #offsetOf({ tensor, start }: Part): number {
    return this.#backend.dataIdMap.get(tensor.dataId).memoryOffset + 4 * start;
  }
}

function shapeBytes(rows: number, columns: number): Uint8Array {
  return new Uint8Array(Int32Array.of(1, rows, columns).buffer);
}

function outOfMemory(bytes: number): AppError {
  return new AppError(
    'out-of-memory',
    say`WebAssembly has at most 4 GB of memory, and needs ${(bytes / 1e6).toFixed(0)} MB more.`,
    say`Compute with onnxruntime, or use shorter rows or fewer tokens at once.`,
  );
}
