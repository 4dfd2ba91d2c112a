/** What a graph costs to run: floating point operations and bytes moved, in total and by operation. */
import { bytesOf, type Graph, type Node } from '../ir/graph.ts';
import { opOf } from '../ops/index.ts';
import { dequantisedBytes } from '../ops/primitives/dequantise.ts';

export interface Cost {
  readonly count: number;
  readonly flops: number;
  /** Bytes of all operands read and results written, as if nothing stayed in a cache. */
  readonly bytes: number;
}

/** Cost of `graph` by operation name, and under `total`. */
export function costOf(graph: Graph): { readonly total: Cost; readonly byOp: ReadonlyMap<string, Cost> } {
  const byOp = new Map<string, Cost>();
  let total: Cost = { count: 0, flops: 0, bytes: 0 };
  for (const node of graph.nodes) {
    const flops = opOf(node.op).flops(node.inputs, node.output, node.attrs);
    const own = { count: 1, flops, bytes: movedBytes(node) };
    byOp.set(node.op, plus(byOp.get(node.op), own));
    total = plus(total, own);
  }
  return { total, byOp };
}

function movedBytes({ op, inputs, output, attrs }: Node): number {
  if (op === 'reshape') return 0;
  if (op === 'dequantise') return dequantisedBytes(output.shape, attrs.bits);
  return inputs.reduce((sum, x) => sum + bytesOf(x), bytesOf(output));
}

function plus(a: Cost | undefined, b: Cost): Cost {
  return a ? { count: a.count + b.count, flops: a.flops + b.flops, bytes: a.bytes + b.bytes } : b;
}
