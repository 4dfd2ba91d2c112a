import { internal } from '../../../common/errors.ts';
import { halfTable } from './convert.ts';
import type { GgufBlockType } from './tensor-store.ts';

/**
 * Quantised blocks to float32. The formulas are those of the ggml project's block formats; the results equal its float32 arithmetic. Half a
 * billion weights pass through these loops when a model is opened, so they are plain loops over typed arrays, one function per format, with
 * nothing allocated inside.
 */

/** Decodes `blocks` blocks that lie one after the other in `src` to `out[at]` on. */
type Dequantizer = (src: Uint8Array, blocks: number, out: Float32Array, at: number) => void;

/** The decoder of a format. */
export function dequantizerOf(type: GgufBlockType): Dequantizer {
  return DEQUANTIZERS[type] ?? unknownType(type);
}

const DEQUANTIZERS: Readonly<Record<GgufBlockType, Dequantizer>> = {
  Q4_0: dequantizeQ40,
  Q4_1: dequantizeQ41,
  Q5_0: dequantizeQ50,
  Q5_1: dequantizeQ51,
  Q8_0: dequantizeQ80,
  Q2_K: dequantizeQ2K,
  Q3_K: dequantizeQ3K,
  Q4_K: dequantizeQ4K,
  Q5_K: dequantizeQ5K,
  Q6_K: dequantizeQ6K,
  Q8_K: dequantizeQ8K,
  IQ4_NL: dequantizeIQ4NL,
  IQ4_XS: dequantizeIQ4XS,
};

// The 16 levels of the non-linear 4-bit formats.
const LEVELS = new Float32Array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]);

// d, 16 bytes of nibbles: (q - 8) * d. Low nibbles are the first 16 elements, in all formats below.
function dequantizeQ40(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 18, o += 32) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = src[s + 2 + j]!;
      out[o + j] = ((q & 15) - 8) * d;
      out[o + j + 16] = ((q >> 4) - 8) * d;
    }
  }
}

// d, m, 16 bytes of nibbles: q * d + m
function dequantizeQ41(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 20, o += 32) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    const m = half[src[s + 2]! | (src[s + 3]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = src[s + 4 + j]!;
      out[o + j] = (q & 15) * d + m;
      out[o + j + 16] = (q >> 4) * d + m;
    }
  }
}

// d, 32 fifth bits, 16 bytes of nibbles: (q - 16) * d
function dequantizeQ50(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 22, o += 32) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    const low = src[s + 2]! | (src[s + 3]! << 8);
    const high = src[s + 4]! | (src[s + 5]! << 8);
    for (let j = 0; j < 16; j++) {
      const q = src[s + 6 + j]!;
      out[o + j] = (((q & 15) | (((low >> j) & 1) << 4)) - 16) * d;
      out[o + j + 16] = (((q >> 4) | (((high >> j) & 1) << 4)) - 16) * d;
    }
  }
}

// d, m, 32 fifth bits, 16 bytes of nibbles: q * d + m
function dequantizeQ51(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 24, o += 32) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    const m = half[src[s + 2]! | (src[s + 3]! << 8)]!;
    const low = src[s + 4]! | (src[s + 5]! << 8);
    const high = src[s + 6]! | (src[s + 7]! << 8);
    for (let j = 0; j < 16; j++) {
      const q = src[s + 8 + j]!;
      out[o + j] = ((q & 15) | (((low >> j) & 1) << 4)) * d + m;
      out[o + j + 16] = ((q >> 4) | (((high >> j) & 1) << 4)) * d + m;
    }
  }
}

// d, 32 signed bytes: q * d
function dequantizeQ80(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 34, o += 32) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    for (let j = 0; j < 32; j++) out[o + j] = ((src[s + 2 + j]! << 24) >> 24) * d;
  }
}

// d, 16 bytes of nibbles: LEVELS[q] * d
function dequantizeIQ4NL(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 18, o += 32) {
    decodeLevels(src, s + 2, half[src[s]! | (src[s + 1]! << 8)]!, out, o);
  }
}

// d, 8 pairs of high scale bits, 8 nibbles of low scale bits, 128 bytes of nibbles: LEVELS[q] * d * (scale - 32)
function dequantizeIQ4XS(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 136, o += 256) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    for (let g = 0; g < 8; g++) decodeLevels(src, s + 8 + 16 * g, d * scaleOfXs(src, s, g), out, o + 32 * g);
  }
}

/** The whole number by which the half float of an IQ4_XS block at `s` is multiplied for its weights 32 g to 32 g + 31. */
export function scaleOfXs(src: Uint8Array, s: number, g: number): number {
  const high = src[s + 2]! | (src[s + 3]! << 8);
  const low = (src[s + 4 + (g >> 1)]! >> (4 * (g & 1))) & 15;
  return (low | (((high >> (2 * g)) & 3) << 4)) - 32;
}

function decodeLevels(src: Uint8Array, from: number, scale: number, out: Float32Array, at: number): void {
  for (let j = 0; j < 16; j++) {
    const q = src[from + j]!;
    out[at + j] = LEVELS[q & 15]! * scale;
    out[at + j + 16] = LEVELS[q >> 4]! * scale;
  }
}

function unknownType(type: string): never {
  throw internal(`no decoder for GGUF blocks of type ${type}`);
}

/**
 * The K formats of GGUF: super-blocks of 256 weights whose groups of 16 or 32 have small integer scales (and minima) that one or two half
 * floats multiply. Each function decodes `blocks` blocks of `src` to `out[at]` on; the layout of a block stands above it, with the formulas
 * of the ggml project.
 */

// 16 scales (low nibble) and minima (high nibble), 64 bytes of 2-bit q, d, dmin: q * d * scale - dmin * minimum
function dequantizeQ2K(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 84) {
    const d = half[src[s + 80]! | (src[s + 81]! << 8)]!;
    const dmin = half[src[s + 82]! | (src[s + 83]! << 8)]!;
    for (let g = 0; g < 16; g++, o += 16) {
      const scale = d * (src[s + g]! & 15);
      const minimum = dmin * (src[s + g]! >> 4);
      const from = s + 16 + twoBitOffset(g);
      const shift = g & 6;
      for (let j = 0; j < 16; j++) out[o + j] = ((src[from + j]! >> shift) & 3) * scale - minimum;
    }
  }
}

// 32 bytes of third bits, 64 bytes of 2-bit q, 12 bytes of 6-bit scales, d: (q - 4) * d * (scale - 32)
function dequantizeQ3K(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 110) {
    const d = half[src[s + 108]! | (src[s + 109]! << 8)]!;
    for (let g = 0; g < 16; g++, o += 16) {
      const low = (src[s + 96 + (g & 7)]! >> (4 * (g >> 3))) & 15;
      const high = (src[s + 104 + (g & 3)]! >> (2 * (g >> 2))) & 3;
      const scale = d * ((low | (high << 4)) - 32);
      const from = s + 32 + twoBitOffset(g);
      const shift = g & 6;
      const third = s + 16 * (g & 1);
      const bit = g >> 1;
      for (let j = 0; j < 16; j++) {
        const q = ((src[from + j]! >> shift) & 3) | (((src[third + j]! >> bit) & 1) << 2);
        out[o + j] = (q - 4) * scale;
      }
    }
  }
}

// d, dmin, 12 bytes of 6-bit scales and minima, 128 bytes of nibbles: q * d * scale - dmin * minimum
function dequantizeQ4K(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 144) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    const dmin = half[src[s + 2]! | (src[s + 3]! << 8)]!;
    for (let g = 0; g < 8; g++, o += 32) {
      const scale = d * sixBitScale(src, s + 4, g);
      const minimum = dmin * sixBitMinimum(src, s + 4, g);
      const from = s + 16 + 32 * (g >> 1);
      const shift = 4 * (g & 1);
      for (let j = 0; j < 32; j++) out[o + j] = ((src[from + j]! >> shift) & 15) * scale - minimum;
    }
  }
}

// As Q4_K, with 32 bytes of fifth bits before the nibbles
function dequantizeQ5K(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 176) {
    const d = half[src[s]! | (src[s + 1]! << 8)]!;
    const dmin = half[src[s + 2]! | (src[s + 3]! << 8)]!;
    for (let g = 0; g < 8; g++, o += 32) {
      const scale = d * sixBitScale(src, s + 4, g);
      const minimum = dmin * sixBitMinimum(src, s + 4, g);
      const from = s + 48 + 32 * (g >> 1);
      const shift = 4 * (g & 1);
      for (let j = 0; j < 32; j++) {
        const q = ((src[from + j]! >> shift) & 15) | (((src[s + 16 + j]! >> g) & 1) << 4);
        out[o + j] = q * scale - minimum;
      }
    }
  }
}

// 128 bytes of nibbles, 64 bytes of upper 2 bits, 16 signed scales, d: (q - 32) * d * scale
function dequantizeQ6K(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const half = halfTable();
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 210) {
    const d = half[src[s + 208]! | (src[s + 209]! << 8)]!;
    for (let g = 0; g < 16; g++, o += 16) {
      const scale = d * ((src[s + 192 + g]! << 24) >> 24);
      // Groups of 32 within a half of 128: nibbles low, low, high, high of two runs; upper bits shifted by 2 each.
      const pair = (g >> 1) & 3;
      const from = s + 64 * (g >> 3) + 32 * (pair & 1) + 16 * (g & 1);
      const upper = s + 128 + 32 * (g >> 3) + 16 * (g & 1);
      const shift = 4 * (pair >> 1);
      const upperShift = 2 * pair;
      for (let j = 0; j < 16; j++) {
        const q = ((src[from + j]! >> shift) & 15) | (((src[upper + j]! >> upperShift) & 3) << 4);
        out[o + j] = (q - 32) * scale;
      }
    }
  }
}

// d (float32), 256 signed bytes, 16 sums (not needed): q * d
function dequantizeQ8K(src: Uint8Array, blocks: number, out: Float32Array, at: number): void {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let b = 0, s = 0, o = at; b < blocks; b++, s += 292, o += 256) {
    bits[0] = src[s]! | (src[s + 1]! << 8) | (src[s + 2]! << 16) | (src[s + 3]! << 24);
    const d = value[0]!;
    for (let j = 0; j < 256; j++) out[o + j] = ((src[s + 4 + j]! << 24) >> 24) * d;
  }
}

// Group g of 16 weights: 32 bytes serve 128 weights, two bits at a time (the shift is 2 * ((g >> 1) & 3)).
function twoBitOffset(g: number): number {
  return 32 * (g >> 3) + 16 * (g & 1);
}

/** Scale `g` of eight scales and eight minima of 6 bits in 12 bytes: four bytes each, then nibbles plus the spare upper bits. */
export function sixBitScale(src: Uint8Array, from: number, g: number): number {
  if (g < 4) return src[from + g]! & 63;
  return (src[from + g + 4]! & 15) | ((src[from + g - 4]! >> 6) << 4);
}

/** Minimum `g` of the same. */
export function sixBitMinimum(src: Uint8Array, from: number, g: number): number {
  if (g < 4) return src[from + g + 4]! & 63;
  return (src[from + g + 4]! >> 4) | ((src[from + g]! >> 6) << 4);
}
