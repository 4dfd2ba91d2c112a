/** The order in which onnxruntime computes the nodes of a file: see `passes/schedule.ts`, which says it of the IR's nodes. */
import { depthFirst, operandPlaces } from '../../passes/schedule.ts';
import type { Trace } from './trace.ts';

/** The steps of a file, by their places, in the order of execution: from its last leaf to the first, operands depth first, later ones first. */
export function leavesFirst({ steps, tensors }: Trace): readonly number[] {
  const makers = new Int32Array(tensors.length).fill(-1);
  steps.forEach(({ result }, i) => {
    makers[result] = i;
  });
  const operands = operandPlaces(
    steps,
    (step) => step.operands,
    (x) => makers[x]!,
  );
  const consumed = new Uint8Array(steps.length);
  for (const i of operands.places) consumed[i] = 1;
  const leaves: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) if (consumed[i] === 0) leaves.push(i);
  return depthFirst(leaves, operands);
}
