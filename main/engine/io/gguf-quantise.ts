/**
 * Float32 values as the bytes of a GGUF tensor. The block formats are those of ggml's reference quantisers, to the bit:
 * 32 values share a scale d (and a minimum m in the `_1` formats), stored as float16; the quotients are computed with
 * the unrounded d in float32. With q the stored integer and halves of a block side by side in the nibbles:
 *
 *   Q8_0  d = max|x| / 127,            q = round(x / d),                  x' = d q
 *   Q4_0  d = x_max / -8,              q = min(15, trunc(x / d + 8.5)),   x' = d (q - 8)
 *   Q5_0  d = x_max / -16,             q = min(31, trunc(x / d + 16.5)),  x' = d (q - 16)
 *   Q4_1  m = min x, d = (max x - m) / 15,  q = min(15, trunc((x - m) / d + 0.5)),  x' = d q + m
 *   Q5_1  m = min x, d = (max x - m) / 31,  q = trunc((x - m) / d + 0.5),           x' = d q + m
 *
 * where x_max is the value of largest magnitude with its sign. The fifth bits of Q5 lie in a word of 32 bits.
 */

import { toBrains, toHalf, toHalves } from './convert.ts';
import { LAYOUT_OF } from './gguf-types.ts';

/** The formats that Fettle writes. */
export const GGUF_WRITE_TYPES = ['f32', 'f16', 'bf16', 'Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0'] as const;
export type GgufWriteType = (typeof GGUF_WRITE_TYPES)[number];

const BLOCK = 32;
const HALF = BLOCK / 2;
const f = Math.fround;

/** The bytes of `values` in `type`; the length must be a multiple of the type's block size. */
export function encodeGguf(type: GgufWriteType, values: Float32Array): Uint8Array {
  switch (type) {
    case 'f32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'f16':
      return new Uint8Array(toHalves(values).buffer);
    case 'bf16':
      return new Uint8Array(toBrains(values).buffer);
    default:
      return quantise(type, values);
  }
}

type BlockType = Exclude<GgufWriteType, 'f32' | 'f16' | 'bf16'>;
/** Writes the block of 32 values at x[from] to out[at]. */
type Quantiser = (x: Float32Array, from: number, out: DataView, at: number) => void;

const QUANTISERS: Readonly<Record<BlockType, Quantiser>> = {
  Q8_0: (x, from, out, at) => {
    const d = f(Math.abs(extreme(x, from)) / 127);
    const inverse = d === 0 ? 0 : f(1 / d);
    out.setUint16(at, toHalf(d), true);
    for (let i = 0; i < BLOCK; i++) out.setInt8(at + 2 + i, roundAway(f(x[from + i]! * inverse)));
  },
  Q4_0: (x, from, out, at) => signed(x, from, out, at, 4),
  Q5_0: (x, from, out, at) => signed(x, from, out, at, 5),
  Q4_1: (x, from, out, at) => shifted(x, from, out, at, 4),
  Q5_1: (x, from, out, at) => shifted(x, from, out, at, 5),
};

function quantise(type: BlockType, values: Float32Array): Uint8Array {
  const { blockBytes } = LAYOUT_OF.get(type)!;
  const bytes = new Uint8Array((values.length / BLOCK) * blockBytes);
  const view = new DataView(bytes.buffer);
  const write = QUANTISERS[type];
  for (let block = 0; block * BLOCK < values.length; block++) {
    write(values, block * BLOCK, view, block * blockBytes);
  }
  return bytes;
}

const codes = new Uint8Array(BLOCK);

function signed(x: Float32Array, from: number, out: DataView, at: number, bits: 4 | 5): void {
  const middle = 1 << (bits - 1);
  const d = f(extreme(x, from) / -middle);
  const inverse = d === 0 ? 0 : f(1 / d);
  for (let i = 0; i < BLOCK; i++) {
    const code = Math.trunc(f(f(x[from + i]! * inverse) + middle + 0.5));
    codes[i] = Math.min(2 * middle - 1, code);
  }
  out.setUint16(at, toHalf(d), true);
  pack(out, at + 2, bits);
}

function shifted(x: Float32Array, from: number, out: DataView, at: number, bits: 4 | 5): void {
  const most = (1 << bits) - 1;
  let [low, high] = [x[from]!, x[from]!];
  for (let i = 1; i < BLOCK; i++) {
    low = Math.min(low, x[from + i]!);
    high = Math.max(high, x[from + i]!);
  }
  const d = f(f(high - low) / most);
  const inverse = d === 0 ? 0 : f(1 / d);
  for (let i = 0; i < BLOCK; i++) {
    codes[i] = Math.min(most, Math.trunc(f(f(f(x[from + i]! - low) * inverse) + 0.5)));
  }
  out.setUint16(at, toHalf(d), true);
  out.setUint16(at + 2, toHalf(low), true);
  pack(out, at + 4, bits);
}

/** The low four bits of value i and of value i + 16 share a byte; fifth bits come before them. */
function pack(out: DataView, at: number, bits: 4 | 5): void {
  let start = at;
  if (bits === 5) {
    let fifth = 0;
    for (let i = 0; i < BLOCK; i++) fifth |= (codes[i]! >> 4) << i;
    out.setUint32(at, fifth >>> 0, true);
    start += 4;
  }
  for (let i = 0; i < HALF; i++) out.setUint8(start + i, (codes[i]! & 15) | ((codes[i + HALF]! & 15) << 4));
}

/** The value of the largest magnitude in a block, with its sign; the first of equal ones. */
function extreme(x: Float32Array, from: number): number {
  let found = 0;
  for (let i = 0; i < BLOCK; i++) if (Math.abs(x[from + i]!) > Math.abs(found)) found = x[from + i]!;
  return found;
}

/** C's roundf: halves go away from zero, where Math.round goes up. */
function roundAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}
