/** What the 16 bits of a float16 stand for (IEEE 754 binary16), and which of them are nearest to a number. */

/** The number; subnormals, infinities and NaN included. */
export function numberOfHalf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent < 31
        ? (1 + fraction / 1024) * 2 ** (exponent - 15)
        : fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN;
  return bits & 0x8000 ? -size : size;
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The nearest float16, ties to even; from 65,520 on that is infinity. */
export function halfOfNumber(value: number): number {
  single[0] = value;
  const bits = singleBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const size = Math.abs(single[0]);
  if (size >= 65520) return sign | 0x7c00;
  // numbers between two powers of two are multiples of a step, those below 2^-14 of 2^-24
  const exponent = Math.max(-14, ((bits >>> 23) & 255) - 127);
  const steps = size / 2 ** (exponent - 10);
  const below = Math.floor(steps);
  const isUp = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1);
  return sign | (((exponent + 15) << 10) + (isUp ? below + 1 : below) - 1024);
}
