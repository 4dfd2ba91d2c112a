/** One matrix of a model in few bits, some megabytes of its rows at a time: the blocks of its own file where they can be kept, else rounded. */
import { GgufFile } from '../io/gguf.ts';
import { inOrder } from '../models/gguf-layout.ts';
import { type MatrixFormat, WEIGHT_BLOCK } from '../nn/rounded.ts';
import type { OpenedModel, ParameterSource } from './open-model.ts';
import { type OwnBlocks, ownBlocks } from './own-blocks.ts';
import { parameterPieces, sourceOf } from './parameter-pieces.ts';
import { type RoundedRows, roundRows } from './round-rows.ts';

/** Weights of a piece at most, unless a row has more: 4 MiB as float32. */
const PIECE_WEIGHTS = 2 ** 20;

/** How the blocks of `parameter` in its own file are kept in `format`; null where it is rounded. */
export function keptBlocks(opened: OpenedModel, parameter: string, format: MatrixFormat): OwnBlocks | null {
  const { stored, transform } = sourceOf(opened, parameter);
  const isKept = opened.store instanceof GgufFile && transform.kind !== 'transpose';
  return isKept ? ownBlocks(opened.store.tensors.get(stored)!.dtype, format) : null;
}

/** `parameter` in `format`, from its first row to its last; as many rows at a time as `rowPieces` gives. */
export async function* roundedPieces(
  opened: OpenedModel,
  parameter: string,
  format: MatrixFormat,
): AsyncGenerator<RoundedRows> {
  const own = keptPieces(opened, parameter, format);
  const [, columns] = opened.outline.parameters.get(parameter)!.shape as [number, number];
  if (own) yield* own;
  else for await (const piece of rowPieces(opened, parameter)) yield roundRows(piece, columns, format);
}

/** The same where the blocks of the file are kept; null where the matrix is rounded. */
export function keptPieces(
  opened: OpenedModel,
  parameter: string,
  format: MatrixFormat,
): AsyncGenerator<RoundedRows> | null {
  const own = keptBlocks(opened, parameter, format);
  const shape = opened.outline.parameters.get(parameter)!.shape as [number, number];
  return own && ownPieces(opened, sourceOf(opened, parameter), own, shape);
}

/** The values of a matrix in float32, whole rows at a time; a piece is valid until the next one is asked for. */
export async function* rowPieces(opened: OpenedModel, parameter: string): AsyncGenerator<Float32Array> {
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
  { store }: OpenedModel,
  { stored, transform }: ParameterSource,
  own: OwnBlocks,
  [rows, columns]: readonly [number, number],
): AsyncGenerator<RoundedRows> {
  const file = store as GgufFile;
  const blocks = columns / WEIGHT_BLOCK;
  const step = rowsOfPiece(columns);
  const read = (start: number, count: number) => file.readBlocks(stored, start * blocks, count * blocks);
  let whole: Uint8Array | null = null;
  if (transform.kind === 'unpermute') {
    const bytes = await read(0, rows);
    whole = inOrder(bytes, new Uint8Array(bytes.length), rows, transform.heads);
  }
  const rowBytes = blocks * own.blockBytes;
  for (let start = 0; start < rows; start += step) {
    const count = Math.min(step, rows - start);
    const bytes = whole?.subarray(start * rowBytes, (start + count) * rowBytes) ?? (await read(start, count));
    yield own.take(bytes, columns);
  }
}
