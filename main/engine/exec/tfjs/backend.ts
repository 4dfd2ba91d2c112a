/**
 * What the executor needs of TensorFlow.js beyond the operations that every backend has: matrix products and few-bit weights,
 * which the two backends do in their own ways, and the way in and out of their memory.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import type { HostArray } from '../../ir/dtype.ts';
import type { Node, Value } from '../../ir/graph.ts';
import type { Shape } from '../../ir/shape.ts';
import type { CodeType } from '../../ops/functions.ts';
import type { DeviceName } from '../device.ts';
import type { WeightLocation } from '../executor.ts';

export type TensorFlow = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type BackendName = 'tensorflow' | 'wasm';

/** Codes of rounded weights, for which TensorFlow.js has no type: each backend keeps them in its own way. */
export interface Codes {
  readonly kind: 'codes';
  dispose(): void;
}

/** A value while a program runs. */
export type Held = Tensor | Codes;

export interface RoundedParts {
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
  dequantise(parts: RoundedParts, attrs: DequantiseAttrs, shape: Shape): Tensor;
  /** Bytes that computing `node` takes besides its operands and its result. */
  scratchBytes(node: Node): number;
}

/** `value` as codes; an internal error where it is a tensor. */
export function isCodes(value: Held): value is Codes {
  return 'kind' in value && value.kind === 'codes';
}
