/**
 * What the executor needs of TensorFlow.js beyond the operations that every backend has: matrix products and few-bit weights,
 * which the two backends do in their own ways, and the way in and out of their memory.
 */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { DeviceName, WeightLocation, WorkingMemory } from '../../exec/executor.ts';
import { readWeight } from '../../exec/host-tensor.ts';
import { convertToF32 } from '../../io/convert.ts';
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Graph, type Node, type Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { CodeType } from '../../ops/functions.ts';
import type { MatmulAttrs } from '../../ops/primitives/matmul.ts';
import { turnOf } from '../../passes/layer-scopes.ts';
import { scheduled } from '../../passes/schedule.ts';

export type TensorFlow = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type BackendName = 'tensorflow' | 'wasm';

/** Codes of quantised weights, for which TensorFlow.js has no type: each backend keeps them in its own way. */
export interface Codes {
  readonly kind: 'codes';
  dispose(): void;
}

/** A value while a program runs. */
export type RunValue = Tensor | Codes;

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

export interface Backend {
  readonly tf: TensorFlow;
  readonly name: BackendName;
  readonly device: DeviceName;
  /** What computes, in words: library, version, device. */
  readonly description: string;
  /** `data` in the backend's memory, copied at once. */
  upload(data: HostArray, value: Pick<Value, 'dtype' | 'shape'>): RunValue;
  /** Copies a tensor's contents into `target`, which has its size. */
  download(tensor: Tensor, target: HostArray): void;
  /** A frozen weight, read once. */
  loadWeight(location: WeightLocation, value: Pick<Value, 'dtype' | 'shape'>): Promise<RunValue>;
  /** alpha op(a) op(b) over the last two axes; batch dimensions broadcast. */
  matmul(a: Tensor, b: Tensor, attrs: MatmulAttrs): Tensor;
  /** Rows [start, end) of the float32 matrix of codes [rows, blocks, words], scales and zeros [rows, blocks, 1] and steps [rows, 1, 1]. */
  dequantise(parts: QuantisedParts, attrs: DequantiseAttrs, shape: Shape): Tensor;
}

/** Makes it the one that TensorFlow.js computes with; needed after anything else may have run. */
export function select({ tf, name }: Pick<Backend, 'tf' | 'name'>): void {
  if (tf.getBackend() !== name) void tf.setBackend(name);
}

/** `value` as codes; an internal error where it is a tensor. */
export function isCodes(value: RunValue): value is Codes {
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

/** Bytes that computing a node takes besides its operands and its result; `isWasm` for that backend, which copies operands where the other one reads them as they lie. */
function scratchBytes({ op, inputs, output, attrs }: Node, isWasm: boolean): number {
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

/** Operations whose result shares the memory of their first operand. */
const VIEWS = new Set(['reshape', 'after']);
/** A node of a compiled graph: a few small objects. */
const SESSION_BYTES_PER_NODE = 1000;

/** Memory of a run of `graph`, which has been optimised. Outputs are copied out at once, so it is the same wherever they go. */
export function tfjsMemory(graph: Graph, { name }: Pick<Backend, 'name'>): WorkingMemory {
  const { order, endings } = livesOf(graph);
  const stores = new Map<Value, Store>();
  let [now, turnBytes, afterBytes] = [0, 0, 0];
  const turn = turnOf(order.map(({ scope }) => scope));
  const open = (value: Value) => {
    if (stores.has(value) || value.source.kind === 'weight' || value.source.kind === 'constant') return;
    stores.set(value, { bytes: bytesOf(value), uses: 1 });
    now += bytesOf(value);
  };
  order.forEach((node, step) => {
    for (const x of node.inputs) open(x);
    const shared = VIEWS.has(node.op) ? stores.get(node.inputs[0]!) : undefined;
    if (shared) {
      shared.uses++;
      stores.set(node.output, shared);
    } else if (!VIEWS.has(node.op)) open(node.output);
    const atWork = now + scratchBytes(node, name === 'wasm');
    if (step <= turn) turnBytes = Math.max(turnBytes, atWork);
    else afterBytes = Math.max(afterBytes, atWork);
    for (const value of endings[step]!) {
      const store = stores.get(value);
      if (store && --store.uses === 0) now -= store.bytes;
    }
  });
  return {
    turnBytes,
    afterBytes,
    donatedBytes: 0,
    heapAt: () => Math.max(turnBytes, afterBytes),
    sessionBytes: SESSION_BYTES_PER_NODE * order.length,
  };
}

/** Memory that one value or several views of it hold. */
interface Store {
  readonly bytes: number;
  uses: number;
}

export interface Lives {
  readonly order: readonly Node[];
  /** For each step the values that are not needed after it: results, and inputs that were copied in. */
  readonly endings: readonly (readonly Value[])[];
  /** Inputs, weights and constants that a node reads. */
  readonly leaves: readonly Value[];
}

/** The lives of the values of `graph`, which has been optimised. An output is copied out at once and need not be held for long. */
export function livesOf(graph: Graph): Lives {
  const order = scheduled(graph);
  const last = new Map<Value, number>();
  order.forEach((node, step) => {
    last.set(node.output, step);
    for (const x of node.inputs) last.set(x, step);
  });
  const passed = new Set([...graph.outputs.values()].filter(({ source }) => source.kind !== 'node'));
  const values = new Set([...last.keys(), ...passed]);
  const ends = Map.groupBy(last.keys(), (value) => last.get(value)!);
  const ended = (value: Value) => isMade(value) && !passed.has(value);
  const endings = order.map((_, step) => (ends.get(step) ?? []).filter(ended));
  return { order, endings, leaves: [...values].filter(({ source }) => source.kind !== 'node') };
}

/** Weights and constants stay from run to run. */
const isMade = ({ source }: Value): boolean => source.kind === 'node' || source.kind === 'input';

/** Copies numbers into an array of the same type: which one that is, is known only when it runs. */
export function copyNumbers(from: ArrayLike<number | bigint>, into: HostArray): void {
  (into as { set(from: ArrayLike<number | bigint>): void }).set(from);
}
