/** What a batch of texts that share rows feeds to a graph of an encoder. */
import type { HostArray } from '../../ir/dtype.ts';
import type { OpenedEncoder } from '../../load/open-encoder.ts';
import { POOLING } from '../../nn/pooling.ts';
import { rotationFeeds } from '../../nn/rope.ts';
import type { TextShape } from '../../step/encoder-steps.ts';
import type { Arranged } from './arrange.ts';

/** The feeds of `batch` in a graph of `shape`, which has room for it; `idsOf` a text by its number there, `secondOf` where its second part begins. */
export function textFeeds(
  { encoder, sentences }: Pick<OpenedEncoder, 'encoder' | 'sentences'>,
  { texts }: Pick<Arranged, 'texts'>,
  { rows, rowLength, texts: room }: TextShape,
  idsOf: (text: number) => readonly number[],
  secondOf?: (text: number) => number,
): Record<string, HostArray> {
  const size = rows * rowLength;
  const ints = () => new Int32Array(size);
  const [tokens, positions, types, lengths] = [ints(), ints(), ints(), ints()];
  const segments = ints().fill(-1);
  const pool = new Float32Array(room * size);
  for (const [i, { text, row, start }] of texts.entries()) {
    const ids = idsOf(text);
    const at = row * rowLength + start;
    tokens.set(ids, at);
    positions.set(encoder.positionsOf(ids), at);
    segments.fill(i, at, at + ids.length);
    if (secondOf) types.fill(1, at + secondOf(text), at + ids.length);
    lengths.fill(ids.length, at, at + ids.length);
    const weightOf = POOLING[sentences.pooling](ids.length);
    for (let token = 0; token < ids.length; token++) pool[i * size + at + token] = weightOf(token);
  }
  return { tokens, positions, types, segments, pool, ...rotationFeeds(encoder.ropes, positions, lengths) };
}
