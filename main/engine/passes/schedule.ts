/**
 * The order in which nodes run. onnxruntime takes the nodes that nothing consumes, the last one of the file first, and
 * computes each one's operands depth first, the operand that stands later in the file first. This pass predicts that
 * order, so that memory is computed for what will run; the ONNX writer puts the nodes into the file accordingly.
 */
import { type Graph, type Node, producer } from '../ir/graph.ts';

/** Nodes that no other node consumes, in the order in which the graph declares them as outputs. */
export function leavesOf(graph: Graph): Node[] {
  const consumed = new Uint8Array(graph.idCount);
  for (const { inputs } of graph.nodes) for (const { id } of inputs) consumed[id] = 1;
  const outputs = [...new Set(graph.outputs.values())];
  return outputs
    .filter(({ id }) => consumed[id] === 0)
    .map(producer)
    .filter((node) => node !== null);
}

/** The nodes of `graph` in execution order. */
export function scheduled(graph: Graph): Node[] {
  const { nodes } = graph;
  const makers = new Int32Array(graph.idCount).fill(-1);
  nodes.forEach(({ output }, i) => {
    makers[output.id] = i;
  });
  const operandsOf = (i: number) => operandPlaces(nodes[i]!.inputs, ({ id }) => makers[id]!);
  const leaves = leavesOf(graph).map(({ output }) => makers[output.id]!);
  return depthFirst(nodes.length, leaves, operandsOf).map((i) => nodes[i]!);
}

/** The places of the nodes that make `inputs`, from the first to the last; `placeOf` gives -1 for what no node makes. */
export function operandPlaces<T>(inputs: readonly T[], placeOf: (input: T) => number): number[] {
  const places: number[] = [];
  for (const input of inputs) {
    const place = placeOf(input);
    if (place < 0) continue;
    // there are two or three of them
    let at = places.length;
    while (at > 0 && places[at - 1]! > place) at--;
    places.splice(at, 0, place);
  }
  return places;
}

/** Everything that `leaves` need of `count` nodes, operands before what uses them, the last operand of `operandsOf` first. */
export function depthFirst(
  count: number,
  leaves: readonly number[],
  operandsOf: (node: number) => readonly number[],
): number[] {
  const done = new Uint8Array(count);
  const order: number[] = [];
  // a node whose operands are on the stack above it is there as its complement
  const stack: number[] = [];
  for (const leaf of leaves) {
    stack.push(leaf);
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (top < 0) order.push(~top);
      if (top < 0 || done[top] === 1) continue;
      done[top] = 1;
      stack.push(~top);
      for (const node of operandsOf(top)) if (done[node] === 0) stack.push(node);
    }
  }
  return order;
}
