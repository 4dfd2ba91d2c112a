/**
 * How long rows are and where their labels stand, counted while they are tokenised: enough to tell exactly what any limit on
 * their length would cut off, in memory that does not grow with the number of rows or their length.
 */
import type { LengthProfile } from '../../../../common/protocol/protocol.ts';
import type { EncodedRow } from './tokenizer-types.ts';

const BIN_TOKENS = 64;
/** 65,536 tokens; where rows are longer, bins become wider. */
const MOST_BINS = 1024;

export class LengthCounter {
  #binTokens = BIN_TOKENS;
  #rows: number[] = [];
  #tokens: number[] = [];
  #labelled: number[] = [];
  #longest = 0;
  #texts = 0;
  #textTokens = 0;
  #longestText = 0;

  /** Counts a row before it is cut. Running text is divided and never cut, so it is counted apart. */
  add({ ids, labels }: EncodedRow, isText: boolean): void {
    const { length } = ids;
    if (length === 0) return;
    if (isText) {
      this.#texts++;
      this.#textTokens += length;
      this.#longestText = Math.max(this.#longestText, length);
      return;
    }
    this.#longest = Math.max(this.#longest, length);
    const last = this.#binOf(length);
    this.#rows[last]!++;
    for (let bin = 0; bin <= last; bin++) {
      const end = Math.min(length, (bin + 1) * this.#binTokens);
      this.#tokens[bin]! += end - bin * this.#binTokens;
      // nothing predicts the first token of a row
      for (let t = Math.max(1, bin * this.#binTokens); t < end; t++)
        if (labels[t]! >= 0) this.#labelled[bin]!++;
    }
  }

  finish(): LengthProfile {
    return {
      binTokens: this.#binTokens,
      rows: this.#rows,
      tokens: this.#tokens,
      labelled: this.#labelled,
      longest: this.#longest,
      texts: this.#texts,
      textTokens: this.#textTokens,
      longestText: this.#longestText,
    };
  }

  /** The bin of a row of `length` tokens, made where it is not there yet. */
  #binOf(length: number): number {
    while (length > MOST_BINS * this.#binTokens) this.#widen();
    const bin = Math.ceil(length / this.#binTokens) - 1;
    for (const counts of [this.#rows, this.#tokens, this.#labelled])
      while (counts.length <= bin) counts.push(0);
    return bin;
  }

  #widen(): void {
    this.#binTokens *= 2;
    this.#rows = inPairs(this.#rows);
    this.#tokens = inPairs(this.#tokens);
    this.#labelled = inPairs(this.#labelled);
  }
}

function inPairs(counts: readonly number[]): number[] {
  return Array.from(
    { length: Math.ceil(counts.length / 2) },
    (_, i) => counts[2 * i]! + (counts[2 * i + 1] ?? 0),
  );
}
