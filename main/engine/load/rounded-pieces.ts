/** One matrix of a model in few bits, in pieces of a few megabytes: the blocks of its own file where they can be kept, else rounded. */
import { GgufFile } from '../io/gguf.ts';
import { elementCount } from '../io/stored-shape.ts';
import { WEIGHT_BLOCK, type WeightBits } from '../nn/rounded.ts';
import type { OpenedModel, ParameterSource } from './open-model.ts';
import { type OwnBlocks, ownBlocks } from './own-blocks.ts';
import { inOrder, parameterPieces, sourceOf } from './parameter-pieces.ts';
import { type RoundedBlocks, roundBlocks } from './round-blocks.ts';

/** Blocks of a piece: 4 MiB as float32. */
const PIECE_BLOCKS = 2 ** 15;

/** How the blocks of `parameter` in its own file are kept in `bits`; null where it is rounded. */
export function keptBlocks(opened: OpenedModel, parameter: string, bits: WeightBits): OwnBlocks | null {
  const { stored, transform } = sourceOf(opened, parameter);
  const isKept = opened.store instanceof GgufFile && transform.kind !== 'transpose';
  return isKept ? ownBlocks(opened.store.tensors.get(stored)!.dtype, bits) : null;
}

/** The codes, scales and zeros of `parameter`, whose rows are whole blocks, from its first row to its last. */
export async function* roundedPieces(
  opened: OpenedModel,
  parameter: string,
  bits: WeightBits,
): AsyncGenerator<RoundedBlocks> {
  const own = keptBlocks(opened, parameter, bits);
  if (own) yield* ownPieces(opened, sourceOf(opened, parameter), own);
  else for await (const piece of parameterPieces(opened, parameter)) yield roundBlocks(piece, bits);
}

async function* ownPieces(
  { store }: OpenedModel,
  { stored, transform }: ParameterSource,
  own: OwnBlocks,
): AsyncGenerator<RoundedBlocks> {
  const file = store as GgufFile;
  const { shape } = file.tensors.get(stored)!;
  const blocks = elementCount(shape) / WEIGHT_BLOCK;
  if (transform.kind === 'unpermute') {
    const bytes = await file.readBlocks(stored, 0, blocks);
    yield own.take(inOrder(bytes, new Uint8Array(bytes.length), shape[0]!, transform.heads));
    return;
  }
  for (let start = 0; start < blocks; start += PIECE_BLOCKS)
    yield own.take(await file.readBlocks(stored, start, Math.min(PIECE_BLOCKS, blocks - start)));
}
