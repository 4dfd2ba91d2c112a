/**
 * Weights that rest in 16 bits, or some rows of them, as float32: every float16 and every bfloat16 is a float32, too, so nothing is
 * rounded. The passes see to it that a matrix is widened for one product at a time (passes/dequantise-late.ts).
 */
import type { HalfType } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, definePrimitive, type NoAttrs } from '../define.ts';

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

export const widenOp = definePrimitive<{ start: number; end: number }>({
  name: 'widen',
  infer([x], { start, end }, fail) {
    if (x!.dtype !== 'f16' && x!.dtype !== 'bf16') fail('needs floats of 16 bits');
    const [rows = 0, ...rest] = x!.shape;
    if (!(start >= 0 && start < end && end <= rows)) fail(`has no rows [${start}, ${end})`);
    return { dtype: 'f32', shape: [end - start, ...rest] };
  },
  vjp: 'none',
  reference([x], { start }, out) {
    const numberOf = VALUES[x!.dtype as HalfType];
    const first = (start * out.data.length) / out.shape[0]!;
    for (let i = 0; i < out.data.length; i++) out.data[i] = numberOf(x!.data[first + i]!);
  },
  flops: (_, out) => sizeOf(out.shape),
  samples: [
    // zeros of both signs, 1, -2, the smallest and the largest numbers, the smallest normal one
    {
      inputs: [
        { dtype: 'f16', shape: [2, 4], values: [0, 0x8000, 0x3c00, 0xc000, 1, 0x7bff, 0x0400, 0x83ff] },
      ],
      attrs: { start: 0, end: 2 },
    },
    {
      inputs: [{ dtype: 'bf16', shape: [2, 3], values: [0, 0x8000, 0x3f80, 0xc000, 0x7f7f, 0x0080] }],
      attrs: { start: 0, end: 2 },
    },
    {
      inputs: [{ dtype: 'bf16', shape: [3, 1, 2], values: [0, 0x8000, 0x3f80, 0xc000, 0x7f7f, 0x0080] }],
      attrs: { start: 1, end: 2 },
    },
  ],
});

/** The number that 16 bits stand for: of bfloat16 they are the upper half of binary32. */
const VALUES: Readonly<Record<HalfType, (bits: number) => number>> = {
  f16: numberOfHalf,
  bf16: (bits) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!,
};

/** Bytes that it moves for a result of that shape: 2 are read and 4 written, of each weight. */
export function widenedBytes(shape: Shape): number {
  return 6 * sizeOf(shape);
}

/** Rows [start, end) of `x` [rows, ...] of 16 bits as float32; all of them where no rows are given. */
export function widen(x: Value, [start, end]: readonly [number, number] = [0, x.shape[0]!]): Value {
  return apply(widenOp, [x], { start, end });
}

export const narrowOp = definePrimitive<NoAttrs>({
  name: 'narrow',
  infer([x], _, fail) {
    if (x!.dtype !== 'f32') fail('needs floats of 32 bits');
    return { dtype: 'f16', shape: x!.shape };
  },
  vjp: 'none',
  reference([x], _, out) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = halfOfNumber(x!.data[i]!);
  },
  flops: (_, out) => sizeOf(out.shape),
  // numbers that are float16 already: how others are rounded is a matter of the executor (tests/unit/engine/ops/half.test.ts)
  samples: [
    { inputs: [{ shape: [2, 4], values: [0, 1, -2, 65504, -0.125, 0.333251953125, 2048, -3] }], attrs: {} },
    { inputs: [{ shape: [3, 1, 2], values: [1025, -0.0625, 7, 8, 2 ** -14, -(2 ** -13)] }], attrs: {} },
  ],
});

/** `x` rounded to float16. */
export const narrow = (x: Value): Value => apply(narrowOp, [x], {});
