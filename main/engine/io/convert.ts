import { internal } from '../../../common/errors.ts';
import type { DType } from '../ir/dtype.ts';

/**
 * Conversion of stored numbers to float32, element by element but at memory speed: models hold hundreds of millions
 * of them. Half floats go through a table of all 65,536 values; bfloat16 is a shift. Both work on bit patterns, so NaN
 * payloads and signed zeros survive.
 */
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

/** Converts stored integers to int32; returns the index of the first element that does not fit, or -1. */
export function convertToI32(
  dtype: DType,
  bytes: Uint8Array<ArrayBuffer>,
  out: Int32Array,
  at: number,
): number {
  const { buffer, byteOffset, length } = bytes;
  if (dtype === 'i64' || dtype === 'u64') {
    return longsToI32(new Int32Array(buffer, byteOffset, length / 4), dtype === 'i64', out, at);
  }
  if (dtype === 'u32') {
    const source = new Int32Array(buffer, byteOffset, length / 4);
    out.set(source, at);
    return source.findIndex((value) => value < 0);
  }
  if (dtype === 'i32') out.set(new Int32Array(buffer, byteOffset, length / 4), at);
  else if (dtype === 'i16') out.set(new Int16Array(buffer, byteOffset, length / 2), at);
  else if (dtype === 'u16') out.set(new Uint16Array(buffer, byteOffset, length / 2), at);
  else if (dtype === 'i8') out.set(new Int8Array(buffer, byteOffset, length), at);
  else if (dtype === 'u8' || dtype === 'bool') out.set(bytes, at);
  else throw internal(`no conversion from ${dtype} to int32`);
  return -1;
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

function longsToI32(words: Int32Array, signed: boolean, out: Int32Array, at: number): number {
  for (let i = 0; i < words.length; i += 2) {
    const low = words[i]!;
    const high = words[i + 1]!;
    // The high word of a value that fits repeats the sign of the low word.
    if (high !== low >> 31 || (!signed && high !== 0)) return i >> 1;
    out[at + (i >> 1)] = low;
  }
  return -1;
}
