/** Makes a graph readable: one line a node, in SSA form, with dtypes, shapes and the layer that built it. */
import { type Attrs, type Graph, scalarOf, type Value } from './graph.ts';

/** The text of `graph`: inputs and weights, then the nodes in order, then the outputs. */
export function printGraph(graph: Graph): string {
  const lines: string[] = [];
  for (const [name, value] of graph.inputs) lines.push(`input  ${name}: ${typeOf(value)}`);
  for (const [name, value] of graph.weights) lines.push(`weight ${name}: ${typeOf(value)}`);
  let scope = '';
  for (const node of graph.nodes) {
    if (node.scope !== scope) {
      scope = node.scope;
      lines.push(`# ${scope}`);
    }
    const args = [...node.inputs.map(nameOf), ...attrTexts(node.attrs)].join(', ');
    lines.push(`  %${node.output.id}: ${typeOf(node.output)} = ${node.op}(${args})`);
  }
  for (const [name, value] of graph.outputs)
    lines.push(`output ${name} = ${nameOf(value)}: ${typeOf(value)}`);
  return `${lines.join('\n')}\n`;
}

function typeOf(value: Value): string {
  return `${value.dtype}[${value.shape.join(',')}]`;
}

function nameOf(value: Value): string {
  const { source } = value;
  if (source.kind === 'input' || source.kind === 'weight') return source.name;
  const scalar = scalarOf(value);
  if (scalar !== null) return String(scalar);
  return source.kind === 'constant' ? `const${typeOf(value)}` : `%${value.id}`;
}

function attrTexts(attrs: Attrs): string[] {
  return Object.entries(attrs).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}
