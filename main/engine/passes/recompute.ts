/**
 * Selective recomputation (Korthikanti et al. 2022): what is cheap to compute again from values that the backward pass
 * keeps anyway is not kept from the forward pass. The numbers are the same to the bit; no later pass may merge the copies.
 */
import { bytesOf, type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { after } from '../ops/functions.ts';
import { peaksOf } from './graph-cost.ts';
import { isBackward, layerOf } from './layer-scopes.ts';
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
  peakNode: Node | null = peaksOf(graph).highest.node,
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
    // the float16 is kept instead of the float32: half as much
    if (isWidenedValue(node) || node.inputs.every(isThere)) chosen.add(node);
    else if (node.op === 'narrow') {
      const maker = producer(node.inputs[0]!);
      // quantised weights are unpacked again rather than kept in float16
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

/** What a late node reads instead of `x`: the second computation of a chosen node, made at its first use. */
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

// Activation recompute (Chen et al. 2016): what the backward pass of a block needs of the forward pass is recomputed from the block's
// input. The copies depend on the gradient that comes into the block (`after`), so that nothing moves them back to the forward pass.

/**
 * What is recomputed: nothing, scores and probabilities of each attention, all that lies inside every third or every second block
 * and the attention of the others, or all that lies inside each block.
 */
export type Recompute = 'none' | 'attention' | 'third' | 'half' | 'block';

/** After how many layers one is treated as the first of them: with `third`, one of three is recomputed whole. */
export const PERIOD: Readonly<Record<Recompute, number>> = {
  none: 1,
  attention: 1,
  third: 3,
  half: 2,
  block: 1,
};

const NOTHING: ReadonlyMap<Value, number> = new Map();

/**
 * Whether all of a layer is recomputed; of the others attention alone is. They are counted from the last one, which is not among
 * every second or third: its backward pass begins when all the others still keep what they keep, so that nothing would be saved.
 */
function isWhole(what: Recompute, layer: number, layers: number): boolean {
  return what !== 'none' && what !== 'attention' && (layers - layer) % PERIOD[what] === 0;
}

/**
 * A copy of `graph`, a gradient step as it was written, in which each block computes its values again for the backward pass. It comes
 * before all other passes: executors then decompose the copies as they do the rest.
 */
export function recomputeBlocks(graph: Graph, what: Recompute): Graph {
  if (what === 'none') return graph;
  const inputs = what === 'attention' ? NOTHING : blockInputs(graph);
  const queries = what === 'block' ? NOTHING : queriesOf(graph);
  const layers = layersOf(graph);
  const isAgain = (layer: number) => isWhole(what, layer, layers);
  const isKept = (x: Value, layer: number) => (isAgain(layer) ? inputs : queries).get(x) === layer;
  const gradients = incomingGradients(graph);
  /** Values of the graph in the copy, and what the backward pass reads in their place, by layer. */
  const copies = new Map<Value, Value>();
  const seconds = new Map<number, Map<Value, Value>>(
    [...gradients.keys()].map((layer) => [layer, new Map()]),
  );

  return rewrite(graph, (node, operands, copy) => {
    node.inputs.forEach((x, i) => {
      copies.set(x, operands[i]!);
    });
    const layer = isBackward(node.scope) ? layerOf(node.scope) : null;
    const later =
      layer !== null && gradients.has(layer) ? node.inputs.map((x) => secondOf(x, layer)) : operands;
    const value = keep(node, later, copy);
    copies.set(node.output, value);
    return value;
  });

  function secondOf(x: Value, layer: number): Value {
    const ofLayer = seconds.get(layer)!;
    const known = ofLayer.get(x);
    if (known) return known;
    const made = isKept(x, layer) ? notBefore(x, layer) : isAgain(layer) ? again(x, layer) : null;
    const value = made ?? copies.get(x)!;
    ofLayer.set(x, value);
    return value;
  }

  function notBefore(x: Value, layer: number): Value {
    return after(copies.get(x)!, copies.get(gradients.get(layer)!)!);
  }

  /** Null for what lies outside of the layer, and for what is the same in all layers, such as a part of the mask. */
  function again(x: Value, layer: number): Value | null {
    const node = producer(x);
    if (!node || isBackward(node.scope) || layerOf(node.scope) !== layer) return null;
    const first = producer(copies.get(x)!)!;
    const operands = node.inputs.map((input) => secondOf(input, layer));
    if (operands.every((operand, i) => operand === first.inputs[i])) return null;
    return copyOf(node, operands);
  }
}

/** A node of the forward pass once more, in the backward pass. */
function copyOf(node: Node, operands: readonly Value[]): Value {
  const { graph } = operands[0]!;
  return graph.scoped(`${node.scope}'`, () => keep(node, operands, graph));
}

function layersOf({ nodes }: Graph): number {
  return nodes.reduce((most, { scope }) => Math.max(most, (layerOf(scope) ?? -1) + 1), 0);
}

/** What comes into a block from outside and is read by no other: the hidden states, with the block's number. */
function blockInputs(graph: Graph): ReadonlyMap<Value, number> {
  const readers = new Map<Value, Set<number>>();
  for (const { scope, inputs } of graph.nodes) {
    const layer = layerOf(scope);
    if (layer === null || isBackward(scope)) continue;
    for (const x of inputs) readers.set(x, (readers.get(x) ?? new Set()).add(layer));
  }
  const found = new Map<Value, number>();
  for (const [value, layers] of readers) {
    const [layer] = layers;
    const node = producer(value);
    if (node && layers.size === 1 && layerOf(node.scope) !== layer) found.set(value, layer!);
  }
  return found;
}

const ATTENTIONS = new Set(['attention', 'longAttention']);

/** The queries of each attention with its layer. Its gradient computes the probabilities from them (ops/fused/attention.ts). */
function queriesOf(graph: Graph): ReadonlyMap<Value, number> {
  const found = new Map<Value, number>();
  for (const { op, scope, inputs } of graph.nodes) {
    const layer = layerOf(scope);
    if (ATTENTIONS.has(op) && layer !== null && !isBackward(scope)) found.set(inputs[0]!, layer);
  }
  return found;
}

/** For each layer with a backward pass the gradient that comes into it. */
function incomingGradients(graph: Graph): ReadonlyMap<number, Value> {
  const found = new Map<number, Value>();
  const backward = new Set<Value>();
  for (const { scope, inputs, output } of graph.nodes) {
    if (!isBackward(scope) && !inputs.some((x) => backward.has(x))) continue;
    backward.add(output);
    const layer = layerOf(scope);
    if (layer === null || found.has(layer)) continue;
    const incoming = inputs.find((x) => backward.has(x) && layerOf(producer(x)!.scope) !== layer);
    if (incoming) found.set(layer, incoming);
  }
  return found;
}
