/** Replaces the fused operations that an executor does not have by their definitions. */
import type { Graph } from '../ir/graph.ts';
import { FUSED, opOf } from '../ops/index.ts';
import { rewrite } from './rewrite.ts';

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
