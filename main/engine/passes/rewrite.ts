/**
 * The frame of all passes: a graph copied node by node, each pass having the choice to put something else in place, and a part of a graph
 * copied as one of its own.
 */
import { internal } from '../../../common/errors.ts';
import { Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { layerOf } from './layer-scopes.ts';

/** Gives the replacement of `node`, whose operands are already in the new graph; null keeps the node as it is. */
export type Rule = (node: Node, inputs: readonly Value[], graph: Graph) => Value | null;

/** Values of a graph in its copy, by their ids. */
export type Mapped = (Value | undefined)[];

/** A copy of `graph` with `rule` applied to every node that an output needs. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const copy = new Graph();
  const mapped = copyOfInputs(graph, copy);
  const needed = neededBy(graph);
  let [node, inputs]: [Node, readonly Value[]] = [graph.nodes[0]!, []];
  const build = () => rule(node, inputs, copy) ?? keep(node, inputs, copy);
  for (let i = 0; i < graph.nodes.length; i++) {
    node = graph.nodes[i]!;
    if (needed[node.output.id] === 0) continue;
    inputs = operandsIn(copy, mapped, node);
    mapped[node.output.id] = copy.scoped(node.scope, build);
  }
  for (const [name, value] of graph.outputs) copy.output(name, copyLeaf(copy, mapped, value));
  return copy;
}

/** Takes the nodes and weights that no output needs out of `graph` itself, which nobody else has seen yet, and gives it back. */
export function withoutUnneeded(graph: Graph): Graph {
  const needed = neededBy(graph);
  const { nodes, weights } = graph;
  let kept = 0;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    if (needed[node.output.id] === 1) nodes[kept++] = node;
  }
  nodes.length = kept;
  for (const [name, { id }] of weights) if (needed[id] === 0) weights.delete(name);
  return graph;
}

/** The operands of `node` in the new graph. */
function operandsIn(copy: Graph, mapped: Mapped, { inputs }: Node): Value[] {
  const operands: Value[] = new Array(inputs.length);
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]!;
    operands[i] = mapped[x.id] ?? copyLeaf(copy, mapped, x);
  }
  return operands;
}

/** Gives `copy` the inputs of `graph`. */
export function copyOfInputs(graph: Graph, copy: Graph): Mapped {
  const mapped: Mapped = new Array(graph.idCount).fill(undefined);
  for (const [name, { id, dtype, shape }] of graph.inputs) mapped[id] = copy.input(name, dtype, shape);
  return mapped;
}

/** Appends `node` unchanged, with other operands. */
export function keep(node: Node, inputs: readonly Value[], graph: Graph): Value {
  return graph.append(node.op, inputs, node.attrs, node.output.dtype, node.output.shape);
}

/** `value` in the new graph; weights and constants are copied at their first use. */
export function copyLeaf(copy: Graph, mapped: Mapped, value: Value): Value {
  const known = mapped[value.id];
  if (known) return known;
  const { source } = value;
  const made =
    source.kind === 'weight'
      ? copy.weight(source.name, value.shape, value.dtype)
      : source.kind === 'constant'
        ? copy.constant(value.dtype, value.shape, source.data)
        : null;
  if (!made) throw internal(`value %${value.id} was not copied before its use`);
  mapped[value.id] = made;
  return made;
}

/** 1 for the id of every value that the outputs depend on. */
export function neededBy(graph: Graph): Uint8Array {
  const needed = new Uint8Array(graph.idCount);
  for (const { id } of graph.outputs.values()) needed[id] = 1;
  // operands come before what uses them
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { output, inputs } = graph.nodes[i]!;
    if (needed[output.id] === 1) for (let x = 0; x < inputs.length; x++) needed[inputs[x]!.id] = 1;
  }
  return needed;
}

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
