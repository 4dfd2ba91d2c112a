/**
 * Numbers in 8 bits with one scale for each block of 256: eight-bit floats, which are fine where a number is small beside the
 * largest of its block, as moments of gradients mostly are. A code is the upper bits of a float32, so that no table has to
 * be searched. The block's largest magnitude has the highest code; rounding is by chance, so that a slow mean, whose
 * change in a step is smaller than the distance of two codes, still moves by as much as it should on average.
 */

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
