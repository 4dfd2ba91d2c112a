/**
 * The compiled module behind the wasm backend, as far as it is used directly: its memory, and its product of two matrices with
 * operands that lie within larger tensors. A refused allocation is an error here; the module itself would write to address 0.
 */
import type { DataStorage, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { AppError } from '../../../../common/errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';
import type { Tensor } from './backend.ts';

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

interface Backend extends KernelBackend {
  readonly wasm: Exports;
  readonly dataIdMap: DataStorage<{ readonly memoryOffset: number }>;
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): HostArray;
}

/** Numbers of tensors that the backend itself does not reach. */
const FIRST_ID = 2 ** 30;
const [ID_A, ID_B, ID_OUT] = [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2];
const PRODUCT = [
  ...['number', 'array', 'number', 'number', 'array', 'number'],
  ...['number', 'number', 'number'],
];

export class WasmModule {
  readonly #backend: Backend;
  readonly #product: (...values: unknown[]) => void;

  constructor(backend: KernelBackend) {
    this.#backend = backend as Backend;
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
    `WebAssembly could not get ${(bytes / 1e6).toFixed(0)} MB more: it has 4 GB of memory at most.`,
    'Use the executor "ort", or lower tokensPerMicroBatch or maxLength.',
  );
}
