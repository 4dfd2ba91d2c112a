/**
 * Clipped AdamW on flat buffers in this process' memory, in place. Plain loops: as a graph of onnxruntime-node, which copies every
 * output into a new array, an update took two to five times as long (docs/log.md). Computed in double precision, stored
 * in float32.
 */

/** Elements that are updated at once; between chunks a message can arrive. */
export const UPDATE_CHUNK = 1 << 18;

export interface UpdateScalars {
  /** Clip factor over the count of labelled tokens. */
  readonly scale: number;
  readonly rate: number;
  /** 1 - rate * decay. */
  readonly shrink: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** 1 / (1 - beta1^t), and 1 / sqrt(1 - beta2^t). */
  readonly unbias1: number;
  readonly unbias2: number;
}

/** Parameters, their gradients, and the means of these and of their squares; all of one length, unless parameters or gradients are a part of it. */
export interface UpdateBuffers {
  readonly param: Float32Array;
  /** The place among the others of the first one of `param`; 0 where it is left out. */
  readonly first?: number;
  readonly grad: Float32Array;
  /** The place among the others of the first one of `grad`; 0 where it is left out. */
  readonly gradFirst?: number;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

type Range = readonly [start: number, end: number];

/** Sum of the squares of the elements in `range`. */
export function sumOfSquares(values: Float32Array, [start, end]: Range): number {
  // two sums, so that an addition need not wait for the one before
  let even = 0;
  let odd = 0;
  let i = start;
  for (; i + 1 < end; i += 2) {
    const a = values[i]!;
    const b = values[i + 1]!;
    even += a * a;
    odd += b * b;
  }
  if (i < end) even += values[i]! * values[i]!;
  return even + odd;
}

/**
 * Updates the elements in `range` (Loshchilov & Hutter 2019): m' = b1 m + (1-b1) g, v' = b2 v + (1-b2) g^2,
 * param' = shrink param - rate m' unbias1 / (sqrt(v') unbias2 + eps).
 */
export function adamw(
  { param, first = 0, grad, gradFirst = 0, m, v }: UpdateBuffers,
  [start, end]: Range,
  { scale, rate, shrink, beta1, beta2, eps, unbias1, unbias2 }: UpdateScalars,
): void {
  const rest1 = 1 - beta1;
  const rest2 = 1 - beta2;
  const step = rate * unbias1;
  for (let i = start; i < end; i++) {
    const g = grad[i - gradFirst]! * scale;
    const nextM = beta1 * m[i]! + rest1 * g;
    const nextV = beta2 * v[i]! + rest2 * g * g;
    m[i] = nextM;
    v[i] = nextV;
    param[i - first] = shrink * param[i - first]! - (step * nextM) / (Math.sqrt(nextV) * unbias2 + eps);
  }
}

/**
 * Adds `pull` times the anchor to parameters of the same length: a decay towards where the weights began and not towards 0 (L2-SP, Li et al.
 * 2018, decoupled from the gradient like AdamW's decay).
 */
export function pullBack(param: Float32Array, anchor: Float32Array, pull: number): void {
  for (let i = 0; i < param.length; i++) param[i]! += pull * anchor[i]!;
}
