/**
 * Float32 to the 16-bit floats, rounded to nearest with ties to even as hardware does it. Works on bit patterns, at
 * memory speed; the way back is `convert.ts`.
 */

/** The nearest float16 of each value as its 16 bits; beyond 65,504 that is infinity. */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfOfBits(bits[i]!);
  return out;
}

/** The nearest bfloat16 of each value as its 16 bits. */
export function toBrains(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    // a NaN whose payload lies in the low bits must not round to infinity
    out[i] = (b & 0x7fffffff) > 0x7f800000 ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return out;
}

const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

/** The nearest float16 of one value as its 16 bits. */
export function toHalf(value: number): number {
  one[0] = value;
  return halfOfBits(oneBits[0]!);
}

// binary32 has 8 exponent bits with bias 127, binary16 has 5 with bias 15
function halfOfBits(b: number): number {
  const sign = (b >>> 16) & 0x8000;
  const magnitude = b & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000)
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  return sign | subnormal(magnitude);
}

/** Below 2^-14 halves are multiples of 2^-24: the fraction is shifted until it counts those. */
function subnormal(magnitude: number): number {
  const exponent = magnitude >>> 23;
  const shift = 126 - exponent;
  if (shift > 24) return 0;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const half = 1 << (shift - 1);
  const rest = fraction & ((1 << shift) - 1);
  const whole = fraction >>> shift;
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}
