/** From when to when each value of a graph is held: what the program does, and what the memory account adds up. */
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { scheduled } from '../../passes/schedule.ts';

export interface Lives {
  readonly order: readonly Node[];
  /** For each step the values that are not needed after it: results, and inputs that were copied in. */
  readonly endings: readonly (readonly Value[])[];
  /** Inputs, weights and constants that a node reads. */
  readonly leaves: readonly Value[];
}

/** The lives of the values of `graph`, which has been optimised. An output is copied out at once and need not be held for long. */
export function livesOf(graph: Graph): Lives {
  const order = scheduled(graph);
  const last = new Map<Value, number>();
  order.forEach((node, step) => {
    last.set(node.output, step);
    for (const x of node.inputs) last.set(x, step);
  });
  const passed = new Set([...graph.outputs.values()].filter(({ source }) => source.kind !== 'node'));
  const values = new Set([...last.keys(), ...passed]);
  const ends = Map.groupBy(last.keys(), (value) => last.get(value)!);
  const ended = (value: Value) => isMade(value) && !passed.has(value);
  const endings = order.map((_, step) => (ends.get(step) ?? []).filter(ended));
  return { order, endings, leaves: [...values].filter(({ source }) => source.kind !== 'node') };
}

/** Weights and constants stay from run to run. */
const isMade = ({ source }: Value): boolean => source.kind === 'node' || source.kind === 'input';
