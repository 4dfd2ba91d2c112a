/** The frame of all passes: copies a graph node by node, giving each pass the choice to put something else in place. */
import { internal } from '../../errors.ts';
import { Graph, type Node, type Value } from '../ir/graph.ts';

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
  for (node of graph.nodes) {
    if (needed[node.output.id] === 0) continue;
    inputs = node.inputs.map((x) => mapped[x.id] ?? copyLeaf(copy, mapped, x));
    mapped[node.output.id] = copy.scoped(node.scope, build);
  }
  for (const [name, value] of graph.outputs) copy.output(name, copyLeaf(copy, mapped, value));
  return copy;
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
    if (needed[output.id] === 1) for (const { id } of inputs) needed[id] = 1;
  }
  return needed;
}
