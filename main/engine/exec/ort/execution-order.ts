/** The order in which onnxruntime computes the nodes of a file: see `passes/schedule.ts`, which says it of the IR's nodes. */
import { depthFirst, operandPlaces } from '../../passes/schedule.ts';
import type { OnnxNode } from './onnx.ts';

/** `nodes` in the order of execution: from the last leaf of the file to the first, operands depth first, later ones first. */
export function leavesFirst(nodes: readonly OnnxNode[]): OnnxNode[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => {
    for (const name of outputs) makers.set(name, i);
  });
  const operands = nodes.map(({ inputs }) => operandPlaces(inputs, (name) => makers.get(name) ?? -1));
  const consumed = new Uint8Array(nodes.length);
  for (const places of operands) for (const i of places) consumed[i] = 1;
  const leaves: number[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) if (consumed[i] === 0) leaves.push(i);
  return depthFirst(nodes.length, leaves, (i) => operands[i]!).map((i) => nodes[i]!);
}
