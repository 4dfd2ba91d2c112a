/**
 * A whole graph as ggml's tensors, in the order of execution. What takes them is ggml's graph, or what counts their bytes for a plan.
 */
import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { dequantiseOp } from '../../ops/primitives/dequantise.ts';
import { randomUniformOp } from '../../ops/primitives/random.ts';
import type { DeviceTensor } from '../executor.ts';
import { hostData } from '../host-tensor.ts';
import { BLOCKS, Builder, type Maker, type Tensor } from './builder.ts';
import type { Sizes } from './layout.ts';
import type { GgmlType } from './library.ts';
import { type DeviceValue, heldOf, lowered } from './lower.ts';
import { codeParts } from './weights.ts';

export type Inputs = Readonly<Record<string, HostArray | DeviceTensor>>;
/** The contents of a tensor out of what a run is given. */
export type Fill = (inputs: Inputs) => HostArray;

/** What takes the tensors of a graph. */
export interface Target extends Maker {
  /** Where a view must begin. */
  readonly alignment: number;
  weight(value: Value): Tensor | undefined;
  /** The input of this name where it stays on the device between runs. */
  given(name: string): Tensor | undefined;
  /** Where on the device the output of this name is written. */
  place(name: string): Tensor | undefined;
  /** The matrix that a node unpacks, where its codes are weights. */
  matrix(node: Node): Tensor | undefined;
  /** A tensor that is filled before each run, or once. */
  leaf(type: GgmlType, ne: Sizes, fill: Fill, isConstant: boolean): Tensor;
  /** What a node computes is next. */
  expand(tensor: Tensor): void;
  output(name: string, value: Value, tensor: Tensor): void;
  /** What is needed until all is computed. */
  keep(tensor: Tensor): void;
}

/** Whole numbers up to here are float32, too. */
const MOST_WHOLE = 2 ** 24;

/** Gives `target` what `order`, the nodes of `graph`, computes. */
export function lowerGraph(graph: Graph, order: readonly Node[], target: Target): void {
  const lowering = new Lowering(target);
  const names = Map.groupBy(graph.outputs, ([, value]) => value);
  const last = lastReadings(graph, order);
  const declare = (value: Value, at: number) => {
    for (const [name] of names.get(value) ?? []) {
      const before = graph.inputs.get(name);
      lowering.declare(name, value, before !== undefined && (last.get(before) ?? 0) > at);
    }
  };
  for (const [at, node] of order.entries()) {
    lowering.lower(node);
    declare(node.output, at);
  }
  for (const value of names.keys()) if (value.source.kind !== 'node') declare(value, order.length);
  lowering.finish();
}

/** Operations whose result may be the very numbers of their operand. */
const SAME_MEMORY: ReadonlySet<string> = new Set([
  'reshape',
  'transpose',
  'slice',
  'broadcastTo',
  'cast',
  'after',
]);

/** The place in `order` of the last node that reads the memory of each input. */
function lastReadings(graph: Graph, order: readonly Node[]): ReadonlyMap<Value, number> {
  const last = new Map<Value, number>();
  const results = new Set(graph.outputs.values());
  const read = (value: Value, at: number) => last.set(value, Math.max(last.get(value) ?? 0, at));
  for (const [at, { op, inputs, output }] of [...order.entries()].toReversed()) {
    const isSame = SAME_MEMORY.has(op);
    const until = isSame && results.has(output) ? order.length : isSame ? (last.get(output) ?? at) : at;
    for (const value of inputs) read(value, until);
  }
  return last;
}

class Lowering {
  readonly #target: Target;
  readonly #b: Builder;
  readonly #held = new Map<Value, DeviceValue>();
  /** What is drawn, by seed, stream and shape: a layer that is computed again draws the same. */
  readonly #drawn = new Map<string, Tensor>();
  /** What is written on the device once nothing reads any more what was there. */
  readonly #late: { readonly tensor: Tensor; readonly place: Tensor }[] = [];

  constructor(target: Target) {
    this.#target = target;
    this.#b = new Builder(target, target.alignment);
  }

  lower(node: Node): void {
    const operands = node.inputs.map((value) => this.#operand(value));
    const held = lowered({
      b: this.#b,
      node,
      attrs: node.attrs,
      out: node.output.shape,
      held: operands,
      x: (i) => ({ tensor: operands[i]!.number(), shape: node.inputs[i]!.shape }),
      matrix: () => this.#matrix(node),
      drawn: () => this.#random(node),
      constant: (data) => this.#constant(data),
    });
    this.#held.set(node.output, held);
    // what is made on demand is put there by who asks first
    if (!held.codes && !operands.includes(held)) this.#target.expand(held.number());
  }

  /** `isReadLater`: whether the input of this name is still to be read. */
  declare(name: string, value: Value, isReadLater: boolean): void {
    const held = this.#operand(value);
    const tensor =
      held.isGiven && value.dtype === 'i32' ? held.index(Number.POSITIVE_INFINITY) : held.number();
    const place = this.#target.place(name);
    if (!place) this.#target.output(name, value, tensor);
    else if (tensor.root !== place.root && !isReadLater) this.#target.expand(this.#b.copied(tensor, place));
    else if (tensor.root !== place.root) {
      this.#target.keep(tensor);
      this.#late.push({ tensor, place });
    }
  }

  finish(): void {
    for (const { tensor, place } of this.#late) this.#target.expand(this.#b.copied(tensor, place));
  }

  #operand(value: Value): DeviceValue {
    const known = this.#held.get(value) ?? this.#leaf(value);
    this.#held.set(value, known);
    return known;
  }

  #leaf(value: Value): DeviceValue {
    const { source } = value;
    if (source.kind === 'node') throw internal(`value %${value.id} was read before it was computed`);
    if (source.kind === 'weight') {
      const tensor = this.#target.weight(value);
      return tensor ? heldOf(this.#b, tensor) : unread(value);
    }
    const isConstant = source.kind === 'constant';
    const there = isConstant ? undefined : this.#target.given(source.name);
    if (there) return heldOf(this.#b, there);
    const given = (inputs: Inputs) =>
      isConstant ? source.data : hostData(source.name, inputs[source.name], value.dtype, value.shape);
    const leaf = (type: GgmlType, fill: (data: HostArray) => HostArray) =>
      once(() => this.#newLeaf(type, value, (inputs) => fill(given(inputs)), isConstant));
    if (value.dtype === 'f16' || value.dtype === 'bf16')
      return heldOf(this.#b, leaf(value.dtype, (data) => data)());
    const number = leaf('f32', (data) => (data instanceof Float32Array ? data : asNumbers(data)));
    const highest = { rows: Number.POSITIVE_INFINITY };
    const index = leaf('i32', (data) => checked(Int32Array.from(data), highest.rows));
    return {
      isGiven: true,
      number,
      index(rows) {
        highest.rows = Math.min(rows, highest.rows);
        return index();
      },
    };
  }

  #newLeaf(type: GgmlType, { shape }: Pick<Value, 'shape'>, fill: Fill, isConstant: boolean): Tensor {
    return this.#target.leaf(type, [sizeOf(shape), 1, 1, 1], fill, isConstant);
  }

  #constant(data: Float32Array | Int32Array): Tensor {
    const type = data instanceof Int32Array ? 'i32' : 'f32';
    return this.#newLeaf(type, { shape: [data.length] }, () => data, true);
  }

  /** The matrix of a node with codes: a weight that is there, or one that is packed of what each run is given. */
  #matrix(node: Node): DeviceValue {
    const known = this.#target.matrix(node);
    if (known) return this.#matrixHeld(known);
    const parts = codeParts(node)!;
    // what trained weights are is known when they are there: float32 holds them all
    const [rows, blocks] = parts[0]!.shape as [number, number];
    const columns = blocks * (node.attrs.block as number);
    const isConstant = parts.every(({ source }) => source.kind === 'constant');
    const fill: Fill = (inputs) => unpacked(node, parts, inputs);
    const tensor = this.#target.leaf('f32', [columns, rows, 1, 1], fill, isConstant);
    return this.#matrixHeld(tensor);
  }

  #matrixHeld(tensor: Tensor): DeviceValue {
    return { ...heldOf(this.#b, tensor), ...(BLOCKS[tensor.type][0] > 1 && { codes: tensor }) };
  }

  #random(node: Node): Tensor {
    const seed = rootOf(node.inputs[0]!);
    const { shape, stream } = node.attrs as { shape: readonly number[]; stream: number };
    const key = `${seed.id} ${stream} [${shape}]`;
    const known = this.#drawn.get(key);
    if (known) return known;
    const { source } = seed;
    if (source.kind !== 'input' && source.kind !== 'constant') throw drawnOnDevice();
    const fill = (inputs: Inputs) => {
      const data =
        source.kind === 'constant'
          ? source.data
          : hostData(source.name, inputs[source.name], seed.dtype, seed.shape);
      const out = { dtype: 'f32' as const, shape, data: new Float32Array(sizeOf(shape)) };
      randomUniformOp.reference([{ dtype: 'i32', shape: seed.shape, data }], { shape, stream }, out);
      return out.data;
    };
    const tensor = this.#newLeaf('f32', { shape }, fill, source.kind === 'constant');
    this.#drawn.set(key, tensor);
    return tensor;
  }
}

/** The numbers of a matrix whose codes are given. */
function unpacked({ op, attrs }: Node, parts: readonly Value[], inputs: Inputs): HostArray {
  const tensors = parts.map(({ source, dtype, shape }) => {
    if (source.kind === 'constant') return { dtype, shape, data: source.data };
    if (source.kind === 'input')
      return { dtype, shape, data: hostData(source.name, inputs[source.name], dtype, shape) };
    throw internal(`${op} reads codes that were computed, or of which some are weights`);
  });
  const [rows, blocks] = parts[0]!.shape as [number, number];
  const { type, block } = attrs as { type: string; block: number };
  const shape = [rows, blocks * block];
  const data = new Float32Array(sizeOf(shape));
  dequantiseOp.reference(tensors, { type, block, start: 0, end: rows }, { dtype: 'f32', shape, data });
  return data;
}

/** What a seed is that was only ordered after something. */
function rootOf(value: Value): Value {
  const { source } = value;
  if (source.kind !== 'node') return value;
  return source.node.op === 'after' || source.node.op === 'reshape' ? rootOf(source.node.inputs[0]!) : value;
}

function once(make: () => Tensor): () => Tensor {
  let made: Tensor | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function asNumbers(data: HostArray): Float32Array {
  const numbers = Float32Array.from(data);
  if (data instanceof Int32Array && data.some((value) => Math.abs(value) > MOST_WHOLE))
    throw internal(`ggml computes with whole numbers up to ${MOST_WHOLE}`);
  return numbers;
}

/** ggml ends the process at a row that is not there. */
function checked(data: Int32Array, rows: number): Int32Array {
  if (rows !== Number.POSITIVE_INFINITY && data.some((row) => row < 0 || row >= rows))
    throw internal(`an index is not one of ${rows} rows`);
  return data;
}

function unread({ id }: Value): DeviceValue {
  const refuse = () => {
    throw internal(`weight %${id} is of a type that only unpacking reads`);
  };
  return { number: refuse, index: refuse };
}

function drawnOnDevice(): AppError {
  return new AppError(
    'device-unsupported',
    say`ggml draws random numbers only from a seed that each step is given.`,
    say`Compute with onnxruntime.`,
  );
}
