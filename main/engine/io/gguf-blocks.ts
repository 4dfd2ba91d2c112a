import { internal } from '../../../common/errors.ts';
import { halfTable } from './convert.ts';
import {
  dequantizeQ2K,
  dequantizeQ3K,
  dequantizeQ4K,
  dequantizeQ5K,
  dequantizeQ6K,
  dequantizeQ8K,
} from './gguf-k-blocks.ts';
import type { GgufBlockType } from './tensor-store.ts';

/**
 * Quantised blocks to float32. The formulas are those of the ggml project's block formats; the results equal its
 * float32 arithmetic. Half a billion weights pass through these loops when a model is opened, so they are plain
 * loops over typed arrays, one function per format, with nothing allocated inside.
 */

/** Decodes `blocks` blocks that lie one after the other in `src` to `out[at]` on. */
export type Dequantizer = (src: Uint8Array, blocks: number, out: Float32Array, at: number) => void;

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
    const high = src[s + 2]! | (src[s + 3]! << 8);
    for (let g = 0; g < 8; g++) {
      const low = (src[s + 4 + (g >> 1)]! >> (4 * (g & 1))) & 15;
      const scale = low | (((high >> (2 * g)) & 3) << 4);
      decodeLevels(src, s + 8 + 16 * g, d * (scale - 32), out, o + 32 * g);
    }
  }
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
