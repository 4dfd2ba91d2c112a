/**
 * Weights that are kept in 8 or 4 bits, as the float32 matrix that they stand for, or some of its rows. Each row is cut into blocks that
 * share a scale. Codes of 8 bits have a sign, and a weight is its code times the scale. Two codes of 4 bits lie in a byte, the low
 * halves are the first half of the block as in GGUF's Q4_0, and a weight is (16 code - zero) scale: the zero of a block, 0 to 255,
 * may lie between two codes, so blocks with an offset (Q4_1) are kept, too.
 */
import type { AttrValue, Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, defineOp, type HostTensor } from '../define.ts';

export type WeightBits = 4 | 8;

/** Of codes of 4 bits, how many steps of the zero lie between two. */
export const ZERO_STEPS = 16;

type DequantiseAttrs = { bits: number; block: number; start: number; end: number };

export const dequantiseOp = defineOp<DequantiseAttrs>({
  name: 'dequantise',
  infer([codes, scales, zeros], { bits, block, start, end }, fail) {
    if (bits !== 4 && bits !== 8) fail('has codes of 4 or 8 bits');
    const expected = bits === 8 ? 'i8' : 'u8';
    if (codes!.dtype !== expected) fail(`needs codes of the type ${expected}`);
    if (scales!.dtype !== 'f32') fail('needs float32 scales');
    const [rows, blocks, width] = codes!.shape as [number, number, number];
    if (codes!.shape.length !== 3 || width !== (block * bits) / 8)
      fail(`needs codes [rows, blocks, ${(block * bits) / 8}]`);
    if (scales!.shape.join() !== [rows, blocks, 1].join())
      fail('needs a scale for each block: [rows, blocks, 1]');
    if ((zeros !== undefined) !== (bits === 4)) fail('needs zeros with codes of 4 bits, and only with those');
    if (zeros && (zeros.dtype !== 'u8' || zeros.shape.join() !== scales!.shape.join()))
      fail('needs a zero of the type u8 for each block: [rows, blocks, 1]');
    if (!(start >= 0 && start < end && end <= rows)) fail(`has no rows [${start}, ${end})`);
    return { dtype: 'f32', shape: [end - start, blocks * block] };
  },
  vjp: 'none',
  decompose: null,
  reference([codes, scales, zeros], { bits, block, start }, out) {
    const first = (start * out.shape[1]!) / block;
    for (let i = 0; i < out.data.length; i++) {
      const [place, inBlock] = [first + Math.floor(i / block), i % block];
      const steps =
        bits === 8
          ? codes!.data[place * block + inBlock]!
          : ZERO_STEPS * nibble(codes!, place, inBlock, block / 2) - zeros!.data[place]!;
      out.data[i] = steps * scales!.data[place]!;
    }
  },
  flops: (_, out, { bits }) => (bits === 8 ? 1 : 2) * sizeOf(out.shape),
  samples: [
    {
      inputs: [
        { dtype: 'i8', shape: [2, 1, 4], values: [-127, 0, 1, 127, 5, -6, 7, -8] },
        { shape: [2, 1, 1] },
      ],
      attrs: { bits: 8, block: 4, start: 0, end: 2 },
    },
    {
      inputs: [
        { dtype: 'u8', shape: [1, 3, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [1, 3, 1] },
        { dtype: 'u8', shape: [1, 3, 1], values: [128, 0, 255] },
      ],
      attrs: { bits: 4, block: 4, start: 0, end: 1 },
    },
    {
      inputs: [
        { dtype: 'u8', shape: [3, 1, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [3, 1, 1] },
        { dtype: 'u8', shape: [3, 1, 1], values: [128, 3, 255] },
      ],
      attrs: { bits: 4, block: 4, start: 1, end: 3 },
    },
    {
      inputs: [
        { dtype: 'i8', shape: [3, 2, 4], values: Array.from({ length: 24 }, (_, i) => 11 * i - 127) },
        { shape: [3, 2, 1] },
      ],
      attrs: { bits: 8, block: 4, start: 1, end: 2 },
    },
  ],
});

function nibble({ data }: HostTensor, place: number, inBlock: number, half: number): number {
  const byte = data[place * half + (inBlock % half)]!;
  return inBlock < half ? byte & 15 : byte >> 4;
}

/**
 * Bytes that the operations move which it consists of. 8 bits: to float32 1 + 4. 4 bits: two halves out of the bytes 2 x (0.5 + 0.5),
 * beside each other 1 + 1, to float32 1 + 4; pieces of sixteen bytes are put together as slowly as three times as many (measured).
 */
export function dequantisedBytes(shape: Shape, bits: AttrValue | undefined): number {
  return (bits === 8 ? 5 : 13) * sizeOf(shape);
}

/** The parts of a matrix in few bits: codes [rows, blocks, block x bits / 8], scales and, with 4 bits, zeros [rows, blocks, 1]. */
export interface Codes {
  readonly codes: Value;
  readonly scales: Value;
  readonly zeros: Value | null;
}

/** Rows [start, end) of the matrix [rows, blocks x block] that codes stand for, in float32; all of them where no rows are given. */
export function dequantise(
  { codes, scales, zeros }: Codes,
  bits: WeightBits,
  block: number,
  [start, end]: readonly [number, number] = [0, codes.shape[0]!],
): Value {
  return apply(dequantiseOp, zeros ? [codes, scales, zeros] : [codes, scales], { bits, block, start, end });
}
