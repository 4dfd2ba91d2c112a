/**
 * Blocks of 32 weights of a GGUF file as blocks of the graph, without rounding them anew. Q8_0 and Q4_0 are what they were, to the bit,
 * where scales are float32. Of Q4_1 the codes are; its offset is put on the nearest sixteenth of a code, and a block whose offset is out
 * of reach is rounded. Where scales become codes, codes of 4 bits stay and the scales move by a few thousandths; of 8 bits, that would be
 * as much as rounding.
 */
import { halfTable } from '../io/convert.ts';
import { dequantizerOf } from '../io/gguf-blocks.ts';
import type { StoredTensor } from '../io/tensor-store.ts';
import { type MatrixFormat, WEIGHT_BLOCK } from '../nn/rounded.ts';
import { codeScales, emptyRows, type RoundedRows, roundRows } from './round-rows.ts';

export interface OwnBlocks {
  /** Bytes of a block in the file. */
  readonly blockBytes: number;
  /** Takes over the blocks of whole rows of `columns` weights. */
  take(bytes: Uint8Array, columns: number): RoundedRows;
}

type Taker = (bytes: Uint8Array, at: number, out: RoundedRows, block: number) => void;

const HALF = WEIGHT_BLOCK / 2;
/** What stands for zero in Q4_0. */
const MIDDLE = 8;

/** How blocks of `dtype` are kept in a format; null where they have to be rounded. */
export function ownBlocks(dtype: StoredTensor['dtype'], format: MatrixFormat): OwnBlocks | null {
  const found = TAKERS[`${dtype} ${format.type}`];
  if (!found || (format.isDouble && format.type === 'int8')) return null;
  const { blockBytes, taker } = found;
  return {
    blockBytes,
    take(bytes, columns) {
      const blocks = bytes.length / blockBytes;
      const out = emptyRows((blocks * WEIGHT_BLOCK) / columns, columns, { ...format, isDouble: false });
      for (let block = 0; block < blocks; block++) taker(bytes, block * blockBytes, out, block);
      return format.isDouble ? withCodedScales(out, columns / WEIGHT_BLOCK) : out;
    },
  };
}

function withCodedScales(rows: RoundedRows, blocks: number): RoundedRows {
  const scales = new Int8Array(rows.scales.length);
  const steps = Float32Array.from({ length: scales.length / blocks }, (_, row) =>
    codeScales(rows.scales.subarray(row * blocks, (row + 1) * blocks), scales, row * blocks),
  );
  return { ...rows, scales, steps };
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
    const found = roundRows(values, WEIGHT_BLOCK, { type: 'int4', block: WEIGHT_BLOCK, isDouble: false });
    out.codes.set(found.codes, block * HALF);
    out.scales[block] = found.scales[0]!;
    out.zeros![block] = found.zeros![0]!;
    return;
  }
  out.scales[block] = scale / 16;
  out.zeros![block] = zero;
  for (let i = 0; i < HALF; i++) out.codes[block * HALF + i] = bytes[at + 4 + i]!;
};

const TAKERS: Readonly<Record<string, { readonly blockBytes: number; readonly taker: Taker }>> = {
  'Q8_0 int8': { blockBytes: 34, taker: q80 },
  'Q4_0 int8': { blockBytes: 18, taker: q40As8 },
  'Q4_0 int4': { blockBytes: 18, taker: q40 },
  'Q4_1 int4': { blockBytes: Q41_BYTES, taker: q41 },
};
