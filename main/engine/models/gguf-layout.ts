/** How GGUF lays tensors out where Transformers does otherwise, both ways. */
import type { Shape } from '../ir/shape.ts';

/**
 * What a GGUF file does to a parameter: nothing, transposes it, interleaves the rows of q and k that rotate together, or
 * adds a number to each value.
 */
export type GgufTransform =
  | { readonly kind: 'none' }
  | { readonly kind: 'transpose' }
  | { readonly kind: 'unpermute'; readonly heads: number }
  | { readonly kind: 'shift'; readonly by: number };

/** The shape in the file of a parameter of `shape`; its own inverse. */
export function layoutShape(shape: Shape, { kind }: GgufTransform): Shape {
  return kind === 'transpose' ? [...shape].reverse() : shape;
}

/** `data` of the stored `shape`, laid out as Transformers has it. */
export function fromGguf(data: Float32Array, shape: Shape, transform: GgufTransform): Float32Array {
  if (transform.kind === 'transpose') return transposed(data, shape[0]!, shape[1]!);
  if (transform.kind === 'unpermute')
    return inOrder(data, new Float32Array(data.length), shape[0]!, transform.heads);
  return transform.kind === 'shift' ? data.map((value) => value - transform.by) : data;
}

/** `data` of a parameter of `shape`, laid out as a GGUF file has it. */
export function toGguf(data: Float32Array, shape: Shape, transform: GgufTransform): Float32Array {
  if (transform.kind === 'transpose') return transposed(data, shape[0]!, shape[1]!);
  if (transform.kind === 'unpermute') return interleaved(data, shape[0]!, transform.heads);
  return transform.kind === 'shift' ? data.map((value) => value + transform.by) : data;
}

/** A matrix [rows, columns] as [columns, rows]. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
}

/** Rows i and i + D/2 of a head of D rows, which rotate together, become its rows 2i and 2i + 1. */
export function interleaved(data: Float32Array, rows: number, heads: number): Float32Array {
  const out = new Float32Array(data.length);
  const width = data.length / rows;
  for (let row = 0; row < rows; row++)
    out.set(data.subarray(row * width, (row + 1) * width), storedRow(row, rows / heads) * width);
  return out;
}

/** Interleaved rows in Transformers' order: numbers, or bytes of blocks. Returns `out`. */
export function inOrder<Rows extends Float32Array | Uint8Array>(
  data: Rows,
  out: Rows,
  rows: number,
  heads: number,
): Rows {
  const width = data.length / rows;
  for (let row = 0; row < rows; row++) {
    const from = storedRow(row, rows / heads);
    out.set(data.subarray(from * width, (from + 1) * width), row * width);
  }
  return out;
}

/** Where row `row` lies in a file of heads of `headRows` rows: row (half, i) of a head is its row 2i + half there. */
function storedRow(row: number, headRows: number): number {
  const [inHead, half] = [row % headRows, headRows / 2];
  return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
}
