/** Computes what is already known: nodes over small constants, and arithmetic that changes nothing. */
import { allocate } from '../ir/dtype.ts';
import { type Graph, type Node, producer, scalarOf, type Value } from '../ir/graph.ts';
import { sameShape, sizeOf } from '../ir/shape.ts';
import type { HostTensor } from '../ops/define.ts';
import { reshape, transpose } from '../ops/functions.ts';
import { opOf } from '../ops/index.ts';
import { rewrite } from './rewrite.ts';

const LARGEST_FOLDED = 1 << 16;

/** A copy of `graph` without nodes whose result is known when the graph is built. */
export function fold(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, copy) => identity(node, inputs) ?? constant(node, inputs, copy));
}

function constant(node: Node, inputs: readonly Value[], graph: Graph): Value | null {
  const def = opOf(node.op);
  const { dtype, shape } = node.output;
  if (def.reference === 'decompose' || inputs.length === 0 || sizeOf(shape) > LARGEST_FOLDED) return null;
  const tensors: HostTensor[] = [];
  for (const x of inputs) {
    // of most nodes already the first operand is none
    if (x.source.kind !== 'constant') return null;
    tensors.push({ dtype: x.dtype, shape: x.shape, data: x.source.data });
  }
  const data = allocate(dtype, sizeOf(shape));
  def.reference(tensors, node.attrs, { dtype, shape, data });
  return graph.constant(dtype, shape, data);
}

/** The operand that `node` merely passes on, or its shorter form. */
function identity(node: Node, inputs: readonly Value[]): Value | null {
  const [x, y] = inputs as [Value, Value];
  const same = (value: Value) => (sameShape(value.shape, node.output.shape) ? value : null);
  const inner = producer(x);
  switch (node.op) {
    case 'mul':
      return scalarOf(y) === 1 ? same(x) : scalarOf(x) === 1 ? same(y) : null;
    case 'div':
      return scalarOf(y) === 1 ? same(x) : null;
    case 'add':
      return scalarOf(y) === 0 ? same(x) : scalarOf(x) === 0 ? same(y) : null;
    case 'sub':
      return scalarOf(y) === 0 ? same(x) : null;
    case 'neg':
      return inner?.op === 'neg' ? inner.inputs[0]! : null;
    case 'reshape':
      return inner?.op === 'reshape' ? reshape(inner.inputs[0]!, node.output.shape) : null;
    case 'transpose':
      return inner?.op === 'transpose' ? transpose(inner.inputs[0]!, composed(inner, node)) : null;
    default:
      return null;
  }
}

function composed(first: Node, second: Node): number[] {
  const perm = first.attrs.perm as readonly number[];
  return (second.attrs.perm as readonly number[]).map((axis) => perm[axis]!);
}
