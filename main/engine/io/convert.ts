/**
 * Conversion of stored numbers to float32 and back, element by element but at memory speed: models hold hundreds of millions of them. It
 * works on bit patterns, so NaN payloads and signed zeros survive.
 */
import type { DType } from '../ir/dtype.ts';

let halfBits: Uint32Array | null = null;
let halfValues: Float32Array | null = null;

/** The float32 value of every float16 bit pattern; index with the 16 bits. */
export function halfTable(): Float32Array {
  halfValues ??= new Float32Array(halfBitsTable().buffer);
  return halfValues;
}

type Converter = (bytes: Uint8Array<ArrayBuffer>, out: Float32Array, at: number) => void;
type NumberArray = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayLike<number>;

const converted =
  (Source: NumberArray, width: number): Converter =>
  (bytes, out, at) =>
    out.set(new Source(bytes.buffer, bytes.byteOffset, bytes.length / width), at);

const CONVERTERS: Readonly<Record<DType, Converter>> = {
  f64: converted(Float64Array, 8),
  i32: converted(Int32Array, 4),
  u32: converted(Uint32Array, 4),
  i16: converted(Int16Array, 2),
  u16: converted(Uint16Array, 2),
  i8: converted(Int8Array, 1),
  u8: converted(Uint8Array, 1),
  f32: (bytes, out, at) => new Uint8Array(out.buffer, out.byteOffset + at * 4, bytes.length).set(bytes),
  f16: halvesToF32,
  bf16: brainsToF32,
  bool: boolsToF32,
  i64: (bytes, out, at) => longsToF32(bytes, true, out, at),
  u64: (bytes, out, at) => longsToF32(bytes, false, out, at),
};

/** Converts the elements in `bytes` (little-endian, 8-byte-aligned memory) to float32, stored at `out[at]` on. */
export function convertToF32(
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
  out: Float32Array,
  at: number,
): void {
  CONVERTERS[dtype](bytes, out, at);
}

// IEEE 754 binary16 to binary32: sign, 5 exponent bits with bias 15, 10 fraction bits; subnormals are normalised.
function halfBitsTable(): Uint32Array<ArrayBuffer> {
  if (halfBits) return halfBits as Uint32Array<ArrayBuffer>;
  const table = new Uint32Array(65536);
  const scratch = new Float32Array(1);
  const scratchBits = new Uint32Array(scratch.buffer);
  for (let h = 0; h < 65536; h++) {
    const sign = (h & 0x8000) << 16;
    const exponent = (h >> 10) & 31;
    const fraction = h & 1023;
    if (exponent === 31) table[h] = sign | 0x7f800000 | (fraction << 13);
    else if (exponent > 0) table[h] = sign | ((exponent + 112) << 23) | (fraction << 13);
    else {
      scratch[0] = fraction * 2 ** -24;
      table[h] = sign | scratchBits[0]!;
    }
  }
  halfBits = table;
  return table;
}

function halvesToF32(bytes: Uint8Array<ArrayBuffer>, out: Float32Array, at: number): void {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const table = halfBitsTable();
  const target = new Uint32Array(out.buffer, out.byteOffset + at * 4, source.length);
  for (let i = 0; i < source.length; i++) target[i] = table[source[i]!]!;
}

function brainsToF32(bytes: Uint8Array<ArrayBuffer>, out: Float32Array, at: number): void {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const target = new Uint32Array(out.buffer, out.byteOffset + at * 4, source.length);
  for (let i = 0; i < source.length; i++) target[i] = source[i]! << 16;
}

function boolsToF32(source: Uint8Array, out: Float32Array, at: number): void {
  for (let i = 0; i < source.length; i++) out[at + i] = source[i] === 0 ? 0 : 1;
}

function longsToF32(bytes: Uint8Array<ArrayBuffer>, signed: boolean, out: Float32Array, at: number): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i += 2) {
    const high = signed ? words[i + 1]! | 0 : words[i + 1]!;
    out[at + (i >> 1)] = high * 4294967296 + words[i]!;
  }
}

// Float32 to the floats of 16 bits, rounded to nearest with ties to even as hardware does it.

/** The nearest float16 of each value as its 16 bits; beyond 65,504 that is infinity. */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfOfBits(bits[i]!);
  return out;
}

/** The nearest bfloat16 of each value as its 16 bits. */
export function toBrains(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    // a NaN whose payload lies in the low bits must not round to infinity
    out[i] = (b & 0x7fffffff) > 0x7f800000 ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return out;
}

const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

/** The nearest float16 of one value as its 16 bits. */
export function toHalf(value: number): number {
  one[0] = value;
  return halfOfBits(oneBits[0]!);
}

// binary32 has 8 exponent bits with bias 127, binary16 has 5 with bias 15
function halfOfBits(b: number): number {
  const sign = (b >>> 16) & 0x8000;
  const magnitude = b & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000)
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  return sign | subnormal(magnitude);
}

/** Below 2^-14 halves are multiples of 2^-24: the fraction is shifted until it counts those. */
function subnormal(magnitude: number): number {
  const exponent = magnitude >>> 23;
  const shift = 126 - exponent;
  if (shift > 24) return 0;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const half = 1 << (shift - 1);
  const rest = fraction & ((1 << shift) - 1);
  const whole = fraction >>> shift;
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}

export const LARGEST_HALF = 65_504;

export type FloatType = 'f32' | 'f16' | 'bf16';

/** The names that Transformers and PyTorch give them. */
export const TORCH_DTYPES: Readonly<Record<FloatType, string>> = {
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
};

/** `values` as numbers of `type`; float32 is not copied. */
export function asFloatType(type: FloatType, values: Float32Array): Float32Array | Uint16Array {
  if (type === 'f32') return values;
  return type === 'f16' ? toHalves(values) : toBrains(values);
}
