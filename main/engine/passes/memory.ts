/** How much memory a graph needs while it runs: a liveness walk over the nodes in execution order. */
import { bytesOf, type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { scheduled } from './schedule.ts';
import { turnOf } from './turn.ts';

/** Operations whose result shares its operand's memory. */
const VIEWS = new Set(['reshape']);

/** The largest sum of values alive at once in a part of a step. */
export interface Peak {
  readonly bytes: number;
  /** The node during which it is reached. */
  readonly node: Node | null;
  /** What is alive then, by the outermost scope that made it, largest first. */
  readonly values: readonly { readonly scope: string; readonly bytes: number }[];
}

export interface MemoryProfile {
  /** Largest sum of live intermediate values, in bytes; inputs, weights, constants and donated outputs not counted. */
  readonly peakBytes: number;
  /** The node during which the peak is reached. */
  readonly peakNode: Node | null;
  /** What was alive at the peak, by the outermost scope that made it, largest first. */
  readonly atPeak: Peak['values'];
  /** The peak up to the turn of the step (turn.ts), and the one after it; the larger one is that of the whole. */
  readonly turn: Peak;
  readonly after: Peak;
  /** Bytes of fed inputs, frozen weights and constants. */
  readonly inputBytes: number;
  readonly weightBytes: number;
  readonly constantBytes: number;
}

/** Walks `graph` in execution order. `donated` names outputs that are written into memory counted elsewhere. */
export function memoryOf(
  graph: Graph,
  donated: ReadonlySet<string> = new Set(),
  order: readonly Node[] = scheduled(graph),
): MemoryProfile {
  const lives = livesOf(graph, order, donated);
  const alive = new Float64Array(order.length + 1);
  for (const { value, first, last } of lives) {
    const bytes = bytesOf(value);
    alive[first]! += bytes;
    if (last < order.length) alive[last + 1]! -= bytes;
  }
  for (let step = 1; step < alive.length; step++) alive[step]! += alive[step - 1]!;
  const end = turnOf(order.map(({ scope }) => scope)) + 1;
  const peakWithin = (from: number, to: number): Peak => {
    let [bytes, at] = [0, -1];
    for (let step = from; step < to; step++) if (alive[step]! > bytes) [bytes, at] = [alive[step]!, step];
    const there = lives.filter(({ first, last }) => first <= at && at <= last).map(({ value }) => value);
    return { bytes, node: order[at] ?? null, values: byScope(there) };
  };
  const [turn, after] = [peakWithin(0, end), peakWithin(end, order.length)];
  const { bytes: peakBytes, node: peakNode, values: atPeak } = after.bytes > turn.bytes ? after : turn;
  return { peakBytes, peakNode, atPeak, turn, after, ...leafBytes(graph) };
}

/** From which to which step a value is alive; to infinity where it is an output. */
interface Life {
  readonly value: Value;
  readonly first: number;
  readonly last: number;
}

/** The values that take memory of their own in this graph. */
function livesOf(graph: Graph, order: readonly Node[], donated: ReadonlySet<string>): Life[] {
  const roots = viewRoots(graph);
  const rootOf = (value: Value) => roots[value.id] ?? value;
  const outputs = [...graph.outputs].map(([name, value]) => ({
    value: rootOf(value),
    away: donated.has(name),
  }));
  const outside = new Set(outputs.filter(({ away }) => away).map(({ value }) => value));
  const last = new Float64Array(graph.idCount);
  order.forEach((node, step) => {
    last[rootOf(node.output).id] = step;
    for (const x of node.inputs) last[rootOf(x).id] = step;
  });
  for (const { value, away } of outputs) if (!away) last[value.id] = Number.POSITIVE_INFINITY;
  const lives: Life[] = [];
  order.forEach(({ output: value }, first) => {
    if (!roots[value.id] && !outside.has(value)) lives.push({ value, first, last: last[value.id]! });
  });
  return lives;
}

/** For each view, by its id, the value whose memory it shares. */
function viewRoots(graph: Graph): readonly (Value | undefined)[] {
  const roots: (Value | undefined)[] = new Array(graph.idCount).fill(undefined);
  for (const { op, inputs, output } of graph.nodes) {
    const x = inputs[0];
    if (x && VIEWS.has(op)) roots[output.id] = roots[x.id] ?? x;
  }
  return roots;
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
  const constants = new Set<Value>();
  for (const { inputs } of graph.nodes)
    for (const x of inputs) if (x.source.kind === 'constant') constants.add(x);
  return {
    inputBytes: sum(graph.inputs.values()),
    weightBytes: sum(graph.weights.values()),
    constantBytes: sum(constants),
  };
}
