/**
 * TensorFlow.js on TensorFlow's own library, called directly (library.ts) or by an installed package (`@tensorflow/tfjs-node-gpu` or
 * `@tensorflow/tfjs-node`). Codes of quantised weights are tensors of bytes, which TensorFlow has and TensorFlow.js has not: they are
 * handled by the numbers that the library gives them.
 */

import { internal } from '../../../../common/errors.ts';
import { type DeviceName, deviceInWords, type WeightLocation } from '../../exec/executor.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { NF4_STEPS, ZERO_STEPS } from '../../ops/primitives/dequantise.ts';
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
  type TensorFlow,
  TYPES,
  uploadTensor,
} from './backend.ts';

type Typed = Pick<Value, 'dtype' | 'shape'>;

/** What TensorFlow knows a tensor by: the package's own number, or the address of a handle. */
export type Id = number | bigint;

/** The parts of the package's backend that are used. */
export interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: readonly Tensor[]): Id[];
  createOutputTensor(output: Output): Tensor;
  /** Copies at once, where the package would make an array of its own first. */
  download?(tensor: Tensor, target: HostArray): void;
  readonly binding: {
    readonly TF_Version: string;
    readonly TF_ATTR_TYPE: number;
    createTensor(shape: readonly number[], dtype: number, data: HostArray): Id;
    deleteTensor(id: Id): void;
    executeOp(name: string, attrs: readonly OpAttr[], inputs: readonly Id[], outputs: number): Output[];
  };
}

export interface Output {
  readonly id: Id;
  readonly shape: number[];
  readonly dtype: number;
}

export interface OpAttr {
  readonly name: string;
  readonly type: number;
  readonly value: number;
}

/** TensorFlow's numbers for element types (tensorflow/core/framework/types.proto). */
export const DT = { f32: 1, i32: 3, u8: 4, i8: 6, bool: 10 } as const;

class ByteCodes implements Codes {
  readonly kind = 'codes';
  readonly id: Id;
  readonly #backend: NodeBackend;

  constructor(backend: NodeBackend, data: HostArray, shape: Shape) {
    this.#backend = backend;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    // words of 16 bits are two bytes each, the low one first
    const width = (shape.at(-1)! * bytes.length) / data.length;
    this.id = backend.binding.createTensor([...shape.slice(0, -1), width], DT.u8, bytes);
  }

  dispose(): void {
    this.#backend.binding.deleteTensor(this.id);
  }
}

export class NativeBackend implements Backend {
  readonly name = 'tensorflow';
  readonly device: DeviceName;
  readonly tf: TensorFlow;
  readonly description: string;
  readonly #node: NodeBackend;

  /** `tf` has TensorFlow's library as its backend. */
  constructor(tf: TensorFlow, threads: number) {
    this.tf = tf;
    this.#node = tf.backend() as unknown as NodeBackend;
    const { isUsingGpuDevice, binding } = this.#node;
    this.device = isUsingGpuDevice ? 'cuda' : 'cpu';
    const versions = `TensorFlow.js ${tf.version_core}, TensorFlow ${binding.TF_Version}`;
    this.description = `${deviceInWords(this.device, threads)} (${versions})`;
  }

  upload(data: HostArray, value: Typed): RunValue {
    if (!TYPES[value.dtype]) return new ByteCodes(this.#node, data, value.shape);
    const tensor = uploadTensor(this.tf, data, value);
    // the package would copy at the first use, which may come after the data have changed
    this.#node.getInputTensorIds([tensor]);
    return tensor;
  }

  download(tensor: Tensor, target: HostArray): void {
    if (this.#node.download) this.#node.download(tensor, target);
    else copyNumbers(tensor.dataSync(), target);
  }

  async loadWeight(location: WeightLocation, value: Typed): Promise<RunValue> {
    const data = await loadNumbers(location, value.dtype);
    select(this);
    return this.upload(data, value);
  }

  matmul(a: Tensor, b: Tensor, { transA, transB, alpha }: MatmulAttrs): Tensor {
    const [m, n] = [transA ? a.shape.at(-1)! : a.shape.at(-2)!, transB ? b.shape.at(-2)! : b.shape.at(-1)!];
    const batch = Math.max(sizeOf(a.shape.slice(0, -2)), sizeOf(b.shape.slice(0, -2)));
    const scalesLeft = alpha !== 1 && sizeOf(a.shape) <= batch * m * n;
    const left = scalesLeft ? this.tf.mul(a, alpha) : a;
    const out = this.#product(left, b, transA, transB);
    return scalesLeft || alpha === 1 ? out : this.tf.mul(out, alpha);
  }

  /** All rows of a batch that meet the same matrix are one product, which has better kernels than a batch of them. */
  #product(a: Tensor, b: Tensor, transA: boolean, transB: boolean): Tensor {
    const { tf } = this;
    if (
      transA ||
      a.shape.length === 2 ||
      sizeOf(b.shape.slice(0, -2)) !== 1 ||
      b.shape.length > a.shape.length
    )
      return tf.matMul(a, b, transA, transB);
    const rows = sizeOf(a.shape.slice(0, -1));
    const flat = tf.reshape(a, [rows, a.shape.at(-1)!]);
    const right = tf.reshape(b, b.shape.slice(-2) as [number, number]);
    const out = tf.matMul(flat, right, false, transB);
    return tf.reshape(out, [...a.shape.slice(0, -1), out.shape[1]!]);
  }

  dequantise({ codes, scales, zeros, steps }: QuantisedParts, attrs: DequantiseAttrs, shape: Shape): Tensor {
    const { tf } = this;
    const [start, count] = [attrs.start, attrs.end - attrs.start];
    const own = (numbers: Tensor) => tf.slice(numbers, [start, 0, 0], [count, -1, -1]);
    const bytes = this.#rows(codes, start, count);
    const numbers = zeros
      ? tf.sub(
          tf.mul(tf.concat([...this.#nibbles(bytes)], 2), ZERO_STEPS),
          this.#floats(this.#rows(zeros, start, count), DT.u8),
        )
      : attrs.type === 'nf4'
        ? this.#lookedUp(bytes)
        : this.#signed(bytes);
    const ofBlocks = isCodes(scales)
      ? tf.mul(this.#signed(this.#rows(scales, start, count)), own(steps!))
      : own(scales);
    return tf.reshape(tf.mul(numbers, ofBlocks), [...shape]);
  }

  /** What the codes of the type nf4 in bytes [rows, blocks, B/2] stand for, [rows, blocks, B]: the low half of a byte comes first. */
  #lookedUp(bytes: Id): Tensor {
    const { tf } = this;
    const [low, high] = this.#nibbles(bytes);
    const [rows, blocks, width] = low.shape as [number, number, number];
    const codes = tf.reshape(tf.stack([low, high], 3), [rows, blocks, 2 * width]);
    return tf.gather(tf.tensor1d([...NF4_STEPS], 'float32'), tf.cast(codes, 'int32'));
  }

  /** Rows [start, start + count) of codes [rows, blocks, bytes], as bytes of their own. */
  #rows(codes: Codes, start: number, count: number): Id {
    if (!(codes instanceof ByteCodes)) throw internal('codes of another backend');
    const { binding } = this.#node;
    const [begin, size] = [
      [start, 0, 0],
      [count, -1, -1],
    ].map((place) => binding.createTensor([3], DT.i32, Int32Array.from(place))) as [Id, Id];
    const rows = this.#op('Slice', { T: DT.u8, Index: DT.i32 }, [codes.id, begin, size]);
    for (const id of [begin, size]) binding.deleteTensor(id);
    return rows;
  }

  /** Bytes with a sign, as floats. */
  #signed(codes: Id): Tensor {
    const signed = this.#op('Bitcast', { T: DT.u8, type: DT.i8 }, [codes]);
    this.#node.binding.deleteTensor(codes);
    return this.#floats(signed, DT.i8);
  }

  /** The low and the high halves of bytes, as floats; the bytes are given back. */
  #nibbles(codes: Id): readonly [low: Tensor, high: Tensor] {
    const constant = (value: number) => this.#node.binding.createTensor([], DT.u8, Uint8Array.of(value));
    const [mask, shift] = [constant(15), constant(4)];
    const low = this.#floats(this.#op('BitwiseAnd', { T: DT.u8 }, [codes, mask]), DT.u8);
    const high = this.#floats(this.#op('RightShift', { T: DT.u8 }, [codes, shift]), DT.u8);
    for (const id of [mask, shift, codes]) this.#node.binding.deleteTensor(id);
    return [low, high];
  }

  #floats(codes: Id, from: number): Tensor {
    const [output] = this.#run('Cast', { SrcT: from, DstT: DT.f32 }, [codes]);
    this.#node.binding.deleteTensor(codes);
    return this.#node.createOutputTensor(output!);
  }

  #op(name: string, types: Readonly<Record<string, number>>, inputs: readonly Id[]): Id {
    return this.#run(name, types, inputs)[0]!.id;
  }

  #run(name: string, types: Readonly<Record<string, number>>, inputs: readonly Id[]): Output[] {
    const { binding } = this.#node;
    const attrs = Object.entries(types).map(([key, value]) => ({
      name: key,
      type: binding.TF_ATTR_TYPE,
      value,
    }));
    return binding.executeOp(name, attrs, inputs, 1);
  }
}
