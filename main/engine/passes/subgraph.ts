/** A part of a graph as a graph of its own: what lies between values that are known by then and those that are wanted. */
import { internal } from '../../../common/errors.ts';
import { Graph, producer, type Value } from '../ir/graph.ts';
import { layerOf } from './layer-scopes.ts';
import { keep } from './rewrite.ts';

export interface Piece {
  readonly graph: Graph;
  /** The value of the whole graph in the piece; null where the piece has no need of it. */
  find(value: Value): Value | null;
  /** The same for a value that must be there. */
  at(value: Value): Value;
}

/**
 * The nodes that `wanted` needs beside `known`, values that become inputs of the names given with them. Inputs of the whole keep theirs, or
 * have what `rename` makes of them. Nothing is an output yet.
 */
export function pieceOf(
  graph: Graph,
  wanted: readonly Value[],
  known: ReadonlyMap<Value, string>,
  rename: (input: string) => string = (input) => input,
): Piece {
  const piece = new Graph();
  const values = new Map<Value, Value>();
  const needed = neededFor(graph, wanted, known);
  const leaf = (value: Value): Value => {
    const { dtype, shape, source } = value;
    const name = known.get(value);
    if (name !== undefined) return piece.input(name, dtype, shape);
    if (source.kind === 'input') return piece.input(rename(source.name), dtype, shape);
    if (source.kind === 'weight') return piece.weight(source.name, shape, dtype);
    if (source.kind === 'constant') return piece.constant(dtype, shape, source.data);
    throw internal(`value %${value.id} is used before it is made`);
  };
  const at = (value: Value): Value => {
    const known = values.get(value) ?? leaf(value);
    values.set(value, known);
    return known;
  };
  for (const node of graph.nodes) {
    if (!needed.has(node.output) || known.has(node.output)) continue;
    const inputs = node.inputs.map(at);
    values.set(
      node.output,
      piece.scoped(node.scope, () => keep(node, inputs, piece)),
    );
  }
  wanted.forEach(at);
  return { graph: piece, at, find: (value) => values.get(value) ?? null };
}

/** `graph` with the inputs alone that its outputs need. */
export function trimmed(graph: Graph): Graph {
  const piece = pieceOf(graph, [...graph.outputs.values()], new Map());
  for (const [name, value] of graph.outputs) piece.graph.output(name, piece.at(value));
  return piece.graph;
}

function neededFor(
  graph: Graph,
  wanted: readonly Value[],
  known: ReadonlyMap<Value, string>,
): ReadonlySet<Value> {
  const needed = new Set(wanted);
  // operands come before what uses them
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { output, inputs } = graph.nodes[i]!;
    if (needed.has(output) && !known.has(output)) for (const x of inputs) needed.add(x);
  }
  return needed;
}

interface LayerBorders {
  /** What comes into each layer, the lowest first, and at the end what comes out of the last one. */
  readonly hidden: readonly Value[];
  /** What layers read besides and that is made for all of them at once, such as masks. */
  readonly shared: readonly Value[];
}

/**
 * The borders of the layers of `graph`, which has no backward pass. A hidden state is what depends on `trained` values and comes from
 * outside of the layer; each layer must have one.
 */
export function layerBorders(graph: Graph, trained: Iterable<Value>): LayerBorders {
  const depends = new Set<Value>(trained);
  const into = new Map<number, Set<Value>>();
  const shared = new Set<Value>();
  const out = new Set<Value>();
  for (const { scope, inputs, output } of graph.nodes) {
    if (inputs.some((x) => depends.has(x))) depends.add(output);
    const layer = layerOf(scope);
    for (const x of inputs) {
      const from = producer(x);
      if (!from || layerOf(from.scope) === layer) continue;
      if (layer === null) out.add(x);
      else if (depends.has(x)) into.set(layer, (into.get(layer) ?? new Set()).add(x));
      else shared.add(x);
    }
  }
  const borders = [...into].sort(([a], [b]) => a - b).map(([, values]) => values);
  return { hidden: [...borders, out].map(onlyOne), shared: [...shared] };
}

function onlyOne(values: ReadonlySet<Value>, layer: number): Value {
  const [value] = values;
  if (values.size !== 1 || !value)
    throw internal(`${values.size} values that training changes cross the border before layer ${layer}`);
  return value;
}
