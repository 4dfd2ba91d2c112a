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
]);
const SMALLEST_BYTES = 1 << 16;

/** A copy of `graph` in which cheap values that span the peak of memory, at `peakNode`, are computed twice instead of kept. */
export function recompute(graph: Graph, peakNode: Node | null = memoryOf(graph).peakNode): Graph {
  if (!peakNode) return graph;
  const position = new Map(scheduled(graph).map((node, i) => [node, i]));
  const peak = position.get(peakNode)!;
  const isLate = (node: Node) => (position.get(node) ?? 0) > peak;
  const chosen = choose(graph, isLate);
  if (chosen.size === 0) return graph;
  const again = new Map<Node, Value>();
  const firsts = new Map<Value, Value>();
  return rewrite(graph, (node, inputs, copy) => {
    if (!isLate(node)) {
      const value = keep(node, inputs, copy);
      firsts.set(node.output, value);
      return value;
    }
    const operands = node.inputs.map((x, i) => secondOf(x, inputs[i]!, chosen, again, firsts, copy));
    return keep(node, operands, copy);
  });
}

/** Nodes before the peak that are used after it and whose operands will be there (or be recomputed) when they are. */
function choose(graph: Graph, isLate: (node: Node) => boolean): ReadonlySet<Node> {
  const usedLate = new Set(graph.nodes.filter(isLate).flatMap((node) => node.inputs));
  const outputs = new Set(graph.outputs.values());
  const chosen = new Set<Node>();
  for (const node of graph.nodes) {
    const value = node.output;
    if (isLate(node) || !CHEAP.has(node.op) || !usedLate.has(value)) continue;
    if (outputs.has(value) || bytesOf(value) < SMALLEST_BYTES) continue;
    if (node.inputs.every((x) => isThereLate(x, usedLate, chosen))) chosen.add(node);
  }
  return chosen;
}

function isThereLate(x: Value, usedLate: ReadonlySet<Value>, chosen: ReadonlySet<Node>): boolean {
  const node = producer(x);
  if (node === null || usedLate.has(x) || isWidenedWeight(node)) return true;
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
  firsts: ReadonlyMap<Value, Value>,
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
function firstOperand(node: Node, i: number, firsts: ReadonlyMap<Value, Value>): Value {
  const first = producer(firsts.get(node.output)!)!;
  return first.inputs[i]!;
}
