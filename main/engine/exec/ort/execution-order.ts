/** The order in which onnxruntime computes the nodes of a file: see `passes/schedule.ts`, which says it of the IR's nodes. */
import type { OnnxNode } from './onnx.ts';

/** `nodes` in the order of execution: from the last leaf of the file to the first, operands depth first, later ones first. */
export function leavesFirst(nodes: readonly OnnxNode[]): OnnxNode[] {
  const maker = new Map(nodes.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
  const operands = nodes.map(({ inputs }) => [
    ...new Set(inputs.map((name) => maker.get(name)).filter((i): i is number => i !== undefined)),
  ]);
  const consumed = new Set(operands.flat());
  const done = new Set<number>();
  const order: OnnxNode[] = [];
  for (let leaf = nodes.length - 1; leaf >= 0; leaf--) {
    if (consumed.has(leaf)) continue;
    const stack = [{ node: leaf, ready: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      if (top.ready) order.push(nodes[top.node]!);
      if (top.ready || done.has(top.node)) continue;
      done.add(top.node);
      stack.push({ node: top.node, ready: true });
      const left = operands[top.node]!.filter((i) => !done.has(i)).sort((a, b) => a - b);
      for (const node of left) stack.push({ node, ready: false });
    }
  }
  return order;
}
