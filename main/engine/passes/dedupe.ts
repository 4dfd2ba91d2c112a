/** Common-subexpression elimination: nodes with the same operation, attributes and operands become one. */
import { type Graph, type Node, scalarOf, type Value } from '../ir/graph.ts';
import { keep, rewrite } from './rewrite.ts';

/** A copy of `graph` in which no value is computed twice. Values with different consumers far apart then live longer. */
export function dedupe(graph: Graph): Graph {
  const seen = new Map<string, Value>();
  const scalars = new Map<string, Value>();
  const canonical = (x: Value): Value => {
    const number = scalarOf(x);
    if (number === null) return x;
    const key = `${x.dtype}[${x.shape}]${Object.is(number, -0) ? '-0' : number}`;
    const known = scalars.get(key) ?? x;
    scalars.set(key, known);
    return known;
  };
  return rewrite(graph, (node, inputs, copy) => {
    const operands = inputs.map(canonical);
    const key = keyOf(node, operands);
    const known = seen.get(key);
    if (known) return known;
    const value = keep(node, operands, copy);
    seen.set(key, value);
    return value;
  });
}

function keyOf(node: Node, inputs: readonly Value[]): string {
  return `${node.op}(${inputs.map((x) => x.id).join()})${JSON.stringify(node.attrs)}`;
}
