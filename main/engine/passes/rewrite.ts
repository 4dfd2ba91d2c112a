/** The frame of all passes: copies a graph node by node, giving each pass the choice to put something else in place. */
import { internal } from '../../errors.ts';
import { Graph, type Node, type Value } from '../ir/graph.ts';

/** Gives the replacement of `node`, whose operands are already in the new graph; null keeps the node as it is. */
export type Rule = (node: Node, inputs: readonly Value[], graph: Graph) => Value | null;

/** A copy of `graph` with `rule` applied to every node that an output needs. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const copy = new Graph();
  const mapped = new Map<Value, Value>();
  for (const [name, value] of graph.inputs) mapped.set(value, copy.input(name, value.dtype, value.shape));
  const needed = reachable(graph);
  for (const node of graph.nodes) {
    if (!needed.has(node.output)) continue;
    const inputs = node.inputs.map((x) => copyLeaf(copy, mapped, x));
    mapped.set(
      node.output,
      copy.scoped(node.scope, () => rule(node, inputs, copy) ?? keep(node, inputs, copy)),
    );
  }
  for (const [name, value] of graph.outputs) copy.output(name, copyLeaf(copy, mapped, value));
  return copy;
}

/** Appends `node` unchanged, with other operands. */
export function keep(node: Node, inputs: readonly Value[], graph: Graph): Value {
  return graph.append(node.op, inputs, node.attrs, node.output.dtype, node.output.shape);
}

/** `value` in the new graph; weights and constants are copied at their first use. */
export function copyLeaf(copy: Graph, mapped: Map<Value, Value>, value: Value): Value {
  const known = mapped.get(value);
  if (known) return known;
  const { source } = value;
  const made =
    source.kind === 'weight'
      ? copy.weight(source.name, value.shape, value.dtype)
      : source.kind === 'constant'
        ? copy.constant(value.dtype, value.shape, source.data)
        : null;
  if (!made) throw internal(`value %${value.id} was not copied before its use`);
  mapped.set(value, made);
  return made;
}

/** Every value that the outputs depend on. */
export function reachable(graph: Graph): ReadonlySet<Value> {
  const seen = new Set<Value>();
  const stack = [...graph.outputs.values()];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.source.kind === 'node') stack.push(...value.source.node.inputs);
  }
  return seen;
}
