/**
 * How an operation is defined. One object holds everything that the engine must know about it: how its result is
 * typed, its gradient, its meaning (a plain loop, or a decomposition into primitives), its cost and the samples that
 * the conformance tests run on every executor. A missing part is a compile error.
 */
import { internal } from '../../../common/errors.ts';
import type { ComputeDType, HostArray } from '../ir/dtype.ts';
import { type Attrs, describe, type Graph, type Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';

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

export interface OpDef<A extends Attrs = Attrs> {
  readonly name: string;
  /** Types the result, or calls `fail` with what is wrong about the operands. */
  infer(inputs: readonly Value[], attrs: A, fail: (reason: string) => never): Typed;
  /** Gradients by the operands (null where there is none); 'none' where no gradient flows; 'decompose' to derive it. */
  readonly vjp: ((ctx: VjpContext<A>) => (Value | null)[]) | 'none' | 'decompose';
  /** The same result in terms of simpler operations; primitives have none. */
  readonly decompose: ((inputs: readonly Value[], attrs: A) => Value) | null;
  /** The definition as plain loops that write into `out`; 'decompose' for fused operations. */
  readonly reference: ((inputs: readonly HostTensor[], attrs: A, out: HostTensor) => void) | 'decompose';
  /** Floating point operations of one evaluation. */
  flops(inputs: readonly Value[], output: Value, attrs: A): number;
  readonly samples: readonly Sample<A>[];
}

/** Declares an operation; the identity function, there for its type check. */
export function defineOp<A extends Attrs>(def: OpDef<A>): OpDef<A> {
  return def;
}

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
