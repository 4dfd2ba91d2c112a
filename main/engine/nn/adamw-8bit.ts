/**
 * AdamW with both moments in 8 bits (Dettmers and others, 2022): each update unpacks a block, computes in double precision as the plain
 * one does (adamw.ts), and packs the new moments with the scale of their new largest magnitude. How they are
 * packed was decided by measuring (docs/decisions/0023).
 */
import type { UpdateScalars } from './adamw.ts';
import {
  codeOffset,
  decodeTable,
  FLOAT8_BLOCK,
  nextRandom,
  roundingSeed,
  SIGNED,
  UNSIGNED,
} from './small-floats.ts';

/** Codes of both moments, one for each value, and their blocks' largest magnitudes. */
export interface PackedMoments {
  readonly m: Uint8Array;
  readonly mScale: Float32Array;
  readonly v: Uint8Array;
  readonly vScale: Float32Array;
}

/** Parameters and their gradients: all of them, or a part. */
export interface Trained {
  readonly param: Float32Array;
  /** The place among all values of the first one of `param`; 0 where it is left out. */
  readonly first?: number;
  readonly grad: Float32Array;
  /** The place among all values of the first one of `grad`; 0 where it is left out. */
  readonly gradFirst?: number;
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
  trained: Trained,
  moments: PackedMoments,
  [start, end]: readonly [start: number, end: number],
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
  { param, first = 0, grad, gradFirst = 0 }: Trained,
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
