/** Rounds float32 weights to codes of 8 or 4 bits, block by block, each block with a scale of its own. */
import { WEIGHT_BLOCK, type WeightBits } from '../nn/rounded.ts';

/** What whole blocks become: codes as bytes (of 8 bits with a sign), a scale for each block, and with 4 bits a zero. */
export interface RoundedBlocks {
  readonly codes: Uint8Array | Int8Array;
  readonly scales: Float32Array;
  readonly zeros: Uint8Array | null;
}

/** Room for so many blocks. */
export function emptyBlocks(blocks: number, bits: WeightBits): RoundedBlocks {
  const bytes = (blocks * WEIGHT_BLOCK * bits) / 8;
  return {
    codes: bits === 8 ? new Int8Array(bytes) : new Uint8Array(bytes),
    scales: new Float32Array(blocks),
    zeros: bits === 4 ? new Uint8Array(blocks) : null,
  };
}

/** Rounds `values`, which are whole blocks. */
export function roundBlocks(values: Float32Array, bits: WeightBits): RoundedBlocks {
  const out = emptyBlocks(values.length / WEIGHT_BLOCK, bits);
  for (let i = 0; i < out.scales.length; i++) roundBlock(values, i * WEIGHT_BLOCK, out, i);
  return out;
}

/** Rounds the block that begins at `values[start]` to block `at` of `out`. */
export function roundBlock(values: Float32Array, start: number, out: RoundedBlocks, at: number): void {
  if (out.zeros) roundTo4(values, start, out as RoundedBlocks & { zeros: Uint8Array }, at);
  else out.scales[at] = roundTo8(values, start, out.codes, at * WEIGHT_BLOCK);
}

/** The largest weight becomes 127 or -127; gives the scale. */
function roundTo8(values: Float32Array, start: number, codes: RoundedBlocks['codes'], at: number): number {
  let most = 0;
  for (let i = 0; i < WEIGHT_BLOCK; i++) most = Math.max(most, Math.abs(values[start + i]!));
  if (most === 0) return 0;
  // the scale as it is kept, in float32, decides which code is nearest
  const scale = Math.fround(most / 127);
  for (let i = 0; i < WEIGHT_BLOCK; i++) codes[at + i] = Math.round(values[start + i]! / scale);
  return scale;
}

/** Shares of the least and of the largest weight between which the 16 codes lie: the less, the more is cut off at that end. */
const ENDS = [1, 0.92, 0.84].flatMap((low, _, all) => all.map((high) => [low, high] as const));
const HALF = WEIGHT_BLOCK / 2;
const MOST_CODE = 15;

/**
 * A weight is (16 code - zero) scale. Of the candidates of `ENDS` those codes with the least squared error: for steps c the best scale is
 * sum(w c) / sum(c^2), and the error is then sum(w^2) - sum(w c)^2 / sum(c^2); as llama.cpp searches its K blocks.
 */
function roundTo4(
  values: Float32Array,
  start: number,
  { codes, scales, zeros }: RoundedBlocks & { readonly zeros: Uint8Array },
  at: number,
): void {
  let [low, high] = [0, 0];
  for (let i = start; i < start + WEIGHT_BLOCK; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  let [scale, inverse, zero, best] = [0, 0, 0, -1];
  for (const [lowShare, highShare] of high > low ? ENDS : []) {
    const perStep = (16 * MOST_CODE) / (high * highShare - low * lowShare);
    const middle = Math.round(-low * lowShare * perStep);
    let [products, squares] = [0, 0];
    for (let i = start; i < start + WEIGHT_BLOCK; i++) {
      const steps = 16 * codeOf(values[i]! * perStep + middle) - middle;
      products += values[i]! * steps;
      squares += steps * steps;
    }
    const explained = squares > 0 ? (products * products) / squares : 0;
    if (explained > best) [scale, inverse, zero, best] = [products / squares, perStep, middle, explained];
  }
  for (let i = 0; i < HALF; i++) {
    const [first, second] = [values[start + i]! * inverse, values[start + HALF + i]! * inverse];
    codes[at * HALF + i] = codeOf(first + zero) | (codeOf(second + zero) << 4);
  }
  scales[at] = scale;
  zeros[at] = zero;
}

/** The nearest of the codes 0 to 15 to so many sixteenths of a code. */
function codeOf(sixteenths: number): number {
  const code = (sixteenths / 16 + 0.5) | 0;
  return Math.max(0, Math.min(MOST_CODE, code));
}
