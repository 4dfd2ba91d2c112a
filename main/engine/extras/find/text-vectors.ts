/** Vectors of texts for whoever searches among them; encoders that were used stay open. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { TextVectorsResult } from '../../../../common/protocol/protocol.ts';
import { isGguf } from '../../../gguf-architecture.ts';
import { usualThreads } from '../../../processes.ts';
import { promptFor, type Use } from '../../eval/vectors/prompts.ts';
import { openTextVectors, type TextVectors } from '../../eval/vectors/vectors.ts';
import { encoderFiles, type FoundEncoder } from '../../load/find-encoders.ts';
import { requireEncoder } from './encoder-asked.ts';

export interface VectorsAsked {
  /** The folder of an encoder. */
  readonly encoder: string;
  readonly texts: readonly string[];
  /** Some encoders read questions and passages differently. */
  readonly use: Use;
  readonly threads?: number;
}

interface Open {
  readonly key: string;
  readonly found: FoundEncoder;
  readonly vectors: TextVectors;
  readonly id: string;
}

/** Two are compared side by side. */
const MOST_OPEN = 2;
/** The newest last. */
const open: Open[] = [];

/** The vectors of `texts`, each of length one. Throws an AppError where there is no encoder that Fettle computes. */
export async function vectorsOf(
  { encoder, texts, use, threads = usualThreads() }: VectorsAsked,
  stop: AbortSignal,
): Promise<TextVectorsResult> {
  const { found, vectors, id } = await opened(encoder, threads);
  const prompt = promptFor(use, vectors.prompts, found.prompt);
  const rows = await vectors.of(texts, { stop, ...(prompt !== undefined && { prompt }) });
  const all = new Float32Array(texts.length * vectors.width);
  for (const [i, row] of rows.entries()) all.set(unit(row), i * vectors.width);
  return { encoder: id, width: vectors.width, vectors: all };
}

async function opened(folder: string, threads: number): Promise<Open> {
  const found = await requireEncoder(folder);
  const { mtimeMs } = await stat(isGguf(found.path) ? found.path : path.join(found.path, 'config.json'));
  const key = JSON.stringify([found.path, found.bytes, mtimeMs, threads]);
  const at = open.findIndex((one) => one.key === key);
  if (at >= 0) open.push(...open.splice(at, 1));
  else {
    while (open.length >= MOST_OPEN) await open.shift()!.vectors.close();
    const id = createHash('sha256')
      .update(JSON.stringify(await encoderFiles(found.path)))
      .digest('hex');
    open.push({ key, found, id, vectors: await openTextVectors(found.path, threads) });
  }
  return open.at(-1)!;
}

/** A vector of length one; what has no direction stays nothing. */
function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}
