/**
 * The passes from a graph as written to a graph as executed. They decompose fused operations, compute what is known and merge equal nodes,
 * without changing a result.
 */

import { allocate } from '../ir/dtype.ts';
import {
  type Attrs,
  type AttrValue,
  type Graph,
  type Node,
  producer,
  scalarOf,
  type Value,
} from '../ir/graph.ts';
import { sameShape, sizeOf } from '../ir/shape.ts';
import type { HostTensor } from '../ops/define.ts';
import { FUSED, opOf, reshape, transpose } from '../ops/functions.ts';
import { dequantiseLate, unpackInPieces, widenInPieces } from './dequantise-late.ts';
import { int8Products } from './int8-products.ts';
import { recompute } from './recompute.ts';
import { keep, rewrite } from './rewrite.ts';

/** Decomposes what `supported` lacks, then folds, dedupes and drops what is cheap to compute again; the result computes the same outputs. */
export function optimise(graph: Graph, supported: ReadonlySet<string>): Graph {
  return recompute(simplify(graph, supported));
}

/** The first part of `optimise`: nothing is computed twice yet to save memory. */
export function simplify(graph: Graph, supported: ReadonlySet<string>): Graph {
  const once = dedupe(decompose(int8Products(graph, supported), supported));
  const folded = fold(once);
  const short = folded === once ? once : dedupe(folded);
  return dequantiseLate(widenInPieces(unpackInPieces(short, supported)));
}

/** A copy of `graph` in which every fused operation is one of `supported`. */
export function decompose(graph: Graph, supported: ReadonlySet<string>): Graph {
  const unsupported = (op: string) => op in FUSED && !supported.has(op);
  let result = graph;
  while (result.nodes.some((node) => unsupported(node.op))) {
    result = rewrite(result, (node, inputs) =>
      unsupported(node.op) ? opOf(node.op).decompose!(inputs, node.attrs) : null,
    );
  }
  return result;
}

const LARGEST_FOLDED = 1 << 16;

/** A copy of `graph` without nodes whose result is known when the graph is built; `graph` itself where there are none. */
export function fold(graph: Graph): Graph {
  if (!graph.nodes.some((node) => shorter(node, node.inputs) || isConstant(node, node.inputs))) return graph;
  return rewrite(graph, (node, inputs, copy) => {
    const short = shorter(node, inputs);
    if (short) return short();
    return isConstant(node, inputs) ? constant(node, inputs, copy) : null;
  });
}

/** Whether the result is known, and small enough to be kept. */
function isConstant({ op, output }: Node, inputs: readonly Value[]): boolean {
  if (inputs.length === 0) return false;
  // of most nodes already the first operand is none
  for (let i = 0; i < inputs.length; i++) if (inputs[i]!.source.kind !== 'constant') return false;
  return opOf(op).reference !== undefined && sizeOf(output.shape) <= LARGEST_FOLDED;
}

function constant({ op, attrs, output }: Node, inputs: readonly Value[], graph: Graph): Value | null {
  const { reference } = opOf(op);
  if (!reference) return null;
  const { dtype, shape } = output;
  const tensors: HostTensor[] = [];
  for (const { dtype, shape, source } of inputs)
    if (source.kind === 'constant') tensors.push({ dtype, shape, data: source.data });
  const data = allocate(dtype, sizeOf(shape));
  reference(tensors, attrs, { dtype, shape, data });
  return graph.constant(dtype, shape, data);
}

/** What gives the operand that `node` merely passes on, or its shorter form; null where it is needed as it is. */
function shorter(node: Node, inputs: readonly Value[]): (() => Value) | null {
  const [x, y] = inputs as [Value, Value];
  switch (node.op) {
    case 'mul':
      return scalarOf(y) === 1 ? same(x, node) : scalarOf(x) === 1 ? same(y, node) : null;
    case 'div':
      return scalarOf(y) === 1 ? same(x, node) : null;
    case 'add':
      return scalarOf(y) === 0 ? same(x, node) : scalarOf(x) === 0 ? same(y, node) : null;
    case 'sub':
      return scalarOf(y) === 0 ? same(x, node) : null;
    case 'neg':
    case 'reshape':
    case 'transpose':
      return joined(node, producer(x));
    default:
      return null;
  }
}

const same = (value: Value, { output }: Node) => (sameShape(value.shape, output.shape) ? () => value : null);

/** Two of the same operation, one on the other, as one. */
function joined(node: Node, inner: Node | null): (() => Value) | null {
  if (inner?.op !== node.op) return null;
  const x = inner.inputs[0]!;
  if (node.op === 'neg') return () => x;
  if (node.op === 'reshape') return () => reshape(x, node.output.shape);
  return () => transpose(x, composed(inner, node));
}

function composed(first: Node, second: Node): number[] {
  const perm = first.attrs.perm as readonly number[];
  return (second.attrs.perm as readonly number[]).map((axis) => perm[axis]!);
}

/** A copy of `graph` in which no value is computed twice. Values with different consumers far apart then live longer. */
export function dedupe(graph: Graph): Graph {
  /** The nodes of the copy by the newest of their operands, which has few others; those without operands at 0. */
  const users: (Node[] | undefined)[] = [];
  const scalars = new Map<string, Value>();
  const canonical = (x: Value): Value => {
    const number = scalarOf(x);
    if (number === null) return x;
    const key = `${x.dtype}[${x.shape}]${Object.is(number, -0) ? '-0' : number}`;
    const known = scalars.get(key) ?? x;
    scalars.set(key, known);
    return known;
  };
  return rewrite(graph, (node, inputs, copy) => {
    const operands: Value[] = new Array(inputs.length);
    let place = 0;
    for (let i = 0; i < inputs.length; i++) {
      const x = canonical(inputs[i]!);
      operands[i] = x;
      if (x.id >= place) place = x.id + 1;
    }
    const like = users[place];
    if (like)
      for (let i = 0; i < like.length; i++) if (isSame(like[i]!, node, operands)) return like[i]!.output;
    const value = keep(node, operands, copy);
    const made = producer(value)!;
    if (like) like.push(made);
    else users[place] = [made];
    return value;
  });
}

function isSame(other: Node, { op, attrs }: Node, inputs: readonly Value[]): boolean {
  if (other.op !== op || other.inputs.length !== inputs.length) return false;
  for (let i = 0; i < inputs.length; i++) if (other.inputs[i] !== inputs[i]) return false;
  return sameAttrs(other.attrs, attrs);
}

function sameAttrs(a: Attrs, b: Attrs): boolean {
  if (a === b) return true;
  for (const name in a) if (!sameAttr(a[name]!, b[name])) return false;
  for (const name in b) if (!(name in a)) return false;
  return true;
}

function sameAttr(a: AttrValue, b: AttrValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
