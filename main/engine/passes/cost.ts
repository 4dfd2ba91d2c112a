/** What a graph costs to run: floating point operations and bytes moved, in total and by operation. */
import { bytesOf, type Graph, type Node } from '../ir/graph.ts';
import { opOf } from '../ops/index.ts';
import { dequantisedBytes } from '../ops/primitives/dequantise.ts';
import { widenedBytes } from '../ops/primitives/widen.ts';

export interface Cost {
  readonly count: number;
  readonly flops: number;
  /** Bytes of all operands read and results written, as if nothing stayed in a cache. */
  readonly bytes: number;
}

type Sum = { -readonly [Name in keyof Cost]: Cost[Name] };

/** Cost of `graph` by operation name, and under `total`. */
export function costOf(graph: Graph): { readonly total: Cost; readonly byOp: ReadonlyMap<string, Cost> } {
  const byOp = new Map<string, Sum>();
  const total = { count: 0, flops: 0, bytes: 0 };
  for (const node of graph.nodes) {
    const flops = opOf(node.op).flops(node.inputs, node.output, node.attrs);
    const ofOp = byOp.get(node.op) ?? { count: 0, flops: 0, bytes: 0 };
    byOp.set(node.op, ofOp);
    const bytes = movedBytes(node);
    for (const sum of [ofOp, total]) {
      sum.count++;
      sum.flops += flops;
      sum.bytes += bytes;
    }
  }
  return { total, byOp };
}

/** The total of `costOf` alone that a plan asks for. */
export function flopsOf({ nodes }: Graph): number {
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    const { op, inputs, output, attrs } = nodes[i]!;
    sum += opOf(op).flops(inputs, output, attrs);
  }
  return sum;
}

function movedBytes({ op, inputs, output, attrs }: Node): number {
  if (op === 'reshape') return 0;
  if (op === 'dequantise') return dequantisedBytes(output.shape, attrs.type);
  if (op === 'widen') return widenedBytes(output.shape);
  return inputs.reduce((sum, x) => sum + bytesOf(x), bytesOf(output));
}
