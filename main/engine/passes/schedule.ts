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
  const leaves = leavesOf(graph).map(({ output }) => makers[output.id]!);
  const ids: number[] = [];
  const starts = [0];
  for (const { inputs } of nodes) {
    for (const { id } of inputs) ids.push(id);
    starts.push(ids.length);
  }
  const operands = operandPlaces(starts, (operand) => makers[ids[operand]!]!);
  return depthFirst(leaves, operands).map((i) => nodes[i]!);
}

/** The places of the nodes that make the operands of node i: `places` from `starts[i]` to before `starts[i + 1]`, ascending. */
export interface OperandPlaces {
  readonly starts: Int32Array;
  readonly places: readonly number[];
}

/** Where operands are made, those of node i from `starts[i]` to before `starts[i + 1]`; `placeOf` gives -1 for what no node makes. */
export function operandPlaces(
  starts: readonly number[],
  placeOf: (operand: number) => number,
): OperandPlaces {
  const found = new Int32Array(starts.length);
  const places: number[] = [];
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let operand = starts[i]!; operand < starts[i + 1]!; operand++) {
      const place = placeOf(operand);
      if (place < 0) continue;
      // there are two or three of them
      let at = places.length;
      for (; at > found[i]! && places[at - 1]! > place; at--) places[at] = places[at - 1]!;
      places[at] = place;
    }
    found[i + 1] = places.length;
  }
  return { starts: found, places };
}

/** Everything that `leaves` need, operands before what uses them, the last operand first. */
export function depthFirst(leaves: readonly number[], { starts, places }: OperandPlaces): number[] {
  const done = new Uint8Array(starts.length - 1);
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
      for (let i = starts[top]!; i < starts[top + 1]!; i++)
        if (done[places[i]!] === 0) stack.push(places[i]!);
    }
  }
  return order;
}
