/**
 * Programs that take turns. On a graphics card each program has the frozen weights for itself, because onnxruntime shares none between
 * sessions: a training with its evaluation would hold a model twice, and answers to prompts once more. Where that is much, there is one
 * program at a time, which is compiled anew when its turn comes. Measured numbers are the same; each turn takes some seconds.
 */
import { bytesOf, type Graph } from '../ir/graph.ts';
import type { Executor } from './executor.ts';

/** Below so many bytes a second copy is small beside what else a step needs, and not worth the seconds. */
export const TURNS_FROM_BYTES = 1e9;

/** Whether programs that each need `weightBytes` of frozen weights take turns. */
export function takeTurns(
  { turnsFromBytes = Number.POSITIVE_INFINITY }: Pick<Executor, 'turnsFromBytes'>,
  weightBytes: number,
): boolean {
  return weightBytes >= turnsFromBytes;
}

/** The frozen weights of a graph, in bytes. */
export function weightBytesOf({ weights }: Graph): number {
  let bytes = 0;
  for (const value of weights.values()) bytes += bytesOf(value);
  return bytes;
}
