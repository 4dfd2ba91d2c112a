/**
 * Numbers in 8 bits with one scale for each block of 256: eight-bit floats, which are fine where a number is small beside the largest of
 * its block, as moments of gradients mostly are. A code is the upper bits of a float32, so that no table has to be searched. The block's
 * largest magnitude has the highest code; rounding is stochastic, so that a slow mean still moves on average.
 */
import { numberOfHalf } from '../ops/primitives/widen.ts';

/** Values that share a scale. */
export const FLOAT8_BLOCK = 256;

/** Bits of a float32's fraction that a code keeps: neighbours are 1/16 to 1/8 apart (1/32 to 1/16 with 4). */
export interface Float8Format {
  readonly signed: boolean;
  readonly fraction: number;
}

/** 127 magnitudes, the smallest 2^-15.9 of the largest, and their negatives. */
export const SIGNED: Float8Format = { signed: true, fraction: 3 };
/** 255 magnitudes, the smallest 2^-31.8 of the largest. */
export const UNSIGNED: Float8Format = { signed: false, fraction: 3 };

const ONE_EXPONENT = 127;
const FLOAT_FRACTION = 23;

/** What the code of the highest magnitude, 1, is moved by to become the highest code. */
export function codeOffset({ signed, fraction }: Float8Format): number {
  return (ONE_EXPONENT << fraction) - (signed ? 127 : 255);
}

/** The value of each code in a block whose largest magnitude is 1; code 0 is 0, and codes from 128 on are negative where there is a sign. */
export function decodeTable(format: Float8Format): Float32Array {
  const magnitudes = format.signed ? 128 : 256;
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  const table = new Float32Array(256);
  for (let code = 1; code < 256; code++) {
    const magnitude = code % magnitudes;
    bits[0] = (magnitude + codeOffset(format)) << (FLOAT_FRACTION - format.fraction);
    table[code] = magnitude === 0 ? 0 : code >= magnitudes ? -float[0]! : float[0]!;
  }
  return table;
}

/** A generator's first state for a block in an update: equal for equal numbers, so that a resumed run rounds alike. */
export function roundingSeed(update: number, block: number): number {
  let x = (Math.imul(update, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca6b)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) | 0;
}

/** The next state; its upper bits are random. */
export function nextRandom(state: number): number {
  return (Math.imul(state, 1664525) + 1013904223) | 0;
}

// Trained values in float16 are made float32 for an update and rounded again after it. Most changes are smaller than the distance of two
// float16 numbers: rounded to the nearest they would be lost, rounded stochastically the mean stays.

/** Values that are rounded by one run of random numbers. */
export const FLOAT16_BLOCK = FLOAT8_BLOCK;

const LARGEST = 0x7bff;
const INFINITE = 0x7f800000;
/** Bits of 2^-14 as a float32; below it float16 numbers are multiples of 2^-24. */
const SMALLEST_NORMAL = 0x38800000;
/** By how much the exponents of both types differ, in the place where float16 has its own. */
const OFFSET = (127 - 15) << 10;
/** Moments of the same block in the same update are rounded by other numbers. */
const OTHER_NUMBERS = 2 ** 30;

let decoded: Float32Array | null = null;

/** Writes the numbers that `halves` stand for to `out`, of the same length. */
export function fromHalves(halves: Uint16Array, out: Float32Array): void {
  decoded ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => numberOfHalf(bits));
  for (let i = 0; i < halves.length; i++) out[i] = decoded[halves[i]!]!;
}

/**
 * Rounds `values` to float16 stochastically and writes the bits to `out`; `first` is the place of the first value among all trained ones, a
 * multiple of the block. The chance follows from that and from the number of the update alone. What is larger than 65,504 becomes that, and
 * no number stays none.
 */
export function roundStochastically(
  values: Float32Array,
  out: Uint16Array,
  { update, first }: { update: number; first: number },
): void {
  const allBits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let random = 0;
  for (let i = 0; i < values.length; i++) {
    if (i % FLOAT16_BLOCK === 0) random = roundingSeed(update, OTHER_NUMBERS + (first + i) / FLOAT16_BLOCK);
    random = nextRandom(random);
    const bits = allBits[i]!;
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = bits & 0x7fffffff;
    if (magnitude >= SMALLEST_NORMAL) {
      if (magnitude > INFINITE) out[i] = sign | 0x7e00;
      else out[i] = sign | Math.min(((magnitude + (random >>> 19)) >>> 13) - OFFSET, LARGEST);
    } else {
      const units = Math.abs(values[i]!) * 2 ** 24;
      out[i] = sign | Math.floor(units + (random >>> 8) * 2 ** -24);
    }
  }
}
