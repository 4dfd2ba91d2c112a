/**
 * Matrices in few bits as ggml's blocks of 32 weights, which its kernels multiply with. Scales become float16: where that would lose more
 * than a ten-thousandth of a weight's step, or rows are no multiple of a block, the matrix is float32.
 */
import type { CodeType, HostArray } from '../../ir/dtype.ts';
import type { Attrs, Value } from '../../ir/graph.ts';
import { NF4_IN_WORD, NF4_STEPS, opOf, partsOf, ZERO_STEPS } from '../../ops/functions.ts';
import { halfOfNumber, numberOfHalf } from '../../ops/primitives/widen.ts';
import { BLOCKS } from './builder.ts';
import type { GgmlType } from './library.ts';

/** The operands of an operation that unpacks a matrix, and what they hold. */
export interface CodeParts {
  readonly values: readonly Value[];
  readonly data: readonly HostArray[];
  readonly attrs: Attrs;
}

export interface PackedMatrix {
  readonly type: GgmlType;
  readonly rows: number;
  readonly columns: number;
  readonly data: HostArray;
}

const BLOCK = 32;
/** What rounding a scale to float16 may change it by: half of its last bit. */
const MOST_CHANGE = 2 ** -11;

/** The matrix that the codes stand for, in the smallest of ggml's types that holds it. */
export function packed({ values, data, attrs }: CodeParts): PackedMatrix {
  const { type, block } = attrs as { type: CodeType; block: number };
  const parts = values.map(({ dtype, shape }, i) => ({ dtype, shape, data: data[i]! }));
  const { codes, scales, zeros, steps } = partsOf(parts);
  const [rows, blocks] = codes.shape as [number, number];
  const columns = blocks * block;
  const float = Float32Array.from(scales.data, (scale, i) =>
    steps ? scale * steps.data[Math.floor(i / blocks)]! : scale,
  );
  const kind = kindOf(type, block, zeros?.data);
  if (kind && columns % BLOCK === 0 && float.every((scale) => isKept(scale * kind.factor))) {
    const from = { codes: codes.data, scales: float, zeros: zeros?.data ?? null, block };
    return { type: kind.type, rows, columns, data: kind.pack(from, rows * columns) };
  }
  const whole = { dtype: 'f32' as const, shape: [rows, columns], data: new Float32Array(rows * columns) };
  opOf('dequantise').reference!(parts, { type, block, start: 0, end: rows }, whole);
  return { type: 'f32', rows, columns, data: whole.data };
}

/** Whether a scale is still itself as float16, which has few bits for small numbers. */
function isKept(scale: number): boolean {
  const half = numberOfHalf(halfOfNumber(scale));
  return Math.abs(half - scale) <= MOST_CHANGE * Math.abs(scale);
}

interface From {
  readonly codes: HostArray;
  readonly scales: Float32Array;
  readonly zeros: HostArray | null;
  readonly block: number;
}

interface Kind {
  readonly type: GgmlType;
  /** What a scale is multiplied with in ggml's form. */
  readonly factor: number;
  pack(from: From, weights: number): Uint8Array;
}

/** Between the codes of Q4_0, which are 0 to 15 and stand for -8 to 7, and the zero of ours. */
const MIDDLE = 8 * ZERO_STEPS;

function kindOf(type: CodeType, block: number, zeros: HostArray | undefined): Kind | null {
  if (block % BLOCK !== 0) return null;
  if (type === 'int4') return zeros!.every((zero) => zero === MIDDLE) ? Q4_0 : Q4_1;
  return type === 'int8' ? INT8 : NF4;
}

const inBytes = (numberOf: (codes: HostArray, weight: number) => number): Kind => ({
  type: 'q8_0',
  factor: 1,
  pack: ({ codes, scales, block }, weights) =>
    blocksOf('q8_0', weights, (view, at, first) => {
      view.setUint16(at, halfOfNumber(scales[Math.floor(first / block)]!), true);
      for (let i = 0; i < BLOCK; i++) view.setInt8(at + 2 + i, numberOf(codes, first + i));
    }),
});

const INT8 = inBytes((codes, weight) => codes[weight]!);
/** What codes stand for are whole numbers of 8 bits; ggml has no table with them. */
const NF4 = inBytes(
  (codes, weight) =>
    NF4_STEPS[(codes[Math.floor(weight / NF4_IN_WORD)]! >> (4 * (weight % NF4_IN_WORD))) & 15]!,
);

const Q4_0: Kind = {
  type: 'q4_0',
  factor: ZERO_STEPS,
  pack: (from, weights) =>
    blocksOf('q4_0', weights, (view, at, first) => {
      view.setUint16(at, halfOfNumber(ZERO_STEPS * from.scales[Math.floor(first / from.block)]!), true);
      setHalves(view, at + 2, from, first);
    }),
};

const Q4_1: Kind = {
  type: 'q4_1',
  factor: ZERO_STEPS,
  pack: (from, weights) =>
    blocksOf('q4_1', weights, (view, at, first) => {
      const place = Math.floor(first / from.block);
      const scale = from.scales[place]!;
      view.setUint16(at, halfOfNumber(ZERO_STEPS * scale), true);
      view.setUint16(at + 2, halfOfNumber(-from.zeros![place]! * scale), true);
      setHalves(view, at + 4, from, first);
    }),
};

function blocksOf(
  type: GgmlType,
  weights: number,
  fill: (view: DataView, at: number, first: number) => void,
): Uint8Array {
  const size = BLOCKS[type][1];
  const bytes = new Uint8Array((weights / BLOCK) * size);
  const view = new DataView(bytes.buffer);
  for (let first = 0, at = 0; first < weights; first += BLOCK, at += size) fill(view, at, first);
  return bytes;
}

/** The codes of 32 weights from `first` on: the first half of them are the low halves of the bytes. */
function setHalves(view: DataView, at: number, { codes, block }: From, first: number): void {
  const half = BLOCK / 2;
  for (let i = 0; i < half; i++)
    view.setUint8(at + i, codeAt(codes, block, first + i) | (codeAt(codes, block, first + half + i) << 4));
}

/** A code of 4 bits; within its block the first half lies in the low halves of the bytes. */
function codeAt(codes: HostArray, block: number, weight: number): number {
  const [start, inBlock] = [Math.floor(weight / block), weight % block];
  const half = block / 2;
  const byte = codes[start * half + (inBlock % half)]!;
  return inBlock < half ? byte & 15 : byte >> 4;
}

/** What codes will most likely be stored as, before their data is there. */
export function packedType(type: CodeType, block: number): GgmlType {
  return block % BLOCK !== 0 ? 'f32' : type === 'int4' ? 'q4_1' : 'q8_0';
}
