/** Scores of passages for whoever orders what was found; the reranker that was asked last stays open. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { usualThreads } from '../../../processes.ts';
import { type OpenReranker, openReranker } from '../../eval/vectors/open-reranker.ts';
import { requireReranker } from './encoder-asked.ts';

export interface RerankAsked {
  /** The folder of a reranker. */
  readonly reranker: string;
  readonly question: string;
  readonly passages: readonly string[];
  readonly threads?: number;
}

let open: { readonly key: string; readonly reranker: OpenReranker } | null = null;

/** How well each passage answers the question, from 0 to 1. Throws an AppError where there is no reranker. */
export async function rerankPassages(
  { reranker: folder, question, passages, threads = usualThreads() }: RerankAsked,
  stop: AbortSignal,
): Promise<readonly number[]> {
  const found = await requireReranker(folder);
  const { mtimeMs } = await stat(path.join(found.path, 'config.json'));
  const key = JSON.stringify([found.path, found.bytes, mtimeMs, threads]);
  if (open?.key !== key) {
    await open?.reranker.close();
    open = null;
    open = { key, reranker: await openReranker(found.path, threads) };
  }
  return [...(await open.reranker.of(question, passages, { stop })).scores];
}
