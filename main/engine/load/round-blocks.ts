/** Rounds float32 weights to codes of 8 or 4 bits, block by block, each block with a scale of its own. */
import { WEIGHT_BLOCK, type WeightBits } from '../nn/rounded.ts';

/** What whole blocks become: codes as bytes (of 8 bits with a sign), and a scale for each block. */
export interface RoundedBlocks {
  readonly codes: Uint8Array | Int8Array;
  readonly scales: Float32Array;
}

/** Rounds `values`, which are whole blocks. */
export function roundBlocks(values: Float32Array, bits: WeightBits): RoundedBlocks {
  const blocks = values.length / WEIGHT_BLOCK;
  const scales = new Float32Array(blocks);
  if (bits === 8) {
    const codes = new Int8Array(values.length);
    for (let i = 0; i < blocks; i++) scales[i] = roundTo8(values, i * WEIGHT_BLOCK, codes);
    return { codes, scales };
  }
  const codes = new Uint8Array(values.length / 2);
  for (let i = 0; i < blocks; i++) scales[i] = roundTo4(values, i * WEIGHT_BLOCK, codes);
  return { codes, scales };
}

/** The largest weight becomes 127 or -127; gives the scale. */
function roundTo8(values: Float32Array, start: number, codes: Int8Array): number {
  let most = 0;
  for (let i = start; i < start + WEIGHT_BLOCK; i++) most = Math.max(most, Math.abs(values[i]!));
  if (most === 0) return 0;
  // the scale as it is kept, in float32, decides which code is nearest
  const scale = Math.fround(most / 127);
  for (let i = start; i < start + WEIGHT_BLOCK; i++) codes[i] = Math.round(values[i]! / scale);
  return scale;
}

/**
 * The steps at which the largest weight may lie, of 8 towards it and 7 away from it: with fewer the others are rounded less, with more
 * the largest is cut off.
 */
const STEPS = [6.75, 7, 7.25, 7.5, 7.75, 8, 8.25, 8.5, 8.75];
const HALF = WEIGHT_BLOCK / 2;

/**
 * Of the codes that the candidates of `STEPS` give, those with the least squared error. For given codes q the best scale is
 * sum(w q) / sum(q^2), and the error is then sum(w^2) - sum(w q)^2 / sum(q^2); as llama.cpp searches its K blocks.
 */
function roundTo4(values: Float32Array, start: number, codes: Uint8Array): number {
  const largest = largestOf(values, start);
  let [scale, inverse, best] = [0, 0, -1];
  if (largest !== 0) {
    for (const step of STEPS) {
      const candidate = -step / largest;
      let [products, squares] = [0, 0];
      for (let i = start; i < start + WEIGHT_BLOCK; i++) {
        const value = values[i]!;
        const code = codeOf(value * candidate) - 8;
        products += value * code;
        squares += code * code;
      }
      const explained = squares > 0 ? (products * products) / squares : 0;
      if (explained > best) [scale, inverse, best] = [products / squares, candidate, explained];
    }
  }
  for (let i = 0; i < HALF; i++) {
    const [low, high] = [values[start + i]! * inverse, values[start + HALF + i]! * inverse];
    codes[start / 2 + i] = codeOf(low) | (codeOf(high) << 4);
  }
  return scale;
}

/** The nearest of the codes 0 to 15, of which 8 stands for zero. */
function codeOf(steps: number): number {
  const code = (steps + 8.5) | 0;
  return Math.max(0, Math.min(15, code));
}

/** The weight with the largest absolute value, with its sign. */
function largestOf(values: Float32Array, start: number): number {
  let largest = 0;
  for (let i = start; i < start + WEIGHT_BLOCK; i++)
    if (Math.abs(values[i]!) > Math.abs(largest)) largest = values[i]!;
  return largest;
}
