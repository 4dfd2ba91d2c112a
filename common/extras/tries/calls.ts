/** A run learns again from fewer rows, and what more would bring follows from that. */
import { z } from 'zod';
import { api, gives, id, streams } from '../../api/base.ts';
import type { TriesPrice, TriesResult } from './result.ts';

/** How far the tries are, what they learn from and likely take, and what they say at their end. */
export type TriesNews =
  | { readonly kind: 'progress'; readonly doing: string; readonly fraction: number | null }
  | { readonly kind: 'price'; readonly price: TriesPrice }
  | { readonly kind: 'result'; readonly result: TriesResult };

export const tries = {
  /** What earlier tries said, or whether some are begun; null for none. */
  known: api.input(z.object({ runId: id })).output(gives<TriesResult | 'begun' | null>()),
  /** Tries, from where it was stopped. */
  start: api.input(z.object({ runId: id })).output(streams<TriesNews>()),
  /** Ends them after a step; nothing is lost. */
  stop: api.input(z.object({ runId: id })).output(gives<void>()),
};
