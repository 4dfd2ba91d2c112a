/** The order in which onnxruntime computes the nodes of a file: see `passes/schedule.ts`, which says it of the IR's nodes. */
import { depthFirst } from '../../passes/schedule.ts';
import type { OnnxNode } from './onnx.ts';

/** `nodes` in the order of execution: from the last leaf of the file to the first, operands depth first, later ones first. */
export function leavesFirst(nodes: readonly OnnxNode[]): OnnxNode[] {
  const maker = new Map(nodes.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
  const operands = nodes.map(({ inputs }) => {
    const made = inputs.map((name) => maker.get(name)).filter((i): i is number => i !== undefined);
    return [...new Set(made)].sort((a, b) => a - b);
  });
  const consumed = new Set(operands.flat());
  const leaves = nodes.map((_, i) => i).filter((i) => !consumed.has(i));
  return depthFirst(leaves.reverse(), (i) => operands[i]!).map((i) => nodes[i]!);
}
