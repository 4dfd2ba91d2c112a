/**
 * Clipped AdamW on flat buffers in this process' memory, in place. Plain loops: as a graph of onnxruntime-node, which copies every output
 * into a new array, an update took two to five times as long (docs/log/step-time.md). Computed in double precision, stored in float32.
 */
import { Graph, type Value } from '../ir/graph.ts';
import {
  add,
  concat,
  div,
  equal,
  mul,
  reduceSum,
  reshape,
  scalar,
  sqrt,
  sub,
  where,
} from '../ops/functions.ts';
import { isDecayed, type Trainable } from './parameters.ts';
import {
  codeOffset,
  decodeTable,
  FLOAT8_BLOCK,
  nextRandom,
  roundingSeed,
  SIGNED,
  UNSIGNED,
} from './small-floats.ts';

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

/** Parameters and their gradients: all of them, or a part. */
export interface ParameterSlice {
  readonly param: Float32Array;
  /** The place among all values of the first one of `param`; 0 where it is left out. */
  readonly first?: number;
  readonly grad: Float32Array;
  /** The place among all values of the first one of `grad`; 0 where it is left out. */
  readonly gradFirst?: number;
}

/** The means of all gradients and of their squares. */
interface Moments {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export type Range = readonly [start: number, end: number];

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
  { param, first = 0, grad, gradFirst = 0, m, v }: ParameterSlice & Moments,
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
 * Adds `pull` times the anchor to parameters of the same length: a decay towards where the weights began and not towards 0 (L2-SP, Li et
 * al. 2018, decoupled from the gradient like AdamW's decay).
 */
export function pullBack(param: Float32Array, anchor: Float32Array, pull: number): void {
  for (let i = 0; i < param.length; i++) param[i]! += pull * anchor[i]!;
}

// The same as graphs, in float32, for state that lives on a device. Each updates a few parameters, so that only a few have their old and
// their new values side by side.

type Updated = Pick<Trainable, 'name' | 'shape' | 'kind'>;

/** Inputs of an update besides the tensors, each one number: see `UpdateScalars`; `step` is rate x unbias1. */
export const UPDATE_INPUTS = [
  'scale',
  'step',
  'shrinkDecayed',
  'shrinkOther',
  'pull',
  'beta1',
  'rest1',
  'beta2',
  'rest2',
  'eps',
  'unbias2',
] as const;
export type UpdateInput = (typeof UPDATE_INPUTS)[number];

/** (`grad.<name>` of all) -> `squares` [P]: the sum of the squares of each parameter's gradient. */
export function squaresGraph(trainables: readonly Updated[]): Graph {
  const graph = new Graph();
  const sums = trainables.map(({ name, shape }) => {
    const grad = graph.input(`grad.${name}`, 'f32', shape);
    // axis by axis from the last: sums of sums lose less than one long sum
    const sum = shape.reduceRight((x, _, axis) => reduceSum(x, [axis]), mul(grad, grad));
    return reshape(sum, [1]);
  });
  graph.output('squares', sums.length === 1 ? sums[0]! : concat(sums, 0));
  return graph;
}

/**
 * (`<name>`, `grad.<name>`, `m.<name>`, `v.<name>`, with an anchor `anchor.<name>`, numbers) -> the same, updated; gradients become zero.
 * The formula is that of `adamw`.
 */
export function updateGraph(trainables: readonly Updated[], isAnchored: boolean): Graph {
  const graph = new Graph();
  const numbers = Object.fromEntries(UPDATE_INPUTS.map((name) => [name, graph.input(name, 'f32', [])]));
  const of = numbers as Record<UpdateInput, Value>;
  // never true; it keeps the zeros from being computed beforehand
  const isKept = equal(of.scale, scalar(graph, -1));
  for (const { name, shape, kind } of trainables) {
    const tensor = (prefix: string) => graph.input(`${prefix}${name}`, 'f32', shape);
    const [param, grad, m, v] = [tensor(''), tensor('grad.'), tensor('m.'), tensor('v.')];
    const g = mul(grad, of.scale);
    const nextM = add(mul(m, of.beta1), mul(g, of.rest1));
    const nextV = add(mul(v, of.beta2), mul(mul(g, g), of.rest2));
    const change = div(mul(nextM, of.step), add(mul(sqrt(nextV), of.unbias2), of.eps));
    const moved = sub(mul(param, isDecayed(kind) ? of.shrinkDecayed : of.shrinkOther), change);
    graph.output(name, isAnchored ? add(moved, mul(tensor('anchor.'), of.pull)) : moved);
    graph.output(`m.${name}`, nextM);
    graph.output(`v.${name}`, nextV);
    graph.output(`grad.${name}`, where(isKept, grad, scalar(graph, 0)));
  }
  return graph;
}

/**
 * AdamW with both moments in 8 bits (Dettmers and others, 2022): each update unpacks a block, computes in double precision as the plain one
 * does, and packs the new moments with the scale of their new largest magnitude. How they are packed was decided by measuring
 * (docs/decisions/0023).
 */

/** Codes of both moments, one for each value, and their blocks' largest magnitudes. */
interface PackedMoments {
  readonly m: Uint8Array;
  readonly mScale: Float32Array;
  readonly v: Uint8Array;
  readonly vScale: Float32Array;
}

const M_OF = decodeTable(SIGNED);
const V_OF = decodeTable(UNSIGNED);
const M_SHIFT = 23 - SIGNED.fraction;
const V_SHIFT = 23 - UNSIGNED.fraction;
const M_OFFSET = codeOffset(SIGNED);
const V_OFFSET = codeOffset(UNSIGNED);
/** Random bits come from the upper end of a generator's 32. */
const M_RANDOM = 32 - M_SHIFT;
const V_RANDOM = 32 - V_SHIFT;
/** Below it a magnitude's reciprocal is no float32. */
const SMALLEST_SCALE = 1e-37;

const nextM = new Float32Array(FLOAT8_BLOCK);
const nextV = new Float32Array(FLOAT8_BLOCK);
const bitsOfM = new Int32Array(nextM.buffer);
const bitsOfV = new Int32Array(nextV.buffer);

/** Updates the values in `range`, whose ends lie between blocks; `update` counts the updates and decides the rounding. */
export function adamw8bit(
  trained: ParameterSlice,
  moments: PackedMoments,
  [start, end]: Range,
  scalars: UpdateScalars,
  update: number,
): void {
  for (let from = start; from < end; from += FLOAT8_BLOCK) {
    const block = from / FLOAT8_BLOCK;
    step(trained, moments, block, from, scalars);
    let random = roundingSeed(update, block);
    random = packSigned(moments, block, from, random);
    packUnsigned(moments, block, from, random);
  }
}

/** Changes the parameters of a block and leaves its new moments in `nextM` and `nextV`, its new scales in `moments`. */
function step(
  { param, first = 0, grad, gradFirst = 0 }: ParameterSlice,
  { m, mScale, v, vScale }: PackedMoments,
  block: number,
  from: number,
  { scale, rate, shrink, beta1, beta2, eps, unbias1, unbias2 }: UpdateScalars,
): void {
  const rest1 = 1 - beta1;
  const rest2 = 1 - beta2;
  const size = rate * unbias1;
  const oldM = beta1 * mScale[block]!;
  const oldV = beta2 * vScale[block]!;
  let [largestM, largestV] = [0, 0];
  for (let j = 0, i = from, at = from - first; j < FLOAT8_BLOCK; j++, i++, at++) {
    const g = grad[i - gradFirst]! * scale;
    const newM = oldM * M_OF[m[i]!]! + rest1 * g;
    const newV = oldV * V_OF[v[i]!]! + rest2 * g * g;
    nextM[j] = newM;
    nextV[j] = newV;
    const magnitude = Math.abs(newM);
    if (magnitude > largestM) largestM = magnitude;
    if (newV > largestV) largestV = newV;
    param[at] = shrink * param[at]! - (size * newM) / (Math.sqrt(newV) * unbias2 + eps);
  }
  mScale[block] = largestM;
  vScale[block] = largestV;
}

function packSigned({ m, mScale }: PackedMoments, block: number, from: number, seed: number): number {
  const factor = factorOf(mScale[block]!);
  let random = seed;
  for (let j = 0; j < FLOAT8_BLOCK; j++) nextM[j] = nextM[j]! * factor;
  for (let j = 0, i = from; j < FLOAT8_BLOCK; j++, i++) {
    random = nextRandom(random);
    const bits = bitsOfM[j]!;
    const code = (((bits & 0x7fffffff) + (random >>> M_RANDOM)) >> M_SHIFT) - M_OFFSET;
    m[i] = code <= 0 ? 0 : Math.min(code, 127) | ((bits >>> 24) & 128);
  }
  return random;
}

function packUnsigned({ v, vScale }: PackedMoments, block: number, from: number, seed: number): void {
  const factor = factorOf(vScale[block]!);
  let random = seed;
  for (let j = 0; j < FLOAT8_BLOCK; j++) nextV[j] = nextV[j]! * factor;
  for (let j = 0, i = from; j < FLOAT8_BLOCK; j++, i++) {
    random = nextRandom(random);
    const bits = bitsOfV[j]!;
    const code = ((bits + (random >>> V_RANDOM)) >> V_SHIFT) - V_OFFSET;
    // never down to nothing: the first moment would be divided by next to nothing
    v[i] = code <= 0 ? (bits > 0 ? 1 : 0) : Math.min(code, 255);
  }
}

function factorOf(largest: number): number {
  return largest < SMALLEST_SCALE ? 0 : 1 / largest;
}
