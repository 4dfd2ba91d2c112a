/**
 * The order in which nodes run. onnxruntime takes the nodes that nothing consumes, the last one of the file first, and computes each one's
 * operands depth first, the operand that stands later in the file first. This pass predicts that order, so that memory is computed for what
 * will run; the ONNX writer puts the nodes into the file accordingly.
 */
import { type Graph, type Node, producer } from '../ir/graph.ts';

/** Nodes that no other node consumes, in the order in which the graph declares them as outputs. */
export function leavesOf(graph: Graph): Node[] {
  const consumed = new Uint8Array(graph.idCount);
  const { nodes } = graph;
  for (let i = 0; i < nodes.length; i++) {
    const { inputs } = nodes[i]!;
    for (let x = 0; x < inputs.length; x++) consumed[inputs[x]!.id] = 1;
  }
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
  const starts = new Int32Array(nodes.length + 1);
  for (let i = 0; i < nodes.length; i++) {
    const { output, inputs } = nodes[i]!;
    makers[output.id] = i;
    starts[i + 1] = starts[i]! + inputs.length;
  }
  const made = new Int32Array(starts[nodes.length]!);
  for (let i = 0, at = 0; i < nodes.length; i++) {
    const { inputs } = nodes[i]!;
    for (let x = 0; x < inputs.length; x++) made[at++] = makers[inputs[x]!.id]!;
  }
  const leaves = leavesOf(graph).map(({ output }) => makers[output.id]!);
  const order = depthFirst(leaves, operandPlaces(starts, made));
  const found: Node[] = new Array(order.length);
  for (let i = 0; i < order.length; i++) found[i] = nodes[order[i]!]!;
  return found;
}

/** The places of the nodes that make the operands of node i: `places` from `starts[i]` to before `starts[i + 1]`, ascending. */
interface OperandPlaces {
  readonly starts: Int32Array;
  readonly places: Int32Array;
}

/** Where operands are made, those of node i from `starts[i]` to before `starts[i + 1]`; `made` gives -1 for what no node makes. */
export function operandPlaces(starts: Int32Array, made: Int32Array): OperandPlaces {
  const found = new Int32Array(starts.length);
  const places = new Int32Array(made.length);
  let count = 0;
  for (let i = 0; i + 1 < starts.length; i++) {
    const first = count;
    for (let operand = starts[i]!; operand < starts[i + 1]!; operand++) {
      const place = made[operand]!;
      if (place < 0) continue;
      // there are two or three of them
      let at = count++;
      for (; at > first && places[at - 1]! > place; at--) places[at] = places[at - 1]!;
      places[at] = place;
    }
    found[i + 1] = count;
  }
  return { starts: found, places: places.subarray(0, count) };
}

/** Everything that `leaves` need, operands before what uses them, the last operand first. */
export function depthFirst(leaves: readonly number[], { starts, places }: OperandPlaces): Int32Array {
  const done = new Uint8Array(starts.length - 1);
  const order = new Int32Array(starts.length - 1);
  let ordered = 0;
  // a node whose operands are on the stack above it is there as its complement; each is pushed once for each of its uses and once so
  const stack = new Int32Array(places.length + starts.length + 1);
  for (let i = 0; i < leaves.length; i++) {
    let height = 0;
    stack[height++] = leaves[i]!;
    while (height > 0) {
      const top = stack[--height]!;
      if (top < 0) order[ordered++] = ~top;
      if (top < 0 || done[top] === 1) continue;
      done[top] = 1;
      stack[height++] = ~top;
      for (let at = starts[top]!; at < starts[top + 1]!; at++)
        if (done[places[at]!] === 0) stack[height++] = places[at]!;
    }
  }
  return order.subarray(0, ordered);
}
