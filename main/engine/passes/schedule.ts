/**
 * The order in which nodes run. onnxruntime takes the nodes that nothing consumes, the last one of the file first, and
 * computes each one's operands depth first, the operand that stands later in the file first. This pass predicts that
 * order, so that memory is computed for what will run; the ONNX writer puts the nodes into the file accordingly.
 */
import { type Graph, type Node, producer } from '../ir/graph.ts';

/** Nodes that no other node consumes, in the order in which the graph declares them as outputs. */
export function leavesOf(graph: Graph): Node[] {
  const consumed = new Set(graph.nodes.flatMap((node) => node.inputs.map(producer)));
  const nodes = [...graph.outputs.values()].map(producer);
  return [...new Set(nodes)].filter((node): node is Node => node !== null && !consumed.has(node));
}

/** The nodes of `graph` in execution order. */
export function scheduled(graph: Graph): Node[] {
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const operandsOf = ({ inputs }: Node) =>
    inputs
      .map(producer)
      .filter((node): node is Node => node !== null)
      .sort((a, b) => position.get(a)! - position.get(b)!);
  return depthFirst(leavesOf(graph), operandsOf);
}

/** Everything that `leaves` need, operands before what uses them, the last operand of `operandsOf` first. */
export function depthFirst<T>(leaves: readonly T[], operandsOf: (node: T) => readonly T[]): T[] {
  const done = new Set<T>();
  const order: T[] = [];
  for (const leaf of leaves) {
    const stack: { node: T; ready: boolean }[] = [{ node: leaf, ready: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      if (top.ready) order.push(top.node);
      if (top.ready || done.has(top.node)) continue;
      done.add(top.node);
      stack.push({ node: top.node, ready: true });
      for (const node of operandsOf(top.node)) if (!done.has(node)) stack.push({ node, ready: false });
    }
  }
  return order;
}
