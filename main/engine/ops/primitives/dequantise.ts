/**
 * Weights that are kept in 8 or 4 bits, as the float32 matrix that they stand for. Each row is cut into blocks; a weight is its code
 * times the scale of its block. Codes of 8 bits have a sign. Two codes of 4 bits lie in a byte, and 8 stands for zero; the low
 * halves of the bytes are the first half of the block, as in GGUF's Q4_0.
 */
import type { AttrValue, Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, defineOp, type HostTensor } from '../define.ts';

export type WeightBits = 4 | 8;

/** Of a code of 4 bits, what stands for zero. */
const ZERO = 8;

export const dequantiseOp = defineOp<{ bits: number; block: number }>({
  name: 'dequantise',
  infer([codes, scales], { bits, block }, fail) {
    if (bits !== 4 && bits !== 8) fail('has codes of 4 or 8 bits');
    const expected = bits === 8 ? 'i8' : 'u8';
    if (codes!.dtype !== expected) fail(`needs codes of the type ${expected}`);
    if (scales!.dtype !== 'f32') fail('needs float32 scales');
    const [rows, blocks, width] = codes!.shape as [number, number, number];
    if (codes!.shape.length !== 3 || width !== (block * bits) / 8)
      fail(`needs codes [rows, blocks, ${(block * bits) / 8}]`);
    if (scales!.shape.join() !== [rows, blocks, 1].join())
      fail('needs a scale for each block: [rows, blocks, 1]');
    return { dtype: 'f32', shape: [rows, blocks * block] };
  },
  vjp: 'none',
  decompose: null,
  reference([codes, scales], { bits, block }, out) {
    for (let i = 0; i < out.data.length; i++) {
      const [place, inBlock] = [Math.floor(i / block), i % block];
      const code = bits === 8 ? codes!.data[i]! : nibble(codes!, place, inBlock, block / 2) - ZERO;
      out.data[i] = code * scales!.data[place]!;
    }
  },
  flops: (_, out, { bits }) => (bits === 8 ? 1 : 2) * sizeOf(out.shape),
  samples: [
    {
      inputs: [
        { dtype: 'i8', shape: [2, 1, 4], values: [-127, 0, 1, 127, 5, -6, 7, -8] },
        { shape: [2, 1, 1] },
      ],
      attrs: { bits: 8, block: 4 },
    },
    {
      inputs: [
        { dtype: 'u8', shape: [1, 3, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [1, 3, 1] },
      ],
      attrs: { bits: 4, block: 4 },
    },
  ],
});

function nibble({ data }: HostTensor, place: number, inBlock: number, half: number): number {
  const byte = data[place * half + (inBlock % half)]!;
  return inBlock < half ? byte & 15 : byte >> 4;
}

/**
 * Bytes that the element-wise operations move which it consists of. 8 bits: to float32 1 + 4, times the scale 4 + 4. 4 bits: two
 * halves out of the bytes 2 x (0.5 + 0.5), beside each other 1 + 1, to float32 1 + 4, less 8 and times the scale 2 x (4 + 4).
 */
export function dequantisedBytes(shape: Shape, bits: AttrValue | undefined): number {
  return (bits === 8 ? 13 : 25) * sizeOf(shape);
}

/** Codes [rows, blocks, block x bits / 8] and scales [rows, blocks, 1] as a float32 matrix [rows, blocks x block]. */
export function dequantise(codes: Value, scales: Value, bits: WeightBits, block: number): Value {
  return apply(dequantiseOp, [codes, scales], { bits, block });
}
