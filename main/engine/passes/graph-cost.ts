/** What a graph costs to run: operations and bytes moved, and memory by a liveness walk over the nodes in execution order. */
import { bytesOf, type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { opOf } from '../ops/functions.ts';
import { dequantisedBytes } from '../ops/primitives/dequantise.ts';
import { widenedBytes } from '../ops/primitives/widen.ts';
import { turnOf } from './layer-scopes.ts';
import { scheduled } from './schedule.ts';

export interface Cost {
  readonly count: number;
  readonly flops: number;
  /** Bytes of all operands read and results written, as if nothing stayed in a cache. */
  readonly bytes: number;
}

type Sum = { -readonly [Name in keyof Cost]: Cost[Name] };

/** Cost of `graph` by operation name, and under `total`. */
export function costOf(graph: Graph): { readonly total: Cost; readonly byOp: ReadonlyMap<string, Cost> } {
  const byOp = new Map<string, Sum>();
  const total = { count: 0, flops: 0, bytes: 0 };
  for (const node of graph.nodes) {
    const { flops, bytes } = costOfNode(node);
    const ofOp = byOp.get(node.op) ?? { count: 0, flops: 0, bytes: 0 };
    byOp.set(node.op, ofOp);
    for (const sum of [ofOp, total]) {
      sum.count++;
      sum.flops += flops;
      sum.bytes += bytes;
    }
  }
  return { total, byOp };
}

/** Operations and moved bytes of one node. */
export function costOfNode(node: Node): Omit<Cost, 'count'> {
  return { flops: opOf(node.op).flops(node.inputs, node.output, node.attrs), bytes: movedBytes(node) };
}

/** The total of `costOf` alone that a plan asks for. */
export function flopsOf({ nodes }: Graph): number {
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    const { op, inputs, output, attrs } = nodes[i]!;
    sum += opOf(op).flops(inputs, output, attrs);
  }
  return sum;
}

function movedBytes({ op, inputs, output, attrs }: Node): number {
  if (op === 'reshape') return 0;
  if (op === 'dequantise') return dequantisedBytes(output.shape, attrs.type);
  if (op === 'widen') return widenedBytes(output.shape);
  return inputs.reduce((sum, x) => sum + bytesOf(x), bytesOf(output));
}

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

interface MemoryProfile {
  /** Largest sum of live intermediate values, in bytes; inputs, weights, constants and donated outputs not counted. */
  readonly peakBytes: number;
  /** The node during which the peak is reached. */
  readonly peakNode: Node | null;
  /** What was alive at the peak, by the outermost scope that made it, largest first. */
  readonly atPeak: Peak['values'];
  /** The peak up to the turn of the step (layer-scopes.ts), and the one after it; the larger one is that of the whole. */
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
  const [turn, after] = peaksWithin(lives, order).map((step): Peak => {
    const values: Value[] = [];
    lives.values.forEach((value, i) => {
      if (isAlive(lives, i, step)) values.push(value);
    });
    const scopes = byScope(values);
    return { bytes: bytesOfAll(values), node: order[step] ?? null, values: scopes };
  }) as [Peak, Peak];
  const { bytes: peakBytes, node: peakNode, values: atPeak } = after.bytes > turn.bytes ? after : turn;
  return { peakBytes, peakNode, atPeak, turn, after, ...leafBytes(graph) };
}

/** A peak as a price needs it: its bytes, those of them that the head and its loss made, and the node during which it is reached. */
export interface ShortPeak {
  readonly bytes: number;
  readonly lossBytes: number;
  readonly node: Node | null;
}

/** The two peaks of `memoryOf` alone: a plan asks for those of hundreds of graphs. */
export function peaksOf(
  graph: Graph,
  donated: ReadonlySet<string>,
  order: readonly Node[],
): { readonly turn: ShortPeak; readonly after: ShortPeak } {
  const lives = livesOf(graph, order, donated);
  const [turn, after] = peaksWithin(lives, order).map((step): ShortPeak => {
    let [bytes, lossBytes] = [0, 0];
    for (let i = 0; i < lives.values.length; i++) {
      if (!isAlive(lives, i, step)) continue;
      bytes += lives.bytes[i]!;
      if (isOfLoss(order[lives.firsts[i]!]!.scope)) lossBytes += lives.bytes[i]!;
    }
    return { bytes, lossBytes, node: order[step] ?? null };
  }) as [ShortPeak, ShortPeak];
  return { turn, after };
}

const LOSS = 'loss';
const isOfLoss = (scope: string): boolean => scope === LOSS || scope.startsWith(`${LOSS}.`);

/** The values that take memory of their own, in the order in which they are made, each with the steps from which to which it is alive: to the number of steps where it is an output. */
interface Lives {
  readonly values: readonly Value[];
  /** As many as there are values, and some unused room behind them. */
  readonly bytes: Float64Array;
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
}

const isAlive = ({ firsts, lasts }: Lives, i: number, step: number): boolean =>
  firsts[i]! <= step && step <= lasts[i]!;

/** The steps during which most is alive, up to the turn and after it; -1 where there is nothing. */
function peaksWithin(
  { values, bytes, firsts, lasts }: Lives,
  order: readonly Node[],
): [turn: number, after: number] {
  const steps = order.length;
  const change = new Float64Array(steps + 1);
  for (let i = 0; i < values.length; i++) {
    change[firsts[i]!]! += bytes[i]!;
    if (lasts[i]! < steps) change[lasts[i]! + 1]! -= bytes[i]!;
  }
  const turn = turnOf(order.map(({ scope }) => scope));
  let [now, most, mostAfter, at, atAfter] = [0, 0, 0, -1, -1];
  for (let step = 0; step < steps; step++) {
    now += change[step]!;
    if (step <= turn) {
      if (now <= most) continue;
      most = now;
      at = step;
    } else if (now > mostAfter) {
      mostAfter = now;
      atAfter = step;
    }
  }
  return [at, atAfter];
}

function livesOf(graph: Graph, order: readonly Node[], donated: ReadonlySet<string>): Lives {
  const roots = viewRoots(graph);
  const lastOf = new Int32Array(graph.idCount);
  for (let step = 0; step < order.length; step++) {
    const { inputs, output } = order[step]!;
    lastOf[roots[output.id]!] = step;
    for (let i = 0; i < inputs.length; i++) lastOf[roots[inputs[i]!.id]!] = step;
  }
  const isOutside = new Uint8Array(graph.idCount);
  for (const [name, { id }] of graph.outputs)
    if (donated.has(name)) isOutside[roots[id]!] = 1;
    else lastOf[roots[id]!] = order.length;
  const values: Value[] = [];
  const bytes = new Float64Array(order.length);
  const [firsts, lasts] = [new Int32Array(order.length), new Int32Array(order.length)];
  for (let first = 0; first < order.length; first++) {
    const { output } = order[first]!;
    const { id } = output;
    if (roots[id] !== id || isOutside[id] === 1) continue;
    const i = values.push(output) - 1;
    bytes[i] = bytesOf(output);
    firsts[i] = first;
    lasts[i] = lastOf[id]!;
  }
  return { values, bytes, firsts, lasts };
}

/** For each value, by its id, the id of that whose memory it has: its own where it is no view. */
function viewRoots(graph: Graph): Int32Array {
  const roots = new Int32Array(graph.idCount);
  for (let id = 0; id < roots.length; id++) roots[id] = id;
  for (let i = 0; i < graph.nodes.length; i++) {
    const { op, inputs, output } = graph.nodes[i]!;
    const x = inputs[0];
    if (x && VIEWS.has(op)) roots[output.id] = roots[x.id]!;
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

const bytesOfAll = (values: Iterable<Value>): number =>
  [...values].reduce((total, value) => total + bytesOf(value), 0);

/** Bytes of the frozen weights of `graph`. */
export function weightBytesOf({ weights }: Graph): number {
  return bytesOfAll(weights.values());
}

function leafBytes(graph: Graph) {
  const constants = new Set<Value>();
  for (const { inputs } of graph.nodes)
    for (const x of inputs) if (x.source.kind === 'constant') constants.add(x);
  return {
    inputBytes: bytesOfAll(graph.inputs.values()),
    weightBytes: weightBytesOf(graph),
    constantBytes: bytesOfAll(constants),
  };
}
