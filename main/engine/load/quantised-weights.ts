/**
 * The tensors of a model whose matrices are quantised to 8 or 4 bits as they stream by, some megabytes at a
 * time. Embedding and head have 8 bits, norms and biases float32; blocks of a GGUF file are kept where they
 * can be.
 */

import { halfTable } from '../io/convert.ts';
import { GgufFile } from '../io/gguf.ts';
import { dequantizerOf, scaleOfXs, sixBitMinimum, sixBitScale } from '../io/gguf-blocks.ts';
import { LAYOUT_OF } from '../io/gguf-types.ts';
import type { TensorSource } from '../io/prepare-f32.ts';
import type { GgufBlockType, StoredTensor } from '../io/tensor-store.ts';
import { inOrder } from '../models/gguf-layout.ts';
import type { ModelOutline } from '../models/model.ts';
import {
  codeBits,
  type MatrixFormat,
  matrixFormat,
  type QuantisedFormat,
  type QuantisedPart,
  quantisedParts,
  tableFormat,
  WEIGHT_BLOCK,
} from '../nn/quantised.ts';
import type { OpenedFiles, ParameterSource } from './open-model.ts';
import { parameterPieces, sourceOf } from './parameter-pieces.ts';
import { codeScales, emptyRows, type QuantisedRows, quantiseRows } from './quantise-rows.ts';

/** Changed when the same weights become other codes. */
const VERSIONS = { plain: 3, other: 2 };

/** What tells a cache of quantised weights from one of the same model in float32, or in another format. */
export function quantisedMark(format: QuantisedFormat): string {
  const isPlain = format === 'int4' || format === 'int8';
  return isPlain ? `q${codeBits(format)}-${VERSIONS.plain}` : `${format}-${VERSIONS.other}`;
}

type Pieces = (parameter: string) => AsyncIterable<Float32Array>;

interface QuantisedMatrix {
  readonly shape: readonly number[];
  readonly format: MatrixFormat;
}

/** The matrices that are quantised where `format` is asked for, by parameter name, with their own formats. */
export function quantisedMatrices(
  { linears, tables, parameters }: ModelOutline,
  format: QuantisedFormat,
): Map<string, QuantisedMatrix> {
  const found = new Map<string, QuantisedMatrix>();
  const add = (name: string, formatOf: typeof matrixFormat) => {
    const { shape } = parameters.get(name)!;
    const own = formatOf(format, shape);
    if (own) found.set(name, { shape, format: own });
  };
  for (const name of tables) add(name, tableFormat);
  for (const module of linears.keys()) add(`${module}.weight`, matrixFormat);
  return found;
}

/** What is written, without its contents, in no order. */
export function quantisedShapes(
  outline: ModelOutline,
  format: QuantisedFormat,
): Omit<TensorSource, 'read'>[] {
  const quantised = quantisedMatrices(outline, format);
  return [...outline.parameters].flatMap(([name, { shape }]) => {
    const matrix = quantised.get(name);
    if (!matrix) return [{ name, shape }];
    const { codes, scales, zeros, steps } = quantisedParts(name, matrix.shape, matrix.format);
    return [codes, scales, zeros, steps].filter((part) => part !== undefined && part !== null);
  });
}

/** What to write, each matrix's codes followed by its scales, zeros and steps. */
export function quantisedTensors(
  opened: OpenedFiles,
  format: QuantisedFormat,
  pieces: Pieces,
): TensorSource[] {
  const quantised = quantisedMatrices(opened.outline, format);
  return [
    ...[...opened.outline.parameters]
      .filter(([name]) => !quantised.has(name))
      .map(([name, { shape }]) => ({ name, shape, read: () => pieces(name) })),
    ...[...quantised].flatMap(([name, matrix]) => quantisedSources(opened, name, matrix)),
  ];
}

function quantisedSources(
  opened: OpenedFiles,
  name: string,
  { shape, format }: QuantisedMatrix,
): TensorSource[] {
  const { codes, ...others } = quantisedParts(name, shape, format);
  // what belongs to blocks and rows is a small part of the matrix: it waits until the codes are written
  let waiting: Omit<QuantisedRows, 'codes'>[] = [];
  const later = (which: keyof typeof others, part: QuantisedPart<'f32' | 'i8' | 'u8'>): TensorSource => ({
    ...part,
    async *read() {
      for (const piece of waiting) yield piece[which]!;
    },
  });
  return [
    {
      ...codes,
      async *read() {
        waiting = [];
        for await (const { codes: piece, ...rest } of quantisedPieces(opened, name, format)) {
          waiting.push(rest);
          yield piece;
        }
      },
    },
    ...(['scales', 'zeros', 'steps'] as const).flatMap((which) => {
      const part = others[which];
      return part ? [later(which, part)] : [];
    }),
  ];
}

/** Weights of a piece at most, unless a row has more: 4 MiB as float32. */
const PIECE_WEIGHTS = 2 ** 20;

/** How the blocks of `parameter` in its own file are kept in `format`; null where it is quantised. */
export function keptBlocks(opened: OpenedFiles, parameter: string, format: MatrixFormat): OwnBlocks | null {
  const { stored, transform } = sourceOf(opened, parameter);
  const isKept = opened.store instanceof GgufFile && ['none', 'unpermute', 'rows'].includes(transform.kind);
  return isKept && format.block === WEIGHT_BLOCK
    ? ownBlocks(opened.store.tensors.get(stored)!.dtype, format)
    : null;
}

/** `parameter` in `format`, from its first row to its last; as many rows at a time as `rowPieces` gives. */
async function* quantisedPieces(
  opened: OpenedFiles,
  parameter: string,
  format: MatrixFormat,
): AsyncGenerator<QuantisedRows> {
  const own = keptPieces(opened, parameter, format);
  const [, columns] = opened.outline.parameters.get(parameter)!.shape as [number, number];
  if (own) yield* own;
  else for await (const piece of rowPieces(opened, parameter)) yield quantiseRows(piece, columns, format);
}

/** The same where the blocks of the file are kept; null where the matrix is quantised. */
export function keptPieces(
  opened: OpenedFiles,
  parameter: string,
  format: MatrixFormat,
): AsyncGenerator<QuantisedRows> | null {
  const own = keptBlocks(opened, parameter, format);
  const shape = opened.outline.parameters.get(parameter)!.shape as [number, number];
  return own && ownPieces(opened, sourceOf(opened, parameter), own, shape);
}

/** A matrix's values in float32, whole rows at a time; each piece is valid until the next is asked for. */
export async function* rowPieces(opened: OpenedFiles, parameter: string): AsyncGenerator<Float32Array> {
  const [rows, columns] = opened.outline.parameters.get(parameter)!.shape as [number, number];
  const size = Math.min(rows, rowsOfPiece(columns)) * columns;
  const whole = new Float32Array(size);
  let filled = 0;
  for await (const piece of parameterPieces(opened, parameter)) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + size - filled);
      whole.set(taken, filled);
      [at, filled] = [at + taken.length, filled + taken.length];
      if (filled < size) continue;
      yield whole;
      filled = 0;
    }
  }
  if (filled > 0) yield whole.subarray(0, filled);
}

const rowsOfPiece = (columns: number): number => Math.max(1, Math.floor(PIECE_WEIGHTS / columns));

async function* ownPieces(
  { store }: OpenedFiles,
  { stored, transform }: ParameterSource,
  own: OwnBlocks,
  [rows, columns]: readonly [number, number],
): AsyncGenerator<QuantisedRows> {
  const file = store as GgufFile;
  const blocks = columns / own.weights;
  const step = rowsOfPiece(columns);
  const read = (start: number, count: number) => file.readBlocks(stored, start * blocks, count * blocks);
  let whole: Uint8Array | null = null;
  if (transform.kind === 'unpermute' || transform.kind === 'rows') {
    const bytes = await read(0, rows);
    whole = inOrder(bytes, new Uint8Array(bytes.length), rows, transform);
  }
  const rowBytes = blocks * own.blockBytes;
  for (let start = 0; start < rows; start += step) {
    const count = Math.min(step, rows - start);
    const bytes = whole?.subarray(start * rowBytes, (start + count) * rowBytes) ?? (await read(start, count));
    yield own.take(bytes, columns);
  }
}

interface OwnBlocks {
  /** Bytes of a block in the file, and weights in it. */
  readonly blockBytes: number;
  readonly weights: number;
  /** Takes over the blocks of whole rows of `columns` weights. */
  take(bytes: Uint8Array, columns: number): QuantisedRows;
}

/** Takes the block of the file at `at` over into block `block` of the rows, and the following ones where it has more weights. */
type Taker = (bytes: Uint8Array, at: number, out: QuantisedRows, block: number) => void;

const HALF = WEIGHT_BLOCK / 2;
/** What stands for zero in Q4_0. */
const MIDDLE = 8;

/** How blocks of `dtype` are kept in a format; null where they have to be quantised. */
export function ownBlocks(dtype: StoredTensor['dtype'], format: MatrixFormat): OwnBlocks | null {
  const found = KEPT[`${dtype} ${format.type}`];
  if (!found || (format.isDouble && format.type === 'int8')) return null;
  const { blockBytes, weights, taker } = found;
  return {
    blockBytes,
    weights,
    take(bytes, columns) {
      const blocks = bytes.length / blockBytes;
      const out = emptyRows((blocks * weights) / columns, columns, { ...format, isDouble: false });
      const step = weights / WEIGHT_BLOCK;
      for (let block = 0; block < blocks; block++) taker(bytes, block * blockBytes, out, step * block);
      return format.isDouble ? withCodedScales(out, columns / WEIGHT_BLOCK) : out;
    },
  };
}

function withCodedScales(rows: QuantisedRows, blocks: number): QuantisedRows {
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

const values = new Float32Array(256);

/** Blocks of whole numbers times one scale that fit into a byte each: the file's own values, to the bit. */
function asBytes(
  type: GgufBlockType,
  scaleOf: (bytes: Uint8Array, at: number, part: number) => number,
): Kept {
  const { blockBytes, blockSize } = LAYOUT_OF.get(type)!;
  const decode = dequantizerOf(type);
  const taker: Taker = (bytes, at, { codes, scales }, block) => {
    decode(bytes.subarray(at, at + blockBytes), 1, values, 0);
    for (let i = 0; i < blockSize; i++) {
      const part = Math.floor(i / WEIGHT_BLOCK);
      if (i % WEIGHT_BLOCK === 0) scales[block + part] = scaleOf(bytes, at, part);
      const scale = scales[block + part]!;
      codes[block * WEIGHT_BLOCK + i] = scale === 0 ? 0 : Math.round(values[i]! / scale);
    }
  };
  return { blockBytes, weights: blockSize, taker };
}

/** Codes 0 to 15 with a scale and an offset for each 32: the codes stay, the offset goes to the nearest sixteenth. */
function withOffset(
  type: GgufBlockType,
  fitOf: (bytes: Uint8Array, at: number, part: number) => Offset,
): Kept {
  const { blockBytes, blockSize } = LAYOUT_OF.get(type)!;
  const decode = dequantizerOf(type);
  const taker: Taker = (bytes, at, out, block) => {
    decode(bytes.subarray(at, at + blockBytes), 1, values, 0);
    for (let part = 0; part < blockSize / WEIGHT_BLOCK; part++) {
      const own = values.subarray(part * WEIGHT_BLOCK, (part + 1) * WEIGHT_BLOCK);
      const { scale, offset } = fitOf(bytes, at, part);
      const zero = Math.round((-16 * offset) / scale);
      if (zero >= 0 && zero <= 255) {
        out.scales[block + part] = scale / 16;
        out.zeros![block + part] = zero;
        const code = (i: number) => Math.round((own[i]! - offset) / scale);
        for (let i = 0; i < HALF; i++) out.codes[(block + part) * HALF + i] = code(i) | (code(HALF + i) << 4);
        continue;
      }
      const found = quantiseRows(own, WEIGHT_BLOCK, { type: 'int4', block: WEIGHT_BLOCK, isDouble: false });
      out.codes.set(found.codes, (block + part) * HALF);
      out.scales[block + part] = found.scales[0]!;
      out.zeros![block + part] = found.zeros![0]!;
    }
  };
  return { blockBytes, weights: blockSize, taker };
}

interface Offset {
  readonly scale: number;
  readonly offset: number;
}

interface Kept {
  readonly blockBytes: number;
  readonly weights: number;
  readonly taker: Taker;
}

const KEPT: Readonly<Record<string, Kept>> = {
  'Q8_0 int8': { blockBytes: 34, weights: WEIGHT_BLOCK, taker: q80 },
  'Q4_0 int8': { blockBytes: 18, weights: WEIGHT_BLOCK, taker: q40As8 },
  'Q5_0 int8': asBytes('Q5_0', scaleAt),
  'IQ4_NL int8': asBytes('IQ4_NL', scaleAt),
  'IQ4_XS int8': asBytes('IQ4_XS', (bytes, at, part) => scaleAt(bytes, at) * scaleOfXs(bytes, at, part)),
  'Q4_0 int4': { blockBytes: 18, weights: WEIGHT_BLOCK, taker: q40 },
  'Q4_1 int4': withOffset('Q4_1', (bytes, at) => ({
    scale: scaleAt(bytes, at),
    offset: scaleAt(bytes, at + 2),
  })),
  'Q4_K int4': withOffset('Q4_K', (bytes, at, part) => ({
    scale: scaleAt(bytes, at) * sixBitScale(bytes, at + 4, part),
    offset: -scaleAt(bytes, at + 2) * sixBitMinimum(bytes, at + 4, part),
  })),
};
