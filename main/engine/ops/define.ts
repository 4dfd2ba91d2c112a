/**
 * How an operation is defined, and the index walks that its plain loop is made of. One object holds everything that the engine must know
 * about an operation: how its result is typed, its gradient, its meaning (a plain loop, or a decomposition into primitives), its cost and
 * the samples that the conformance tests run on every executor. A missing part is a compile error.
 */
import { internal } from '../../../common/errors.ts';
import type { ComputeDType, HostArray } from '../ir/dtype.ts';
import { type Attrs, describe, type Graph, type Value } from '../ir/graph.ts';
import { type Shape, sizeOf, stridesOf } from '../ir/shape.ts';

/** The attributes of an operation that has none. */
export type NoAttrs = Record<string, never>;

/** Dtype and shape of a result. */
export interface Typed {
  readonly dtype: ComputeDType;
  readonly shape: Shape;
}

/** A tensor on the host as reference kernels see it; float values may be held in float64 for gradient checks. */
export interface HostTensor {
  readonly dtype: ComputeDType;
  readonly shape: Shape;
  readonly data: HostArray | Float64Array;
}

/** What a gradient rule gets: the node's operands and result, and the gradient of the loss by the result. */
export interface VjpContext<A extends Attrs> {
  readonly inputs: readonly Value[];
  readonly attrs: A;
  readonly output: Value;
  readonly grad: Value;
  /** `needs[i]` tells whether the gradient by operand i is wanted; rules skip the others. */
  readonly needs: readonly boolean[];
}

/** One operand of a conformance sample: a shape with the range its values are drawn from, or explicit values. */
export interface SampleInput {
  readonly dtype?: ComputeDType;
  readonly shape: Shape;
  readonly range?: readonly [number, number];
  readonly values?: readonly number[];
}

export interface Sample<A extends Attrs> {
  readonly inputs: readonly SampleInput[];
  readonly attrs: A;
}

interface Operation<A extends Attrs> {
  readonly name: string;
  /** Types the result, or calls `fail` with what is wrong about the operands. */
  infer(inputs: readonly Value[], attrs: A, fail: (reason: string) => never): Typed;
  /** Gradients by the operands (null where there is none); 'none' where no gradient flows; 'decompose' to derive it. */
  readonly vjp: ((ctx: VjpContext<A>) => (Value | null)[]) | 'none' | 'decompose';
  /** Floating point operations of one evaluation. */
  flops(inputs: readonly Value[], output: Value, attrs: A): number;
  readonly samples: readonly Sample<A>[];
}

export interface Primitive<A extends Attrs> extends Operation<A> {
  /** The definition as plain loops that write into `out`. */
  reference(inputs: readonly HostTensor[], attrs: A, out: HostTensor): void;
  readonly decompose?: never;
}

export interface Fused<A extends Attrs> extends Operation<A> {
  /** The same result in terms of simpler operations. */
  decompose(inputs: readonly Value[], attrs: A): Value;
  readonly reference?: never;
}

export type OpDef<A extends Attrs = Attrs> = Primitive<A> | Fused<A>;

/** Declares an operation; the identity function, there for its type check. */
export const definePrimitive = <A extends Attrs>(def: Primitive<A>): Primitive<A> => def;
export const defineFused = <A extends Attrs>(def: Fused<A>): Fused<A> => def;

/** Types and appends a node. Throws an error that names the operation and its operands when they do not fit. */
export function apply<A extends Attrs>(def: OpDef<A>, inputs: readonly Value[], attrs: A): Value {
  const graph = inputs[0]?.graph;
  if (!graph) throw internal(`${def.name} needs an operand that tells the graph`);
  return applyIn(graph, def, inputs, attrs);
}

/** As `apply`, for operations that may have no operands. */
export function applyIn<A extends Attrs>(
  graph: Graph,
  def: OpDef<A>,
  inputs: readonly Value[],
  attrs: A,
): Value {
  const fail = (reason: string): never => {
    const operands = inputs.map(describe).join('; ');
    throw internal(`${def.name}: ${reason} (operands: ${operands}; attributes: ${JSON.stringify(attrs)})`);
  };
  const { dtype, shape } = def.infer(inputs, attrs, fail);
  return graph.append(def.name, inputs, attrs, dtype, shape);
}

/** Strides of `shape` seen as the broadcast `out`: 0 along every dimension that is repeated. */
export function broadcastStrides(shape: Shape, out: Shape): number[] {
  const own = stridesOf(shape);
  const lead = out.length - shape.length;
  return out.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]!));
}

/** Calls `visit(i, offset)` for each element i of `shape` in row-major order, `offset` moving by `strides`. */
export function walk(
  shape: Shape,
  strides: readonly number[],
  visit: (i: number, offset: number) => void,
  start = 0,
): void {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  let offset = start;
  for (let i = 0; i < size; i++) {
    visit(i, offset);
    for (let d = shape.length - 1; d >= 0; d--) {
      offset += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      offset -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
}

/** Static graphs ask for the same few shapes again and again; this many offsets are kept between calls. */
const MOST_KEPT = 1 << 24;
const kept = new Map<string, Int32Array>();
let keptCount = 0;

/** For each element of `out` the offset of its operand element; the array is shared and must not be written to. */
export function broadcastOffsets(shape: Shape, out: Shape): Int32Array {
  const key = `${shape}>${out}`;
  const known = kept.get(key);
  if (known) return known;
  const offsets = new Int32Array(sizeOf(out));
  walk(out, broadcastStrides(shape, out), (i, offset) => {
    offsets[i] = offset;
  });
  keptCount += offsets.length;
  if (keptCount > MOST_KEPT) {
    kept.clear();
    keptCount = offsets.length;
  }
  kept.set(key, offsets);
  return offsets;
}
