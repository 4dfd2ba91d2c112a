/** Shapes are plain arrays of non-negative integers; every dimension of a graph is known when it is built. */
export type Shape = readonly number[];

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

/** Number of elements of several shapes together. */
export function sizeOfAll(values: Iterable<{ readonly shape: Shape }>): number {
  let size = 0;
  for (const { shape } of values) size += sizeOf(shape);
  return size;
}

/** True when both shapes have the same dimensions in the same order. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** The NumPy broadcast of two shapes, or null where they do not broadcast. */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    out[i] = x === 1 ? y : x;
  }
  return out;
}

/** Rows of a piece are a multiple of it, so that products stay quick. */
const ROW_STEP = 16;

/** Rows of a piece: pieces of one size where that takes not twice as many, since onnxruntime keeps a buffer for each size. */
export function rowsOfPiece(rows: number, columns: number, mostWeights: number): number {
  const most = Math.max(1, Math.floor(mostWeights / columns));
  for (let step = most; step > most / 2; step--) if (rows % step === 0) return step;
  return Math.max(1, Math.floor(most / ROW_STEP) * ROW_STEP);
}
