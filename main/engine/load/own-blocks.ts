/**
 * Blocks of 32 weights of a GGUF file as blocks of the graph, without rounding them anew. Q8_0 and Q4_0 are what they were, to the bit.
 * Of Q4_1 the codes are; its offset is put on the nearest sixteenth of a code, and a block whose offset is out of reach is rounded.
 */
import { halfTable } from '../io/convert.ts';
import { dequantizerOf } from '../io/gguf-blocks.ts';
import type { StoredTensor } from '../io/tensor-store.ts';
import { WEIGHT_BLOCK, type WeightBits } from '../nn/rounded.ts';
import { emptyBlocks, type RoundedBlocks, roundBlock } from './round-blocks.ts';

export interface OwnBlocks {
  /** Bytes of a block in the file. */
  readonly blockBytes: number;
  /** Takes blocks over that lie one after the other. */
  take(bytes: Uint8Array): RoundedBlocks;
}

type Taker = (bytes: Uint8Array, at: number, out: RoundedBlocks, block: number) => void;

const HALF = WEIGHT_BLOCK / 2;
/** What stands for zero in Q4_0. */
const MIDDLE = 8;

/** How blocks of `dtype` are kept in `bits`; null where they have to be rounded. */
export function ownBlocks(dtype: StoredTensor['dtype'], bits: WeightBits): OwnBlocks | null {
  const found = TAKERS[`${dtype} ${bits}`];
  if (!found) return null;
  const { blockBytes, taker } = found;
  return {
    blockBytes,
    take(bytes) {
      const out = emptyBlocks(bytes.length / blockBytes, bits);
      for (let block = 0; block < out.scales.length; block++) taker(bytes, block * blockBytes, out, block);
      return out;
    },
  };
}

const scaleAt = (bytes: Uint8Array, at: number) => halfTable()[bytes[at]! | (bytes[at + 1]! << 8)]!;

const q80: Taker = (bytes, at, { codes, scales }, block) => {
  scales[block] = scaleAt(bytes, at);
  for (let i = 0; i < WEIGHT_BLOCK; i++) codes[block * WEIGHT_BLOCK + i] = bytes[at + 2 + i]!;
};

const q40: Taker = (bytes, at, { codes, scales, zeros }, block) => {
  scales[block] = scaleAt(bytes, at) / 16;
  zeros![block] = 16 * MIDDLE;
  for (let i = 0; i < HALF; i++) codes[block * HALF + i] = bytes[at + 2 + i]!;
};

const q40As8: Taker = (bytes, at, { codes, scales }, block) => {
  scales[block] = scaleAt(bytes, at);
  for (let i = 0; i < HALF; i++) {
    const byte = bytes[at + 2 + i]!;
    codes[block * WEIGHT_BLOCK + i] = (byte & 15) - MIDDLE;
    codes[block * WEIGHT_BLOCK + HALF + i] = (byte >> 4) - MIDDLE;
  }
};

const Q41_BYTES = 20;
const values = new Float32Array(WEIGHT_BLOCK);

const q41: Taker = (bytes, at, out, block) => {
  const [scale, offset] = [scaleAt(bytes, at), scaleAt(bytes, at + 2)];
  const zero = Math.round((-16 * offset) / scale);
  if (!(zero >= 0 && zero <= 255)) {
    dequantizerOf('Q4_1')(bytes.subarray(at, at + Q41_BYTES), 1, values, 0);
    roundBlock(values, 0, out, block);
    return;
  }
  out.scales[block] = scale / 16;
  out.zeros![block] = zero;
  for (let i = 0; i < HALF; i++) out.codes[block * HALF + i] = bytes[at + 4 + i]!;
};

const TAKERS: Readonly<Record<string, { readonly blockBytes: number; readonly taker: Taker }>> = {
  'Q8_0 8': { blockBytes: 34, taker: q80 },
  'Q4_0 8': { blockBytes: 18, taker: q40As8 },
  'Q4_0 4': { blockBytes: 18, taker: q40 },
  'Q4_1 4': { blockBytes: Q41_BYTES, taker: q41 },
};
