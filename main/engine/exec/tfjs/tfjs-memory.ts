/** The memory of a graph that TensorFlow.js computes: a walk over the lives of its values, with what each node takes for a moment. */

import { bytesOf, type Graph, type Node, type Value } from '../../ir/graph.ts';
import { turnOf } from '../../passes/layer-scopes.ts';
import { scheduled } from '../../passes/schedule.ts';
import type { WorkingMemory } from '../executor.ts';
import type { Backend } from './backend.ts';

/** Operations whose result shares the memory of their first operand. */
const VIEWS = new Set(['reshape', 'after']);
/** A node of a compiled graph: a few small objects. */
const SESSION_BYTES_PER_NODE = 1000;

/** Memory of a run of `graph`, which has been optimised. Outputs are copied out at once, so it is the same wherever they go. */
export function tfjsMemory(graph: Graph, scratchBytes: Backend['scratchBytes']): WorkingMemory {
  const { order, endings } = livesOf(graph);
  const stores = new Map<Value, Store>();
  let [now, turnBytes, afterBytes] = [0, 0, 0];
  const turn = turnOf(order.map(({ scope }) => scope));
  const open = (value: Value) => {
    if (stores.has(value) || value.source.kind === 'weight' || value.source.kind === 'constant') return;
    stores.set(value, { bytes: bytesOf(value), uses: 1 });
    now += bytesOf(value);
  };
  order.forEach((node, step) => {
    for (const x of node.inputs) open(x);
    const shared = VIEWS.has(node.op) ? stores.get(node.inputs[0]!) : undefined;
    if (shared) {
      shared.uses++;
      stores.set(node.output, shared);
    } else if (!VIEWS.has(node.op)) open(node.output);
    const atWork = now + scratchBytes(node);
    if (step <= turn) turnBytes = Math.max(turnBytes, atWork);
    else afterBytes = Math.max(afterBytes, atWork);
    for (const value of endings[step]!) {
      const store = stores.get(value);
      if (store && --store.uses === 0) now -= store.bytes;
    }
  });
  const liveBytes = Math.max(turnBytes, afterBytes);
  return {
    liveBytes,
    turnBytes,
    afterBytes,
    donatedBytes: 0,
    heapBytes: liveBytes,
    heapAt: () => liveBytes,
    sessionBytes: SESSION_BYTES_PER_NODE * order.length,
  };
}

/** Memory that one value or several views of it hold. */
interface Store {
  readonly bytes: number;
  uses: number;
}

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
