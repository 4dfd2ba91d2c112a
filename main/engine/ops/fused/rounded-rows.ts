/** Rows of a table that is kept in few bits, by their index: of an embedding a step reads a few, and only those need be unpacked. */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { type Codes, dequantise, dequantiseOp, type WeightBits } from '../primitives/dequantise.ts';
import { gather } from '../primitives/rows.ts';

export const roundedRowsOp = defineOp<{ bits: number; block: number }>({
  name: 'roundedRows',
  infer([indices, ...parts], { bits, block }, fail) {
    if (indices!.dtype !== 'i32') fail('needs int32 indices');
    const end = parts[0]!.shape[0]!;
    const whole = dequantiseOp.infer(parts, { bits, block, start: 0, end }, fail);
    return { dtype: 'f32', shape: [...indices!.shape, whole.shape[1]!] };
  },
  vjp: 'none',
  decompose: ([indices, codes, scales, zeros], { bits, block }) =>
    gather(
      dequantise({ codes: codes!, scales: scales!, zeros: zeros ?? null }, bits as WeightBits, block),
      indices!,
    ),
  reference: 'decompose',
  flops: (_, out, { bits }) => (bits === 8 ? 1 : 2) * sizeOf(out.shape),
  samples: [
    {
      inputs: [
        { dtype: 'i32', shape: [2, 2], values: [2, 0, 2, 1] },
        { dtype: 'i8', shape: [3, 2, 4], values: Array.from({ length: 24 }, (_, i) => 11 * i - 127) },
        { shape: [3, 2, 1] },
      ],
      attrs: { bits: 8, block: 4 },
    },
    {
      inputs: [
        { dtype: 'i32', shape: [2], values: [2, 0] },
        { dtype: 'u8', shape: [3, 1, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [3, 1, 1] },
        { dtype: 'u8', shape: [3, 1, 1], values: [128, 3, 255] },
      ],
      attrs: { bits: 4, block: 4 },
    },
  ],
});

/** Rows of the matrix [R,C] that codes stand for, at `indices` (int32, any shape): [...indices, C]. */
export function roundedRows(
  indices: Value,
  { codes, scales, zeros }: Codes,
  bits: WeightBits,
  block: number,
): Value {
  const parts = zeros ? [codes, scales, zeros] : [codes, scales];
  return apply(roundedRowsOp, [indices, ...parts], { bits, block });
}
