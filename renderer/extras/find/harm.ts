/** Where a reranker may worsen what an encoder finds. */
import type { FindEncoder } from '../../../common/extras/find/calls.ts';

export interface Harm {
  /** nDCG@10 on the test questions of the reranker's training; null where it was not measured with this encoder. */
  readonly figures: { readonly without: number; readonly using: number } | null;
}

/** What a training measured counts; a trained encoder that the reranker was not measured with is likely better alone. */
export function harmOf(encoder: FindEncoder | undefined, reranker: FindEncoder | undefined): Harm | null {
  if (reranker === undefined) return null;
  const { model, before = null, after = null } = reranker.trained ?? {};
  const isMeasured = before !== null && after !== null;
  if (isMeasured && after < before) return { figures: { without: before, using: after } };
  return encoder?.trained && !(isMeasured && model === encoder.path) ? { figures: null } : null;
}
