/** How much memory a graph needs while it runs: a liveness walk over the nodes in execution order. */
import { bytesOf, type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { scheduled } from './schedule.ts';

/** Operations whose result shares its operand's memory. */
const VIEWS = new Set(['reshape']);

export interface MemoryProfile {
  /** Largest sum of live intermediate values, in bytes; inputs, weights, constants and donated outputs not counted. */
  readonly peakBytes: number;
  /** The node during which the peak is reached. */
  readonly peakNode: Node | null;
  /** What was alive at the peak, by the outermost scope that made it, largest first. */
  readonly atPeak: readonly { readonly scope: string; readonly bytes: number }[];
  /** Bytes of fed inputs, frozen weights and constants. */
  readonly inputBytes: number;
  readonly weightBytes: number;
  readonly constantBytes: number;
}

/** Walks `graph` in execution order. `donated` names outputs that are written into memory counted elsewhere. */
export function memoryOf(graph: Graph, donated: ReadonlySet<string> = new Set()): MemoryProfile {
  const order = scheduled(graph);
  const roots = viewRoots(graph);
  const lastUse = lastUses(graph, order, roots, donated);
  const outside = new Set(
    [...graph.outputs].filter(([name]) => donated.has(name)).map(([, value]) => roots.get(value) ?? value),
  );
  const live = new Map<Value, number>();
  let [now, peakBytes] = [0, 0];
  let peakNode: Node | null = null;
  let snapshot: Value[] = [];
  order.forEach((node, step) => {
    const value = node.output;
    if (!roots.has(value) && !outside.has(value)) {
      live.set(value, bytesOf(value));
      now += bytesOf(value);
    }
    if (now > peakBytes) [peakBytes, peakNode, snapshot] = [now, node, [...live.keys()]];
    for (const dead of lastUse.get(step) ?? []) {
      now -= live.get(dead) ?? 0;
      live.delete(dead);
    }
  });
  return { peakBytes, peakNode, atPeak: byScope(snapshot), ...leafBytes(graph) };
}

/** For each view the value whose memory it shares. */
function viewRoots(graph: Graph): ReadonlyMap<Value, Value> {
  const roots = new Map<Value, Value>();
  for (const node of graph.nodes) {
    const [x] = node.inputs;
    if (VIEWS.has(node.op) && x) roots.set(node.output, roots.get(x) ?? x);
  }
  return roots;
}

function lastUses(
  graph: Graph,
  order: readonly Node[],
  roots: ReadonlyMap<Value, Value>,
  donated: ReadonlySet<string>,
): Map<number, Value[]> {
  const last = new Map<Value, number>();
  order.forEach((node, step) => {
    last.set(roots.get(node.output) ?? node.output, step);
    for (const x of node.inputs) last.set(roots.get(x) ?? x, step);
  });
  for (const [name, value] of graph.outputs) {
    if (!donated.has(name)) last.set(roots.get(value) ?? value, Number.POSITIVE_INFINITY);
  }
  const byStep = new Map<number, Value[]>();
  for (const [value, step] of last) {
    const dying = byStep.get(step);
    if (!producer(value)) continue;
    if (dying) dying.push(value);
    else byStep.set(step, [value]);
  }
  return byStep;
}

function byScope(values: readonly Value[]): { scope: string; bytes: number }[] {
  const sums = new Map<string, number>();
  for (const value of values) {
    const scope = producer(value)?.scope.split('.')[0] || '(top)';
    sums.set(scope, (sums.get(scope) ?? 0) + bytesOf(value));
  }
  return [...sums].map(([scope, bytes]) => ({ scope, bytes })).sort((a, b) => b.bytes - a.bytes);
}

function leafBytes(graph: Graph) {
  const sum = (values: Iterable<Value>) => [...values].reduce((total, value) => total + bytesOf(value), 0);
  const constants = new Set(
    graph.nodes.flatMap((node) => node.inputs.filter((x) => x.source.kind === 'constant')),
  );
  return {
    inputBytes: sum(graph.inputs.values()),
    weightBytes: sum(graph.weights.values()),
    constantBytes: sum(constants),
  };
}
