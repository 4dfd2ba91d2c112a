/** The order in which onnxruntime computes the nodes of a file: see `passes/schedule.ts`, which says it of the IR's nodes. */
import { depthFirst, operandPlaces } from '../../passes/schedule.ts';
import type { Trace } from './trace.ts';

/** The steps of a file, by their places, in the order of execution: from its last leaf to the first, operands depth first, later ones first. */
export function leavesFirst({ results, starts, operands, types }: Trace): Int32Array {
  const makers = new Int32Array(types.length).fill(-1);
  for (let i = 0; i < results.length; i++) makers[results[i]!] = i;
  const made = new Int32Array(operands.length);
  for (let i = 0; i < operands.length; i++) made[i] = makers[operands[i]!]!;
  const places = operandPlaces(Int32Array.from(starts), made);
  const consumed = new Uint8Array(results.length);
  for (let i = 0; i < places.places.length; i++) consumed[places.places[i]!] = 1;
  const leaves: number[] = [];
  for (let i = results.length - 1; i >= 0; i--) if (consumed[i] === 0) leaves.push(i);
  return depthFirst(leaves, places);
}
