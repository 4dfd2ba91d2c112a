/**
 * How tokens see earlier ones of their segment: all that differs between a batch and a sequence that goes on. A model is given one, and
 * what it asks of it tells what a decoder must remember.
 */
import type { Attend } from './attention.ts';
import type { Recur } from './gated-delta.ts';
import type { Convolve } from './short-convolution.ts';

export interface Mixing {
  readonly attend: Attend;
  readonly convolve: Convolve;
  readonly recur: Recur;
}

/** Nothing is computed: for finding a model's parameters. */
export const FLAT_MIXING: Mixing = {
  attend: (_layer, q) => q,
  convolve: (_layer, x) => x,
  recur: (_layer, { v }) => v,
};
