/** A product with a matrix that is too large to be made whole, made of products with some of its rows at a time. */
import type { Node, Value } from '../ir/graph.ts';
import { add, concat, matmul, slice } from '../ops/functions.ts';
import { rowsOfPiece } from '../ops/pieces.ts';

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
