/**
 * What rows begin with in common: a system message, an instruction, a list of categories. Their tokens depend on nothing behind them, so a
 * micro-batch can compute them once for all of its rows.
 */
import type { EncodedRow } from './tokenizer-types.ts';

/** Fewer tokens are not worth a mask of their own. */
const LEAST = 8;

/** Finds the beginning of all rows that are added. */
export class CommonBeginning {
  #ids: readonly number[] | null = null;

  /** Of a row those tokens count that are not learned, up to the one that predicts the first learned one. Pairs have a beginning of their own. */
  add({ ids, labels, second }: EncodedRow): void {
    if (second !== undefined) {
      this.#ids = [];
      return;
    }
    if (this.#ids?.length === 0) return;
    const learned = labels.findIndex((label, t) => t > 0 && label >= 0);
    // such a row is left out
    if (learned < 0) return;
    const free = ids.slice(0, learned - 1);
    this.#ids = this.#ids === null ? free : commonOf(this.#ids, free);
  }

  /** The ids; none where they are too few. */
  finish(): readonly number[] {
    const found = this.#ids ?? [];
    return found.length < LEAST ? [] : found;
  }
}

/** The ids that both begin with; none where they are too few. */
export function sharedBeginning(a: readonly number[], b: readonly number[]): readonly number[] {
  const common = commonOf(a, b);
  return common.length < LEAST ? [] : common;
}

function commonOf(a: readonly number[], b: readonly number[]): readonly number[] {
  const end = a.findIndex((id, t) => id !== b[t]);
  return end < 0 ? a : a.slice(0, end);
}
