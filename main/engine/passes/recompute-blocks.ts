/**
 * Activation recompute (Chen et al. 2016), also called gradient checkpointing: what the way back through a block needs of the way
 * there is not kept but computed again, from the block's input, once the gradient has come down to the block. The copies hang on
 * that gradient (`after`), so neither `dedupe` nor the order of execution moves them back to the way there. They are the same
 * operations on the same operands, and dropout draws the same numbers from its seed, so gradients do not change.
 */
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { after } from '../ops/functions.ts';
import { keep, rewrite } from './rewrite.ts';
import { isWayBack, layerOf } from './turn.ts';

/**
 * What is computed again: nothing, scores and probabilities of each attention, all that lies inside every third or every second block
 * and the attention of the others, or all that lies inside each block.
 */
export type Recompute = 'none' | 'attention' | 'third' | 'half' | 'block';

/** After how many layers one is treated as the first of them: with `third`, one of three is computed again whole. */
export const PERIOD: Readonly<Record<Recompute, number>> = {
  ...{ none: 1, attention: 1, third: 3, half: 2, block: 1 },
};

const NOTHING: ReadonlyMap<Value, number> = new Map();

/**
 * Whether all of a layer is computed again; of the others attention alone is. They are counted from the last one, which is not among
 * every second or third: its way back begins when all the others still keep what they keep, so that nothing would be saved by it.
 */
function isWhole(what: Recompute, layer: number, layers: number): boolean {
  return what !== 'none' && what !== 'attention' && (layers - layer) % PERIOD[what] === 0;
}

/**
 * A copy of `graph`, a gradient step as it was written, in which each block computes its values again on the way back. It comes
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
  /** Values of the graph in the copy, and what the way back reads in their place, by layer. */
  const copies = new Map<Value, Value>();
  const seconds = new Map<number, Map<Value, Value>>(
    [...gradients.keys()].map((layer) => [layer, new Map()]),
  );

  return rewrite(graph, (node, operands, copy) => {
    node.inputs.forEach((x, i) => {
      copies.set(x, operands[i]!);
    });
    const layer = isWayBack(node.scope) ? layerOf(node.scope) : null;
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
    if (!node || isWayBack(node.scope) || layerOf(node.scope) !== layer) return null;
    const first = producer(copies.get(x)!)!;
    const operands = node.inputs.map((input) => secondOf(input, layer));
    if (operands.every((operand, i) => operand === first.inputs[i])) return null;
    return copyOf(node, operands);
  }
}

/** A node of the way there once more, on the way back. */
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
    if (layer === null || isWayBack(scope)) continue;
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
    if (ATTENTIONS.has(op) && layer !== null && !isWayBack(scope)) found.set(inputs[0]!, layer);
  }
  return found;
}

/** For each layer with a way back the gradient that comes into it: what its first node there takes from outside. */
function incomingGradients(graph: Graph): ReadonlyMap<number, Value> {
  const found = new Map<number, Value>();
  const back = new Set<Value>();
  for (const { scope, inputs, output } of graph.nodes) {
    if (!isWayBack(scope) && !inputs.some((x) => back.has(x))) continue;
    back.add(output);
    const layer = layerOf(scope);
    if (layer === null || found.has(layer)) continue;
    const incoming = inputs.find((x) => back.has(x) && layerOf(producer(x)!.scope) !== layer);
    if (incoming) found.set(layer, incoming);
  }
  return found;
}
