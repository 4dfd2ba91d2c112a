/** What a graph costs to run: operations and bytes moved, and memory by a liveness walk over the nodes in execution order. */
import { bytesOf, type Graph, type Node } from '../ir/graph.ts';
import { opOf } from '../ops/functions.ts';
import { dequantisedBytes } from '../ops/primitives/dequantise.ts';
import { widenedBytes } from '../ops/primitives/widen.ts';
import { turnOf } from './layer-scopes.ts';
import { scheduled } from './schedule.ts';

/** Operations of one node, and bytes of all operands read and results written, as if nothing stayed in a cache. */
export function costOfNode(node: Node): { readonly flops: number; readonly bytes: number } {
  return { flops: opOf(node.op).flops(node.inputs, node.output, node.attrs), bytes: movedBytes(node) };
}

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

/** The largest sum of intermediate values alive at once in a part of a step; inputs, weights and constants are not counted. */
interface Peak {
  readonly bytes: number;
  /** Of them, what the head and its loss made. */
  readonly lossBytes: number;
  /** The node during which it is reached. */
  readonly node: Node | null;
}

interface Peaks {
  /** Up to the turn of the step (layer-scopes.ts), and after it; `highest` is that of the whole. */
  readonly turn: Peak;
  readonly after: Peak;
  readonly highest: Peak;
}

/** Walks `graph` in the `order` of execution. `donated` names outputs that are written into memory counted elsewhere. */
export function peaksOf(
  graph: Graph,
  donated: ReadonlySet<string> = new Set(),
  order: readonly Node[] = scheduled(graph),
): Peaks {
  const lives = livesOf(graph, order, donated);
  const [turn, after] = peaksWithin(lives, order).map((step): Peak => {
    let [bytes, lossBytes] = [0, 0];
    for (let i = 0; i < lives.count; i++) {
      if (lives.firsts[i]! > step || step > lives.lasts[i]!) continue;
      bytes += lives.bytes[i]!;
      if (isOfLoss(order[lives.firsts[i]!]!.scope)) lossBytes += lives.bytes[i]!;
    }
    return { bytes, lossBytes, node: order[step] ?? null };
  }) as [Peak, Peak];
  return { turn, after, highest: after.bytes > turn.bytes ? after : turn };
}

const LOSS = 'loss';
const isOfLoss = (scope: string): boolean => scope === LOSS || scope.startsWith(`${LOSS}.`);

/** Values with memory of their own, in the order in which they are made, each with its first and last step; an output lives to the end. */
interface Lives {
  readonly count: number;
  /** As many as `count`, and some unused room behind them. */
  readonly bytes: Float64Array;
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
}

/** The steps during which most is alive, up to the turn and after it; -1 where there is nothing. */
function peaksWithin(
  { count, bytes, firsts, lasts }: Lives,
  order: readonly Node[],
): [turn: number, after: number] {
  const steps = order.length;
  const change = new Float64Array(steps + 1);
  for (let i = 0; i < count; i++) {
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
  const bytes = new Float64Array(order.length);
  const [firsts, lasts] = [new Int32Array(order.length), new Int32Array(order.length)];
  let count = 0;
  for (let first = 0; first < order.length; first++) {
    const { output } = order[first]!;
    const { id } = output;
    if (roots[id] !== id || isOutside[id] === 1) continue;
    bytes[count] = bytesOf(output);
    firsts[count] = first;
    lasts[count++] = lastOf[id]!;
  }
  return { count, bytes, firsts, lasts };
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

/** Bytes of the frozen weights of `graph`. */
export function weightBytesOf({ weights }: Graph): number {
  return [...weights.values()].reduce((total, value) => total + bytesOf(value), 0);
}
