import type { DType } from '../ir/dtype.ts';
import type { GgufBlockType } from './tensor-store.ts';

/**
 * The numbers by which GGUF names its tensor formats (the `ggml_type` enumeration of the ggml project). Formats that
 * Fettle does not read are listed by name too, so that the refusal can say what the file holds.
 */
export interface BlockLayout {
  readonly type: DType | GgufBlockType;
  /** Elements of one block; 1 for plain numbers. */
  readonly blockSize: number;
  readonly blockBytes: number;
}

const plain = (type: DType, bytes: number): BlockLayout => ({ type, blockSize: 1, blockBytes: bytes });
const small = (type: GgufBlockType, bytes: number): BlockLayout => ({
  type,
  blockSize: 32,
  blockBytes: bytes,
});
const large = (type: GgufBlockType, bytes: number): BlockLayout => ({
  type,
  blockSize: 256,
  blockBytes: bytes,
});

/** The formats that can be read, by their number in the file. */
export const GGUF_LAYOUTS: ReadonlyMap<number, BlockLayout> = new Map([
  [0, plain('f32', 4)],
  [1, plain('f16', 2)],
  [2, small('Q4_0', 18)],
  [3, small('Q4_1', 20)],
  [6, small('Q5_0', 22)],
  [7, small('Q5_1', 24)],
  [8, small('Q8_0', 34)],
  [10, large('Q2_K', 84)],
  [11, large('Q3_K', 110)],
  [12, large('Q4_K', 144)],
  [13, large('Q5_K', 176)],
  [14, large('Q6_K', 210)],
  [15, large('Q8_K', 292)],
  [20, small('IQ4_NL', 18)],
  [23, large('IQ4_XS', 136)],
  [24, plain('i8', 1)],
  [25, plain('i16', 2)],
  [26, plain('i32', 4)],
  [27, plain('i64', 8)],
  [28, plain('f64', 8)],
  [30, plain('bf16', 2)],
]);

/** Layouts by name. */
export const LAYOUT_OF: ReadonlyMap<DType | GgufBlockType, BlockLayout> = new Map(
  [...GGUF_LAYOUTS.values()].map((layout) => [layout.type, layout]),
);

const UNREAD: Readonly<Record<number, string>> = {
  4: 'Q4_2',
  5: 'Q4_3',
  9: 'Q8_1',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  21: 'IQ3_S',
  22: 'IQ2_S',
  29: 'IQ1_M',
  31: 'Q4_0_4_4',
  32: 'Q4_0_4_8',
  33: 'Q4_0_8_8',
  34: 'TQ1_0',
  35: 'TQ2_0',
  36: 'IQ4_NL_4_4',
  37: 'IQ4_NL_4_8',
  38: 'IQ4_NL_8_8',
  39: 'MXFP4',
  40: 'NVFP4',
  41: 'Q1_0',
};

/** What to call a format that cannot be read. */
export function unreadFormatName(code: number): string {
  return UNREAD[code] ?? `an unknown format (number ${code})`;
}

/** A value of the metadata with the type under which it is stored. */
export type GgufEntry =
  | { readonly type: 'u32' | 'i32' | 'f32' | 'u64'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'i32s' | 'f32s'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'bytes'; readonly value: Uint8Array };
