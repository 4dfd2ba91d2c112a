/** What an adapter adds to a matrix, once it is merged. Sums are float64, rounded to float32 once. */
import type { LoraModule } from '../io/peft.ts';

/** weight += scale B A, with weight [out,in], or [in,out] where `transposed`; A [r,in], B [out,r]. */
export function addProduct(
  weight: Float32Array,
  { a, b, r, scale }: Omit<LoraModule, 'magnitude'>,
  transposed: boolean,
): void {
  // the rows of the result are the outputs, or the inputs where it is transposed: (B A)^T = A^T B^T
  const [rows, columns] = transposed ? [a.length / r, b.length / r] : [b.length / r, a.length / r];
  const sum = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sum.fill(0);
    for (let k = 0; k < r; k++) {
      const factor = scale * (transposed ? a[k * rows + row]! : b[row * r + k]!);
      if (transposed) for (let i = 0; i < columns; i++) sum[i]! += factor * b[i * r + k]!;
      else for (let i = 0; i < columns; i++) sum[i]! += factor * a[k * columns + i]!;
    }
    const start = row * columns;
    for (let i = 0; i < columns; i++) weight[start + i] = weight[start + i]! + sum[i]!;
  }
}
