/**
 * Weights that are kept in 8 or 4 bits, as the float32 matrix that they stand for, or some of its rows. Each row is cut into blocks that
 * share a scale. The scales are float32, or themselves codes of 8 bits with a float32 step for each row (double quantisation).
 */
import type { CodeType, ComputeDType } from '../../ir/dtype.ts';
import type { AttrValue, Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, definePrimitive, type HostTensor } from '../define.ts';

/**
 * int8: bytes with a sign; a weight is its code times the scale.
 * int4: two codes in a byte, the low halves are the first half of the block as in GGUF's Q4_0; a weight is (16 code - zero) scale: the
 * zero of a block, 0 to 255, may lie between two codes, so blocks with an offset (Q4_1) are kept, too.
 * nf4: four codes in a word of 16 bits, the first in its lowest bits; a weight is NF4_STEPS[code] scale.
 */
export type { CodeType } from '../../ir/dtype.ts';

/** Bits of a code. */
export const CODE_BITS: Readonly<Record<CodeType, 4 | 8>> = { int8: 8, int4: 4, nf4: 4 };
const CODES = { int8: 'i8', int4: 'u8', nf4: 'u16' } as const satisfies Readonly<Record<CodeType, string>>;
const BITS_OF = { i8: 8, u8: 8, u16: 16 } as const;

/** Of codes of the type int4, how many steps of the zero lie between two. */
export const ZERO_STEPS = 16;

/** The 16 values of NormalFloat, as published: Dettmers and others 2023, "QLoRA: Efficient Finetuning of Quantized LLMs", appendix E. */
const NF4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
  -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
  0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];
/** The same in 127ths, rounded: bytes, which take a fourth of the room while a matrix is unpacked. */
export const NF4_STEPS: Readonly<Int8Array> = Int8Array.from(NF4, (value) => Math.round(127 * value));
/** Codes of the type nf4 in a word. */
export const NF4_IN_WORD = 4;

type DequantiseAttrs = { type: string; block: number; start: number; end: number };

/** The type and the shape of codes: [rows, blocks, words of a block]. */
export function codesOf(type: CodeType, rows: number, blocks: number, block: number) {
  const dtype = CODES[type];
  return { dtype, shape: [rows, blocks, (block * CODE_BITS[type]) / BITS_OF[dtype]] };
}

/** Which operand is what: zeros come with int4 alone, steps where scales are codes. */
export function partsOf<Part extends { readonly dtype: ComputeDType }>(inputs: readonly Part[]) {
  const [codes, scales, ...rest] = inputs as [Part, Part, ...Part[]];
  const steps = scales.dtype === 'i8' ? rest.pop() : undefined;
  return { codes, scales, zeros: rest[0] ?? null, steps: steps ?? null };
}

export const dequantiseOp = definePrimitive<DequantiseAttrs>({
  name: 'dequantise',
  infer(inputs, { type, block, start, end }, fail) {
    if (!Object.hasOwn(CODES, type)) fail(`has codes of the types ${Object.keys(CODES).join(', ')}`);
    if (inputs.length < 2) fail('needs codes and scales');
    const { codes, scales, zeros, steps } = partsOf(inputs);
    const [rows, blocks] = codes.shape as [number, number];
    const expected = codesOf(type as CodeType, rows, blocks, block);
    if (codes.dtype !== expected.dtype || codes.shape.join() !== expected.shape.join())
      fail(`needs codes [rows, blocks, ${expected.shape[2]}] of the type ${expected.dtype}`);
    if (scales.dtype !== 'f32' && scales.dtype !== 'i8') fail('needs scales in float32, or codes of them');
    if (scales.shape.join() !== [rows, blocks, 1].join())
      fail('needs a scale for each block: [rows, blocks, 1]');
    if ((scales.dtype === 'i8') !== (steps !== null)) fail('needs steps where scales are codes');
    if (steps && (steps.dtype !== 'f32' || steps.shape.join() !== [rows, 1, 1].join()))
      fail('needs a float32 step for each row: [rows, 1, 1]');
    if ((zeros !== null) !== (type === 'int4'))
      fail('needs zeros with codes of the type int4, and only with those');
    if (zeros && (zeros.dtype !== 'u8' || zeros.shape.join() !== scales.shape.join()))
      fail('needs a zero of the type u8 for each block: [rows, blocks, 1]');
    if (!(start >= 0 && start < end && end <= rows)) fail(`has no rows [${start}, ${end})`);
    return { dtype: 'f32', shape: [end - start, blocks * block] };
  },
  vjp: 'none',
  reference(inputs, { type, block, start }, out) {
    const { codes, scales, zeros, steps } = partsOf(inputs);
    const blocks = out.shape[1]! / block;
    const stepsAt = STEPS[type as CodeType];
    for (let i = 0, place = start * blocks; i < out.data.length; place++) {
      const scale = scales.data[place]! * (steps ? steps.data[Math.floor(place / blocks)]! : 1);
      const zero = zeros ? zeros.data[place]! : 0;
      for (let inBlock = 0; inBlock < block; inBlock++, i++)
        out.data[i] = (stepsAt(codes.data, place, inBlock, block) - zero) * scale;
    }
  },
  flops: (_, out, { type }) => (type === 'int4' ? 2 : 1) * sizeOf(out.shape),
  samples: [
    {
      inputs: [
        { dtype: 'i8', shape: [2, 1, 4], values: [-127, 0, 1, 127, 5, -6, 7, -8] },
        { shape: [2, 1, 1] },
      ],
      attrs: { type: 'int8', block: 4, start: 0, end: 2 },
    },
    {
      inputs: [
        { dtype: 'u8', shape: [1, 3, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [1, 3, 1] },
        { dtype: 'u8', shape: [1, 3, 1], values: [128, 0, 255] },
      ],
      attrs: { type: 'int4', block: 4, start: 0, end: 1 },
    },
    {
      inputs: [
        { dtype: 'u8', shape: [3, 1, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00] },
        { shape: [3, 1, 1] },
        { dtype: 'u8', shape: [3, 1, 1], values: [128, 3, 255] },
      ],
      attrs: { type: 'int4', block: 4, start: 1, end: 3 },
    },
    {
      inputs: [
        { dtype: 'i8', shape: [3, 2, 4], values: Array.from({ length: 24 }, (_, i) => 11 * i - 127) },
        { shape: [3, 2, 1] },
      ],
      attrs: { type: 'int8', block: 4, start: 1, end: 2 },
    },
    {
      inputs: [
        { dtype: 'i8', shape: [3, 2, 4], values: Array.from({ length: 24 }, (_, i) => 11 * i - 127) },
        { dtype: 'i8', shape: [3, 2, 1], values: [127, 1, -3, 50, 0, 127] },
        { shape: [3, 1, 1], range: [0.0001, 0.001] },
      ],
      attrs: { type: 'int8', block: 4, start: 1, end: 3 },
    },
    {
      inputs: [
        { dtype: 'u8', shape: [2, 2, 2], values: [0x0f, 0xf0, 0x88, 0x12, 0xff, 0x00, 0x21, 0x43] },
        { dtype: 'i8', shape: [2, 2, 1], values: [127, 1, -3, 50] },
        { dtype: 'u8', shape: [2, 2, 1], values: [128, 3, 255, 0] },
        { shape: [2, 1, 1], range: [0.0001, 0.001] },
      ],
      attrs: { type: 'int4', block: 4, start: 0, end: 2 },
    },
    // each of the 16 codes, low and high
    {
      inputs: [
        {
          dtype: 'u16',
          shape: [2, 1, 4],
          values: [0x3210, 0x7654, 0xba98, 0xfedc, 0x0f1e, 0x2d3c, 0x4b5a, 0x6978],
        },
        { shape: [2, 1, 1] },
      ],
      attrs: { type: 'nf4', block: 16, start: 0, end: 2 },
    },
    {
      inputs: [
        { dtype: 'u16', shape: [3, 2, 1], values: [0x3210, 0x7654, 0xba98, 0xfedc, 0x0f1e, 0x2d3c] },
        { dtype: 'i8', shape: [3, 2, 1], values: [127, 1, -3, 50, 0, -127] },
        { shape: [3, 1, 1], range: [0.0001, 0.001] },
      ],
      attrs: { type: 'nf4', block: 4, start: 1, end: 3 },
    },
  ],
});

type Data = HostTensor['data'];

/** The number that scale and zero are applied to, of a code in the block `place`. */
const STEPS: Readonly<
  Record<CodeType, (codes: Data, place: number, inBlock: number, block: number) => number>
> = {
  int8: (codes, place, inBlock, block) => codes[place * block + inBlock]!,
  int4(codes, place, inBlock, block) {
    const half = block / 2;
    const byte = codes[place * half + (inBlock % half)]!;
    return ZERO_STEPS * (inBlock < half ? byte & 15 : byte >> 4);
  },
  nf4(codes, place, inBlock, block) {
    const word = codes[Math.floor((place * block + inBlock) / NF4_IN_WORD)]!;
    return NF4_STEPS[(word >> (4 * (inBlock % NF4_IN_WORD))) & 15]!;
  },
};

/**
 * Bytes that the operations move which it consists of. int8: to float32 1 + 4. int4: two halves out of the bytes 2 x (0.5 + 0.5),
 * beside each other 1 + 1, to float32 1 + 4; pieces of sixteen bytes are put together as slowly as three times as many (measured).
 * nf4: looked up in a table, which takes 1.5 times as long as int4 (measured).
 */
export function dequantisedBytes(shape: Shape, type: AttrValue | undefined): number {
  return (type === 'int8' ? 5 : type === 'int4' ? 13 : 19) * sizeOf(shape);
}

/** The parts of a matrix in few bits: codes [rows, blocks, words], scales and, with int4, zeros [rows, blocks, 1], and steps [rows, 1, 1] of scales that are codes. */
export interface Codes {
  readonly codes: Value;
  readonly scales: Value;
  readonly zeros?: Value | null;
  readonly steps?: Value | null;
}

/** The parts that there are, in the order of operands. */
export function operandsOf({ codes, scales, zeros, steps }: Codes): Value[] {
  return [codes, scales, ...(zeros ? [zeros] : []), ...(steps ? [steps] : [])];
}

/** Rows [start, end) of the matrix [rows, blocks x block] that codes stand for, in float32; all of them where no rows are given. */
export function dequantise(
  parts: Codes,
  type: CodeType,
  block: number,
  [start, end]: readonly [number, number] = [0, parts.codes.shape[0]!],
): Value {
  return apply(dequantiseOp, operandsOf(parts), { type, block, start, end });
}
