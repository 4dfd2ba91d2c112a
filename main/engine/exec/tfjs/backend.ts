/**
 * What the executor needs of TensorFlow.js beyond the operations that every backend has: matrix products and few-bit weights,
 * which the two backends do in their own ways, and the way in and out of their memory.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { convertToF32 } from '../../io/convert.ts';
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Node, type Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { CodeType } from '../../ops/functions.ts';
import type { DeviceName } from '../device.ts';
import type { WeightLocation } from '../executor.ts';
import { readWeight } from '../host-tensor.ts';

export type TensorFlow = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type BackendName = 'tensorflow' | 'wasm';

/** Codes of quantised weights, for which TensorFlow.js has no type: each backend keeps them in its own way. */
export interface Codes {
  readonly kind: 'codes';
  dispose(): void;
}

/** A value while a program runs. */
export type Held = Tensor | Codes;

export interface QuantisedParts {
  readonly codes: Codes;
  readonly scales: Tensor | Codes;
  readonly zeros: Codes | null;
  /** Where scales are codes, too: a step for each row. */
  readonly steps: Tensor | null;
}

export interface DequantiseAttrs {
  readonly type: CodeType;
  readonly block: number;
  readonly start: number;
  readonly end: number;
}

export interface ProductAttrs {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

export interface Backend {
  readonly tf: TensorFlow;
  readonly name: BackendName;
  readonly device: DeviceName;
  /** What computes, in words: library, version, device. */
  readonly description: string;
  /** Makes this backend the one that TensorFlow.js computes with; needed after anything else may have run. */
  select(): void;
  /** `data` in the backend's memory, copied at once. */
  upload(data: HostArray, value: Pick<Value, 'dtype' | 'shape'>): Held;
  /** Copies a tensor's contents into `target`, which has its size. */
  download(tensor: Tensor, target: HostArray): void;
  /** A frozen weight, read once. */
  loadWeight(location: WeightLocation, value: Pick<Value, 'dtype' | 'shape'>): Promise<Held>;
  /** alpha op(a) op(b) over the last two axes; batch dimensions broadcast. */
  matmul(a: Tensor, b: Tensor, attrs: ProductAttrs): Tensor;
  /** Rows [start, end) of the float32 matrix of codes [rows, blocks, words], scales and zeros [rows, blocks, 1] and steps [rows, 1, 1]. */
  dequantise(parts: QuantisedParts, attrs: DequantiseAttrs, shape: Shape): Tensor;
  /** Bytes that computing `node` takes besides its operands and its result. */
  scratchBytes(node: Node): number;
}

/** `value` as codes; an internal error where it is a tensor. */
export function isCodes(value: Held): value is Codes {
  return 'kind' in value && value.kind === 'codes';
}

/** Null for what there is no type for; floats of 16 bits are widened when they are read. */
export const TYPES = {
  f32: 'float32',
  f16: 'float32',
  bf16: 'float32',
  i32: 'int32',
  bool: 'bool',
  u8: null,
  i8: null,
  u16: null,
} as const;

/** A tensor of `data`, which has one of the types that TensorFlow.js knows. */
export function uploadTensor(
  tf: TensorFlow,
  data: HostArray,
  { dtype, shape }: Pick<Value, 'dtype' | 'shape'>,
): Tensor {
  return tf.tensor(data as Float32Array, [...shape], TYPES[dtype] ?? 'float32');
}

/** The numbers of a weight, in memory of their own unless they lie in memory already; of 16 bits as float32. */
export async function loadNumbers(location: WeightLocation, dtype: ComputeDType): Promise<HostArray> {
  const data = await readWeight(location, dtype);
  if (dtype !== 'f16' && dtype !== 'bf16') return data;
  const widened = new Float32Array(data.length);
  convertToF32(
    dtype,
    new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
    widened,
    0,
  );
  return widened;
}

/** In bytes; `isWasm` for that backend, which lays operands out anew where the other one reads them as they lie. */
export function scratchBytes({ op, inputs, output, attrs }: Node, isWasm: boolean): number {
  const [x] = inputs as [Value];
  switch (op) {
    case 'matmul':
      return productBytes(inputs as [Value, Value], output, attrs.alpha !== 1, isWasm && attrs);
    case 'reduceSum':
    case 'reduceMax':
      return isWasm && !areLast(attrs.axes as readonly number[], x.shape.length) ? bytesOf(x) : 0;
    case 'where':
      return inputs.filter(({ shape }) => sizeOf(shape) < sizeOf(output.shape)).length * bytesOf(output);
    case 'dequantise':
      return isWasm ? 0 : (attrs.type === 'int8' ? 2 : 8) * sizeOf(output.shape);
    default:
      return 0;
  }
}

function productBytes(
  [a, b]: [Value, Value],
  output: Value,
  isScaled: boolean,
  transposed: Node['attrs'] | false,
): number {
  const scaled = isScaled ? Math.min(bytesOf(a), bytesOf(output)) : 0;
  if (!transposed) return scaled;
  const packed = 4 * b.shape.at(-1)! * b.shape.at(-2)!;
  return scaled + (transposed.transA ? bytesOf(a) : 0) + (transposed.transB ? bytesOf(b) : 0) + packed;
}

function areLast(axes: readonly number[], rank: number): boolean {
  return axes.every((axis) => axis >= rank - axes.length);
}
