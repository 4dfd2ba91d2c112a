/**
 * DoRA (Liu et al. 2024, arXiv 2402.09353): a linear layer's matrix is m V / |V| with V = W + s B A, where |V| is the length of each row,
 * one for each output, and the magnitudes m are trained beside A and B. As in section 4.3 of the paper and in PEFT the lengths are
 * constants for the gradient. The adapted matrix is never made: its rows' lengths follow from those of W, which do not change,
 * and from products with the few rows of A.
 */
import type { Value } from '../ir/graph.ts';
import { add, div, matmul, maximum, mul, reduceSum, sqrt, transpose } from '../ops/functions.ts';
import type { Adapter, Dora } from './parameters.ts';

export type Layout = 'out_in' | 'in_out';

/** Squared lengths below it count as this much: a row of zeros stays zero in place of becoming no number. */
const LEAST_SQUARE = 1e-30;

/** What each output is multiplied with: m / |V|, [out]; `weight` is W [out,in], or [in,out] by its layout. */
export function doraGain(weight: Value, adapter: Adapter & { readonly dora: Dora }, layout: Layout): Value {
  const { dora } = adapter;
  if (dora.kind === 'settled') return dora.gain;
  return div(dora.magnitude, rowLengths(weight, dora.rowSquares, adapter, layout));
}

/** The squared length of each row of a frozen matrix, [out]. */
export function rowSquares(weight: Value, layout: Layout): Value {
  return reduceSum(mul(weight, weight), [layout === 'out_in' ? 1 : 0]);
}

/**
 * |W + s B A| of each row, [out], which no gradient goes through. Its square is |W|^2 + 2 s B (A W^T) + s^2 B (A A^T) B^T, of the two
 * products the diagonals: as much work as the adapter is for r more tokens.
 */
function rowLengths(
  weight: Value,
  squares: Value,
  { a, b, scale }: Pick<Adapter, 'a' | 'b' | 'scale'>,
  layout: Layout,
): Value {
  const withFrozen = matmul(a, weight, { transB: layout === 'out_in', alpha: 2 * scale }); // [r,out]
  const withItself = matmul(matmul(a, a, { transB: true }), b, { transB: true, alpha: scale ** 2 }); // [r,out]
  const change = reduceSum(mul(add(withFrozen, withItself), transpose(b, [1, 0])), [0]);
  // `maximum` ends the gradient
  return sqrt(maximum(add(squares, change), LEAST_SQUARE));
}
