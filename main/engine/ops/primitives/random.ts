/**
 * Random numbers that are a pure function of (seed, stream, element): a resumed run and every executor draw the same.
 * Element i is mix(base + (i + 1) G), base = mix(seed ^ mix(stream)), with a 32-bit finaliser `mix` (xor-shift-multiply
 * with the constants of C. Wellons' "lowbias32") and G the odd integer nearest to 2^32 / golden ratio.
 */
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, definePrimitive } from '../define.ts';

export const GOLDEN = 0x9e3779b9;
export const MIX_1 = 0x7feb352d;
export const MIX_2 = 0x846ca68b;

export const randomUniformOp = definePrimitive<{ shape: readonly number[]; stream: number }>({
  name: 'randomUniform',
  infer([seed], { shape }, fail) {
    if (seed!.dtype !== 'i32' || sizeOf(seed!.shape) !== 1) fail('needs one int32 seed');
    return { dtype: 'f32', shape };
  },
  vjp: 'none',
  reference([seed], { stream }, out) {
    const base = mix(seed!.data[0]! ^ mix(stream));
    for (let i = 0; i < out.data.length; i++)
      out.data[i] = (mix(base + Math.imul(i + 1, GOLDEN)) >>> 8) / 2 ** 24;
  },
  flops: (_, out) => 10 * sizeOf(out.shape),
  samples: [
    { inputs: [{ dtype: 'i32', shape: [], values: [7] }], attrs: { shape: [3, 50], stream: 1 } },
    { inputs: [{ dtype: 'i32', shape: [], values: [-123456789] }], attrs: { shape: [64], stream: 70001 } },
  ],
});

/** The 32-bit finaliser; takes and gives an int32. */
export function mix(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, MIX_1);
  x ^= x >>> 15;
  x = Math.imul(x, MIX_2);
  x ^= x >>> 16;
  return x | 0;
}

/** Uniform numbers in [0, 1) with 24 random bits; `stream` tells the places in a graph that draw apart. */
export function randomUniform(seed: Value, shape: Shape, stream: number): Value {
  return apply(randomUniformOp, [seed], { shape: [...shape], stream });
}
