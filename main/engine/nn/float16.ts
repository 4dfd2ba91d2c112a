/**
 * Float16 by hand: trained values that are kept in 16 bits are made float32 for an update and rounded again after it, up or down by
 * chance so that the mean stays. Most changes are smaller than the distance of two float16 numbers: rounded to the nearest they would be lost.
 */
import { numberOfHalf } from '../ops/half.ts';
import { FLOAT8_BLOCK, nextRandom, roundingSeed } from './float8.ts';

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
 * Rounds `values` to float16 stochastically and writes the bits to `out`; `first` is the place of the first value among all trained ones, a multiple of
 * the block. The chance follows from that and from the number of the update alone. What is larger than 65,504 becomes that, and no number stays none.
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
