/** What a decoder remembers of the tokens of a sequence; which memories there are follows from what a model asks of its `Mixing`. */
import type { Shape } from '../ir/shape.ts';

/** What a decoding graph reads of each sequence as input `past` [B, ...shape] and renews by output `fresh`. */
export interface Memory {
  readonly past: string;
  readonly fresh: string;
  /** Rows [G,C,D] of as many tokens as there is room for, [N,C] of the last N tokens, or a state that `fresh` replaces. */
  readonly keeps: 'all' | 'last' | 'state';
  readonly shape: Shape;
}

export type Remember = (memory: Memory) => void;
