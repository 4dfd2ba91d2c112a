/**
 * What follows from the facts of all rows: which are equal, which nearly so. Computed when the first check asks and kept
 * for the others. A study can leave rows out, to see what a file would be like after a fix.
 */
import { mix32 } from '../rows/rng.ts';
import { GrowingU32 } from '../tokens/token-writer.ts';
import type { Corpus, Hashes } from './corpus.ts';
import { NearIndex } from './minhash.ts';

/** What the checks need to know besides the rows. */
export interface StudySettings {
  readonly maxLength: number;
  readonly heldOut: number;
  readonly seed: number;
  readonly languages: readonly string[];
  readonly minutes?: number;
  readonly tokensPerSecond?: number;
  readonly epochs: number;
}

export class Study {
  readonly corpus: Corpus;
  /** The rows of --eval-data, where it is given. */
  readonly evaluation: Study | null;
  readonly settings: StudySettings;
  /** [rows] 1 for a row that is left out. */
  readonly gone: Uint8Array;
  #firstEqual: Uint32Array | undefined;
  #nearLeader: Uint32Array | undefined;

  constructor(
    corpus: Corpus,
    settings: StudySettings,
    evaluation: Study | null = null,
    gone: Uint8Array = new Uint8Array(corpus.rows),
  ) {
    this.corpus = corpus;
    this.settings = settings;
    this.evaluation = evaluation;
    this.gone = gone;
  }

  /** The same rows with those of `gone` left out. */
  without(gone: Uint8Array): Study {
    return new Study(this.corpus, this.settings, this.evaluation, gone);
  }

  /** [rows] the first row with the same content; the row itself where it is the first. */
  get firstEqual(): Uint32Array {
    if (this.#firstEqual) return this.#firstEqual;
    const { rows, content } = this.corpus;
    const known = new FirstRows(content);
    const first = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) first[row] = this.gone[row] ? row : known.firstOf(row);
    this.#firstEqual = first;
    return first;
  }

  /**
   * [rows] the row that this one repeats, exactly or nearly; the row itself where it is the first of its kind. Rows that
   * repeat something are not compared with others, so a kept row is never nearly equal to another kept one.
   */
  get nearLeader(): Uint32Array {
    if (this.#nearLeader) return this.#nearLeader;
    const { rows, signatures, salts, comparable } = this.corpus;
    const index = new NearIndex(signatures, salts);
    const first = this.firstEqual;
    const leader = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      leader[row] = first[row] === row ? row : leader[first[row]!]!;
      if (leader[row] !== row || this.gone[row] || !comparable[row]) continue;
      const near = index.find(signatures.at(row), salts[row]!);
      if (near >= 0) leader[row] = near;
      else index.add(row);
    }
    this.#nearLeader = leader;
    return leader;
  }

  /** An index of the rows that are the first of their kind, to look rows of another file up in. */
  leaderIndex(): { find(of: Corpus, row: number): number } {
    const { rows, signatures, salts, comparable, content } = this.corpus;
    const near = new NearIndex(signatures, salts);
    const equal = new FirstRows(content);
    const leader = this.nearLeader;
    for (let row = 0; row < rows; row++) {
      equal.firstOf(row);
      if (leader[row] === row && comparable[row]) near.add(row);
    }
    return {
      find: (of, row) => {
        const same = equal.find(of.content.low[row]!, of.content.high[row]!);
        if (same >= 0 || !of.comparable[row]) return same;
        return near.find(of.signatures.at(row), of.salts[row]!);
      },
    };
  }
}

/** The numbers for which `keep` holds, ascending. */
export function rowsWhere(rows: number, keep: (row: number) => boolean): Uint32Array {
  const found = new GrowingU32();
  for (let row = 0; row < rows; row++) if (keep(row)) found.push(row);
  return found.toArray();
}

/** An open-addressing hash table from 64-bit hashes to the first row that has them; the hashes stay where they are. */
export class FirstRows {
  readonly #hashes: Hashes;
  /** Row number + 1; 0 is an empty slot. */
  readonly #row: Uint32Array;
  readonly #mask: number;

  constructor(hashes: Hashes) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, hashes.low.length * 1.5)));
    this.#hashes = hashes;
    this.#row = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  /** The row that had the hash of `row` first: `row` itself where it is new, and is remembered then. */
  firstOf(row: number): number {
    const slot = this.#slotOf(this.#hashes.low[row]!, this.#hashes.high[row]!);
    this.#row[slot] ||= row + 1;
    return this.#row[slot]! - 1;
  }

  /** The row that had this hash first, or -1. */
  find(low: number, high: number): number {
    return this.#row[this.#slotOf(low, high)]! - 1;
  }

  #slotOf(low: number, high: number): number {
    const { low: lows, high: highs } = this.#hashes;
    let slot = mix32(low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    for (let row = this.#row[slot]!; row !== 0; row = this.#row[slot]!) {
      if (lows[row - 1] === low && highs[row - 1] === high) break;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }
}
