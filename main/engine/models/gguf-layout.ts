/** How GGUF lays tensors out where Transformers does otherwise, both ways. */
import type { Shape } from '../ir/shape.ts';

/**
 * What a GGUF file does to a parameter: nothing, transposes it, interleaves the rows of q and k that rotate together, adds a
 * number to each value (and multiplies the sum with `times` where that is given), stores filters [C,1,K] as [C,K], -exp of each
 * value, or rows and columns in another order: its i-th is the parameter's `order[i]`. A chain does one after the other.
 */
export type GgufTransform =
  | { readonly kind: 'none' }
  | { readonly kind: 'transpose' }
  | { readonly kind: 'unpermute'; readonly heads: number }
  | { readonly kind: 'shift'; readonly by: number; readonly times?: number }
  | { readonly kind: 'squeeze' }
  | { readonly kind: 'decay' }
  | { readonly kind: 'rows'; readonly order: readonly number[] }
  | { readonly kind: 'columns'; readonly order: readonly number[] }
  | { readonly kind: 'chain'; readonly steps: readonly GgufTransform[] };

/** The shape in the file of a parameter of `shape`. */
export function layoutShape(shape: Shape, transform: GgufTransform): Shape {
  switch (transform.kind) {
    case 'transpose':
      return [...shape].reverse();
    case 'squeeze':
      return [shape[0]!, shape[2]!];
    case 'chain':
      return transform.steps.reduce<Shape>(layoutShape, shape);
    default:
      return shape;
  }
}

/** `data` of the stored `shape`, laid out as Transformers has it. */
export function fromGguf(data: Float32Array, shape: Shape, transform: GgufTransform): Float32Array {
  switch (transform.kind) {
    case 'transpose':
      return transposed(data, shape[0]!, shape[1]!);
    case 'unpermute':
    case 'rows':
      return inOrder(data, new Float32Array(data.length), shape[0]!, transform);
    case 'columns':
      return columnsIn(data, transform.order, (out, own, i, at) => {
        out[at] = own[i]!;
      });
    case 'shift':
      return data.map((value) => value / (transform.times ?? 1) - transform.by);
    case 'decay':
      return data.map((value) => Math.log(-value));
    case 'chain':
      return transform.steps.reduceRight((values, step) => fromGguf(values, shape, step), data);
    default:
      return data;
  }
}

/** `data` of a parameter of `shape`, laid out as a GGUF file has it. */
export function toGguf(data: Float32Array, shape: Shape, transform: GgufTransform): Float32Array {
  switch (transform.kind) {
    case 'transpose':
      return transposed(data, shape[0]!, shape[1]!);
    case 'unpermute':
      return interleaved(data, shape[0]!, transform.heads);
    case 'rows':
      return rowsIn(data, transform.order);
    case 'columns':
      return columnsIn(data, transform.order, (out, own, i, at) => {
        out[i] = own[at]!;
      });
    case 'shift':
      return data.map((value) => (value + transform.by) * (transform.times ?? 1));
    case 'decay':
      return data.map((value) => -Math.exp(value));
    case 'chain':
      return transform.steps.reduce((values, step) => toGguf(values, shape, step), data);
    default:
      return data;
  }
}

function rowsIn(data: Float32Array, order: readonly number[]): Float32Array {
  const out = new Float32Array(data.length);
  const width = data.length / order.length;
  order.forEach((row, i) => {
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return out;
}

/** `move` takes a value over, of column `i` in the file and of the parameter's at `at`. */
function columnsIn(
  data: Float32Array,
  order: readonly number[],
  move: (out: Float32Array, own: Float32Array, i: number, at: number) => void,
): Float32Array {
  const out = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += order.length)
    order.forEach((column, i) => {
      move(out, data, start + i, start + column);
    });
  return out;
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

/** Rows of a file in Transformers' order: numbers, or bytes of blocks. Returns `out`. */
export function inOrder<Rows extends Float32Array | Uint8Array>(
  data: Rows,
  out: Rows,
  rows: number,
  transform: Extract<GgufTransform, { kind: 'unpermute' | 'rows' }>,
): Rows {
  const width = data.length / rows;
  for (let i = 0; i < rows; i++) {
    const [from, to] =
      transform.kind === 'rows' ? [i, transform.order[i]!] : [storedRow(i, rows / transform.heads), i];
    out.set(data.subarray(from * width, (from + 1) * width), to * width);
  }
  return out;
}

/** Where row `row` lies in a file of heads of `headRows` rows: row (half, i) of a head is its row 2i + half there. */
function storedRow(row: number, headRows: number): number {
  const [inHead, half] = [row % headRows, headRows / 2];
  return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
}
