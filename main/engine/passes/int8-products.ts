/**
 * Products with matrices in 8 bits that have one scale a row, computed in whole numbers. It is the only pass that changes results: rows of
 * the left operand are quantised, too. Executors without a kernel for that unpack the matrix and multiply in float32.
 */
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { matmulInt8, partsOf, type RowCodes } from '../ops/functions.ts';
import { rewrite, withoutUnneeded } from './rewrite.ts';

/** A copy of `graph` with such products; `graph` itself where there are none, or no kernel among the `supported` operations. */
export function int8Products(graph: Graph, supported: ReadonlySet<string>): Graph {
  const matrix = (x: Value | undefined) => (x ? rowCodesOf(x) : null);
  if (!supported.has('matmulInt8')) return graph;
  if (!graph.nodes.some(({ op, inputs }) => op === 'matmul' && matrix(inputs[1]))) return graph;
  const written = rewrite(graph, (node, inputs) => {
    const codes = node.op === 'matmul' ? matrix(inputs[1]) : null;
    return codes && isPlain(node, inputs[0]!)
      ? matmulInt8(inputs[0]!, codes, node.attrs.transB as boolean, node.attrs.alpha as number)
      : null;
  });
  return withoutUnneeded(written);
}

const isPlain = ({ attrs }: Node, x: Value): boolean => !attrs.transA && x.shape.length === 2;

/** The whole matrix that `value` was unpacked from; null where it is none, or has other scales than one a row. */
function rowCodesOf(value: Value): RowCodes | null {
  const node = producer(value);
  if (node?.op !== 'dequantise' || node.attrs.type !== 'int8') return null;
  const { codes, scales, steps } = partsOf(node.inputs);
  const isWhole = node.attrs.start === 0 && node.attrs.end === codes.shape[0];
  return isWhole && codes.shape[1] === 1 && !steps ? { codes, scales } : null;
}
