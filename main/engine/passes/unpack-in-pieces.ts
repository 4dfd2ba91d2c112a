/**
 * A matrix in few bits that is large in float32, such as an embedding with a tied head, is never made whole: of rows that are read by
 * their index only those are unpacked, and a product is made of products with some rows of the matrix at a time.
 */
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { type CodeType, dequantise, partsOf, roundedRows } from '../ops/functions.ts';
import { isSplit, productInPieces } from './product-in-pieces.ts';
import { rewrite, withoutUnneeded } from './rewrite.ts';

/** Weights of a piece: 64 MiB in float32. With smaller ones more nodes are to be kept; a product needs as long either way. */
export const MOST_PIECE_WEIGHTS = 2 ** 24;

/**
 * A copy of `graph` in which no such matrix is made whole; `graph` itself where there is none. Executors that have no kernel for
 * `roundedRows` among the `supported` operations read rows from the whole table.
 */
export function unpackInPieces(
  graph: Graph,
  supported: ReadonlySet<string>,
  mostWeights = MOST_PIECE_WEIGHTS,
): Graph {
  if (!graph.nodes.some(({ op }) => op === 'dequantise')) return graph;
  const copy = rewrite(graph, (node, inputs) => {
    if (node.op === 'gather')
      return supported.has('roundedRows') ? gatheredRows(inputs[0]!, inputs[1]!) : null;
    return node.op === 'matmul' ? inPieces(node, inputs, mostWeights) : null;
  });
  // what nothing reads any more is left behind
  return withoutUnneeded(copy);
}

function unpacked(value: Value): Node | null {
  const node = producer(value);
  return node?.op === 'dequantise' && node.attrs.start === 0 && node.attrs.end === node.inputs[0]!.shape[0]
    ? node
    : null;
}

const typeOf = ({ attrs }: Node) => [attrs.type as CodeType, attrs.block as number] as const;

/** Rows of a table [V,H] by their index [...]: [...,H]. */
function gatheredRows(table: Value, indices: Value): Value | null {
  const node = unpacked(table);
  return node && roundedRows(indices, partsOf(node.inputs), ...typeOf(node));
}

/** Null where the matrix is not unpacked, or small enough to be made whole. */
function inPieces(product: Node, [x, matrix]: readonly Value[], mostWeights: number): Value | null {
  const node = unpacked(matrix!);
  if (!node || !isSplit(product, x!, matrix!) || sizeOf(matrix!.shape) <= mostWeights) return null;
  return productInPieces(product, x!, matrix!, mostWeights, (rows) =>
    dequantise(partsOf(node.inputs), ...typeOf(node), rows),
  );
}
