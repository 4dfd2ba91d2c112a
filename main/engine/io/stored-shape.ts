/**
 * Arithmetic on shapes as files state them. The graph has its own (`ir/shape.ts`), which trusts its shapes; a shape
 * out of a file may be a lie whose product overflows.
 */

/** The product of non-negative safe integers, or null where it is not exact. */
export function checkedProduct(factors: readonly number[]): number | null {
  if (factors.includes(0)) return 0;
  let product = 1;
  for (const factor of factors) {
    product *= factor;
    if (!Number.isSafeInteger(product)) return null;
  }
  return product;
}

/** Number of elements of a shape that was checked before; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dim) => count * dim, 1);
}

/** True when both have the same dimensions in the same order. */
export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}
