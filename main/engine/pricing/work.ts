/** What a graph has to do, in the kinds whose speed a benchmark can measure: products by their shape, the rest by bytes and elements. */
import { bytesOf, type Graph, type Node } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import type { Product, Work } from '../protocol.ts';

/** Operations whose exponentials, not their bytes, take the time. */
const EXPONENTIAL = new Set('exp log tanh sigmoid erf softmax silu gelu geluTanh'.split(' '));
/** Operations that move nothing. */
const FREE = new Set(['reshape', 'after']);

/** The work of one run of `graph`, which has been optimised for its executor. */
export function workOf(graph: Graph): Work {
  const products = new Map<string, Product & { count: number }>();
  const moved = new Map<number, number>();
  let [exponentials, nodes] = [0, 0];
  for (const node of graph.nodes) {
    nodes++;
    if (FREE.has(node.op)) continue;
    if (node.op === 'matmul') {
      const product = productOf(node);
      const key = JSON.stringify(product);
      const known = products.get(key);
      if (known) known.count++;
      else products.set(key, { ...product, count: 1 });
    } else if (EXPONENTIAL.has(node.op)) exponentials += sizeOf(node.output.shape);
    else {
      const bytes = node.inputs.reduce((sum, x) => sum + Math.min(bytesOf(x), 2 * bytesOf(node.output)), 0);
      const sizeClass = 2 ** Math.round(Math.log2(Math.max(1, bytesOf(node.output))));
      moved.set(sizeClass, (moved.get(sizeClass) ?? 0) + bytes + bytesOf(node.output));
    }
  }
  return {
    products: [...products.values()],
    moved: [...moved]
      .map(([operandBytes, bytes]) => ({ operandBytes, bytes }))
      .sort((a, b) => a.operandBytes - b.operandBytes),
    exponentials,
    nodes,
  };
}

function productOf({ inputs: [a, b], attrs, output }: Node): Product {
  const [rows, columns] = output.shape.slice(-2) as [number, number];
  const inner = attrs.transA ? a!.shape.at(-2)! : a!.shape.at(-1)!;
  const outer = output.shape.slice(0, -2).reduce((all, dim) => all * dim, 1);
  // a single matrix on the right is multiplied with all rows at once
  const isOne = b!.shape.slice(0, -2).every((dim) => dim === 1) && !attrs.transA;
  const shape = isOne ? { batch: 1, rows: outer * rows } : { batch: outer, rows };
  const transposed = attrs.transA ? 'first' : attrs.transB ? 'second' : undefined;
  return { ...shape, inner, columns, ...(transposed && { transposed }) };
}
