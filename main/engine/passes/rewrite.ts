/** The frame of all passes: copies a graph node by node, giving each pass the choice to put something else in place. */
import { internal } from '../../../common/errors.ts';
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
