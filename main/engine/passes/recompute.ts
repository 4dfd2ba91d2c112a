/**
 * Selective recomputation (Korthikanti et al. 2022): what is cheap to compute again from values that the backward pass
 * keeps anyway is not kept from the forward pass. The numbers are the same to the bit; no later pass may merge the copies.
 */
import { bytesOf, type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { memoryOf } from './memory.ts';
import { keep, rewrite } from './rewrite.ts';
import { scheduled } from './schedule.ts';

/** Operations whose cost is a pass or two over their operands. */
const CHEAP: ReadonlySet<string> = new Set([
  'silu',
  'gelu',
  'geluTanh',
  'relu',
  'mul',
  'rmsNorm',
  'layerNorm',
  'transpose',
  'narrow',
]);
const SMALLEST_BYTES = 1 << 16;

/**
 * A copy of `graph` in which cheap values that span the peak of memory, at `peakNode`, are computed twice instead of kept. `order` is
 * that of execution.
 */
export function recompute(
  graph: Graph,
  peakNode: Node | null = memoryOf(graph).peakNode,
  order: readonly Node[] = scheduled(graph),
): Graph {
  if (!peakNode) return graph;
  /** By the ids of results: 1 for what is computed after the peak. */
  const late = new Uint8Array(graph.idCount);
  for (let i = order.indexOf(peakNode) + 1; i < order.length; i++) late[order[i]!.output.id] = 1;
  const isLate = ({ output }: Node) => late[output.id] === 1;
  const chosen = choose(graph, isLate);
  if (chosen.size === 0) return graph;
  const again = new Map<Node, Value>();
  /** First computations in the new graph, by the ids of their originals. */
  const firsts: (Value | undefined)[] = new Array(graph.idCount).fill(undefined);
  return rewrite(graph, (node, inputs, copy) => {
    if (!isLate(node)) {
      const value = keep(node, inputs, copy);
      firsts[node.output.id] = value;
      return value;
    }
    const operands = node.inputs.map((x, i) => secondOf(x, inputs[i]!, chosen, again, firsts, copy));
    return keep(node, operands, copy);
  });
}

/** Nodes before the peak that are used after it and whose operands will be there (or be recomputed) when they are. */
function choose(graph: Graph, isLate: (node: Node) => boolean): ReadonlySet<Node> {
  const usedLate = new Uint8Array(graph.idCount);
  for (const node of graph.nodes) if (isLate(node)) for (const { id } of node.inputs) usedLate[id] = 1;
  const outputs = new Set(graph.outputs.values());
  const chosen = new Set<Node>();
  for (const node of graph.nodes) {
    const value = node.output;
    if (usedLate[value.id] === 0 || !(CHEAP.has(node.op) || isWidenedValue(node)) || isLate(node)) continue;
    if (outputs.has(value) || bytesOf(value) < SMALLEST_BYTES) continue;
    const isThere = (x: Value) => isThereLate(x, usedLate, chosen);
    // the float16 is kept in place of the float32: half as much
    if (isWidenedValue(node) || node.inputs.every(isThere)) chosen.add(node);
    else if (node.op === 'narrow') {
      const maker = producer(node.inputs[0]!);
      // rounded weights are unpacked again rather than kept in float16
      const isMade = maker && (CHEAP.has(maker.op) || maker.op === 'dequantise');
      if (isMade && maker.inputs.every(isThere)) chosen.add(maker).add(node);
    }
  }
  return chosen;
}

/** What a product or a move in float16 has given (half-precision.ts). */
function isWidenedValue({ op, inputs }: Node): boolean {
  const maker = op === 'widen' ? producer(inputs[0]!) : null;
  return maker !== null && maker.op !== 'gather';
}

function isThereLate(x: Value, usedLate: Uint8Array, chosen: ReadonlySet<Node>): boolean {
  const node = producer(x);
  if (node === null || usedLate[x.id] === 1 || isWidenedWeight(node)) return true;
  return node.op === 'reshape' ? isThereLate(node.inputs[0]!, usedLate, chosen) : chosen.has(node);
}

/** A norm's weights that rest in 16 bits: a few kilobytes, which may as well be kept. */
const isWidenedWeight = ({ op, inputs }: Node): boolean => op === 'widen' && producer(inputs[0]!) === null;

/** What a late node reads in place of `x`: the second computation of a chosen node, made at its first use. */
function secondOf(
  x: Value,
  mapped: Value,
  chosen: ReadonlySet<Node>,
  again: Map<Node, Value>,
  firsts: readonly (Value | undefined)[],
  copy: Graph,
): Value {
  const node = producer(x);
  if (!node || !(chosen.has(node) || isViewOfChosen(node, chosen))) return mapped;
  const known = again.get(node);
  if (known) return known;
  const operands = node.inputs.map((input, i) =>
    secondOf(input, firstOperand(node, i, firsts), chosen, again, firsts, copy),
  );
  const value = copy.scoped(`${node.scope}'`, () => keep(node, operands, copy));
  again.set(node, value);
  return value;
}

function isViewOfChosen(node: Node, chosen: ReadonlySet<Node>): boolean {
  if (node.op !== 'reshape') return false;
  const inner = producer(node.inputs[0]!);
  return inner !== null && (chosen.has(inner) || isViewOfChosen(inner, chosen));
}

/** Operand `i` of the first computation of `node`, in the new graph. */
function firstOperand(node: Node, i: number, firsts: readonly (Value | undefined)[]): Value {
  const first = producer(firsts[node.output.id]!)!;
  return first.inputs[i]!;
}
