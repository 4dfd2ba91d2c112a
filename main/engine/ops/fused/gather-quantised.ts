/** Rows of a table that is kept in few bits, by their index: of an embedding a step reads a few, and only those need be unpacked. */
import type { Value } from '../../ir/graph.ts';
import { apply, defineFused } from '../define.ts';
import {
  type Codes,
  type CodeType,
  dequantise,
  dequantiseOp,
  operandsOf,
  partsOf,
} from '../primitives/dequantise.ts';
import { gather } from '../primitives/rows.ts';

export const gatherQuantisedOp = defineFused<{ type: string; block: number }>({
  name: 'gatherQuantised',
  infer([indices, ...parts], { type, block }, fail) {
    if (indices!.dtype !== 'i32') fail('needs int32 indices');
    const end = parts[0]!.shape[0]!;
    const whole = dequantiseOp.infer(parts, { type, block, start: 0, end }, fail);
    return { dtype: 'f32', shape: [...indices!.shape, whole.shape[1]!] };
  },
  vjp: 'none',
  decompose: ([indices, ...parts], { type, block }) =>
    gather(dequantise(partsOf(parts), type as CodeType, block), indices!),
  flops: (inputs, out, attrs) => dequantiseOp.flops(inputs, out, { ...attrs, start: 0, end: 0 }),
  samples: [
    {
      inputs: [
        { dtype: 'i32', shape: [2, 2], values: [2, 0, 2, 1] },
        { dtype: 'i8', shape: [3, 2, 4], values: Array.from({ length: 24 }, (_, i) => 11 * i - 127) },
        { shape: [3, 2, 1] },
      ],
      attrs: { type: 'int8', block: 4 },
    },
    {
      inputs: [
        { dtype: 'i32', shape: [2], values: [2, 0] },
        { dtype: 'u8', shape: [3, 1, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [3, 1, 1] },
        { dtype: 'u8', shape: [3, 1, 1], values: [128, 3, 255] },
      ],
      attrs: { type: 'int4', block: 4 },
    },
    {
      inputs: [
        { dtype: 'i32', shape: [2, 2], values: [2, 0, 2, 1] },
        { dtype: 'i8', shape: [3, 2, 4], values: Array.from({ length: 24 }, (_, i) => 11 * i - 127) },
        { dtype: 'i8', shape: [3, 2, 1], values: [127, 1, -3, 50, 0, 127] },
        { shape: [3, 1, 1], range: [0.0001, 0.001] },
      ],
      attrs: { type: 'int8', block: 4 },
    },
    {
      inputs: [
        { dtype: 'i32', shape: [2], values: [2, 0] },
        { dtype: 'u16', shape: [3, 2, 1], values: [0x3210, 0x7654, 0xba98, 0xfedc, 0x0f1e, 0x2d3c] },
        { dtype: 'i8', shape: [3, 2, 1], values: [127, 1, -3, 50, 0, -127] },
        { shape: [3, 1, 1], range: [0.0001, 0.001] },
      ],
      attrs: { type: 'nf4', block: 4 },
    },
  ],
});

/** Rows of the matrix [R,C] that codes stand for, at `indices` (int32, any shape): [...indices, C]. */
export function gatherQuantised(indices: Value, parts: Codes, type: CodeType, block: number): Value {
  return apply(gatherQuantisedOp, [indices, ...operandsOf(parts)], { type, block });
}
