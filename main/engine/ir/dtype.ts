/**
 * Element types of graph values and of tensors in files. The engine computes in float32 and int32; the narrower types exist for weights at
 * rest and for what executors need internally.
 */
export type DType =
  | 'f32'
  | 'f16'
  | 'bf16'
  | 'f64'
  | 'i8'
  | 'u8'
  | 'i16'
  | 'u16'
  | 'i32'
  | 'u32'
  | 'i64'
  | 'u64'
  | 'bool';

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<DType, number>> = {
  f64: 8,
  i64: 8,
  u64: 8,
  f32: 4,
  i32: 4,
  u32: 4,
  f16: 2,
  bf16: 2,
  i16: 2,
  u16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
};

/** The floats of 16 bits in which weights may rest. */
export type HalfType = 'f16' | 'bf16';

/** Codes of quantised weights; what they stand for is in ops/primitives/dequantise.ts. */
export type CodeType = 'int8' | 'int4' | 'nf4';

/**
 * A format for the matrices of a model: the codes of its linear layers, and `-dq` where their scales are codes themselves (double
 * quantisation). `int8-row` has one scale a row instead of blocks, which products in whole numbers need. The names stand in caches and
 * adapters.
 */
export type QuantisedFormat = CodeType | `${CodeType}-dq` | 'int8-row';

export const QUANTISED_FORMATS: readonly QuantisedFormat[] = [
  ...(['int4', 'int8', 'nf4', 'int4-dq', 'int8-dq', 'nf4-dq', 'int8-row'] as const),
];

/** The dtypes of graph values: operations compute in the first three; weights at rest may have the others, quantised ones the last three. */
export type ComputeDType = 'f32' | 'i32' | 'bool' | HalfType | 'u8' | 'i8' | 'u16';

/** Host memory for each compute dtype; booleans are bytes 0 and 1, floats of 16 bits their bit patterns. */
export const HOST_ARRAYS = {
  f32: Float32Array,
  i32: Int32Array,
  bool: Uint8Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
} as const;

type ArrayOf<D extends ComputeDType> = (typeof HOST_ARRAYS)[D]['prototype'];
export type HostArray = ArrayOf<ComputeDType>;

/** Allocates zeroed host memory for `count` elements of `dtype`. */
export function allocate<D extends ComputeDType>(dtype: D, count: number): ArrayOf<D> {
  return new HOST_ARRAYS[dtype](count) as ArrayOf<D>;
}
