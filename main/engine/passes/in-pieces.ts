/**
 * Large matrices that rest in few bits, such as an embedding with a tied head, are never made whole in float32: rows that are looked up are
 * unpacked alone, and a product is made of products with some rows of the matrix at a time.
 */
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import {
  add,
  type CodeType,
  concat,
  dequantise,
  gather,
  gatherQuantised,
  matmul,
  partsOf,
  slice,
  widen,
} from '../ops/functions.ts';
import { rowsOfPiece } from '../ops/pieces.ts';
import { rewrite, withoutUnneeded } from './rewrite.ts';

/** Weights of a piece: 64 MiB in float32. With smaller ones more nodes are to be kept; a product needs as long either way. */
const MOST_PIECE_WEIGHTS = 2 ** 24;

/**
 * A copy of `graph` in which no such matrix is made whole; `graph` itself where there is none. Executors that have no kernel for
 * `gatherQuantised` among the `supported` operations read rows from the whole table.
 */
export function unpackInPieces(
  graph: Graph,
  supported: ReadonlySet<string>,
  mostWeights = MOST_PIECE_WEIGHTS,
): Graph {
  if (!graph.nodes.some(({ op }) => op === 'dequantise')) return graph;
  const copy = rewrite(graph, (node, inputs) => {
    if (node.op === 'gather')
      return supported.has('gatherQuantised') ? gatheredRows(inputs[0]!, inputs[1]!) : null;
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
  return node && gatherQuantised(indices, partsOf(node.inputs), ...typeOf(node));
}

/** Null where the matrix is not unpacked, or small enough to be made whole. */
function inPieces(product: Node, [x, matrix]: readonly Value[], mostWeights: number): Value | null {
  const node = unpacked(matrix!);
  if (!node || !isSplit(product, x!, matrix!) || sizeOf(matrix!.shape) <= mostWeights) return null;
  return productInPieces(product, x!, matrix!, mostWeights, (rows) =>
    dequantise(partsOf(node.inputs), ...typeOf(node), rows),
  );
}

/** Weights of a matrix that is widened whole at most: 256 MiB in float32. Up to there results are those of float32 to the bit. */
const MOST_WHOLE = 2 ** 26;
/** Weights of a piece of a larger one at most, 64 MiB; more pieces would be more nodes, and products as slow. */
const MOST_PIECE = 2 ** 24;

/** A copy of `graph` without such matrices; the graph itself where nothing is widened. */
export function widenInPieces(graph: Graph, mostWhole = MOST_WHOLE, mostPiece = MOST_PIECE): Graph {
  if (!graph.nodes.some(({ op }) => op === 'widen')) return graph;
  const written = rewrite(graph, (node, inputs) => {
    const operand = node.op === 'gather' ? 0 : 1;
    const narrow = inputs[operand] ? narrowOf(inputs[operand]) : null;
    if (!narrow) return null;
    if (node.op === 'gather') return widen(gather(narrow, inputs[1]!));
    const isLarge = node.op === 'matmul' && sizeOf(narrow.shape) > mostWhole;
    return isLarge && isSplit(node, inputs[0]!, narrow)
      ? productInPieces(node, inputs[0]!, narrow, mostPiece, (rows) => widen(narrow, rows))
      : null;
  });
  // what nobody reads any more, such as the whole table beside its rows, is left out
  return withoutUnneeded(written);
}

function narrowOf(value: Value): Value | null {
  const node = producer(value);
  return node?.op === 'widen' && sizeOf(value.shape) === sizeOf(node.inputs[0]!.shape)
    ? node.inputs[0]!
    : null;
}

/** Whether the product can be made in pieces: of two matrices, the first as it stands. */
export const isSplit = ({ attrs }: Node, x: Value, matrix: Value): boolean =>
  !attrs.transA && x.shape.length === 2 && matrix.shape.length === 2;

/**
 * x W^T [N,R] as its columns beside each other, or x W [N,C] as the sum over rows of W; `matrix` is W [R,C], and `pieceOf` gives its
 * rows [start, end), at most `mostWeights` weights at a time.
 */
export function productInPieces(
  { attrs }: Node,
  x: Value,
  matrix: Value,
  mostWeights: number,
  pieceOf: (rows: readonly [start: number, end: number]) => Value,
): Value {
  const [rows, columns] = matrix.shape as [number, number];
  const [step, alpha, transB] = [
    rowsOfPiece(rows, columns, mostWeights),
    attrs.alpha as number,
    attrs.transB as boolean,
  ];
  const products: Value[] = [];
  for (let start = 0; start < rows; start += step) {
    const end = Math.min(rows, start + step);
    const own = transB ? x : slice(x, 1, start, end);
    products.push(matmul(own, pieceOf([start, end]), { transB, alpha }));
  }
  return transB ? concat(products, 1) : products.reduce((sum, one) => add(sum, one));
}
