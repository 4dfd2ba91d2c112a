/**
 * The tokenised rows of a data file: tokens on disk, only a short index (about 17 bytes a row) in memory, so that the
 * size of the data is bounded by the disk. A token takes 4 bytes: its id, with the top bit set where it is trained on.
 */
import { type FileHandle, rm } from 'node:fs/promises';
import { assert } from '../../errors.ts';
import type { LengthProfile } from '../protocol.ts';
import { BlockCache } from './block-cache.ts';

/** Marks a trained token in its stored word. */
export const TRAINED_BIT = 0x80000000;
/** The bits of the stored word that hold the id. */
export const ID_MASK = 0x7fffffff;

/** Rows between two stored offsets; an offset in between is the sum of a few lengths. */
const OFFSET_STRIDE = 64;

/** One row as it is trained on: [n] ids, [n] 1 where the token is a counted label (never at position 0). */
export interface StoredRow {
  readonly ids: Int32Array;
  readonly trained: Uint8Array;
}

/** What became of the rows of the data file. */
export interface TokenStats {
  /** Rows in the store. */
  readonly rows: number;
  /** Tokens in the store. */
  readonly tokens: number;
  /** Tokens that are predicted and counted in the loss. */
  readonly labelledTokens: number;
  /** Rows of the file that could be read, whatever became of them. */
  readonly readRows: number;
  /** Rows of the file that were bad and skipped. */
  readonly skippedRows: number;
  /** What was wrong with the first five of them. */
  readonly skippedMessages: readonly string[];
  /** Rows in the store that were cut at the token limit. */
  readonly truncatedRows: number;
  /** Tokens cut off from those. */
  readonly lostTokens: number;
  /** Rows left out because everything to train on lay beyond the token limit. */
  readonly lostRows: number;
  /** Rows left out because they had nothing to train on in the first place. */
  readonly unlabelledRows: number;
  /** Plain texts longer than the token limit that became several rows; nothing of them is lost. */
  readonly splitTexts: number;
  /** The rows that they became. */
  readonly splitRows: number;
}

/** What the builder of a store knows about its data. */
export interface TokenFacts {
  /** SHA-256 (hex) of the readable rows in order, independent of tokenizer, spacing and field order. */
  readonly contentHash: string;
  readonly stats: TokenStats;
  /** How long the rows were before they were cut. */
  readonly profile?: LengthProfile;
}

/** The index in memory; arrays by row. */
export interface TokenIndex {
  /** [rows] tokens of each row. */
  readonly lengths: Uint32Array;
  /** [rows] counted labels of each row. */
  readonly labelled: Uint32Array;
  /** [2 * rows] 64 bits of a hash over ids and labels: low word, high word. Equal rows have equal hashes. */
  readonly hashes: Uint32Array;
}

/** Tokenised rows, read by position. */
export class TokenStore {
  readonly contentHash: string;
  readonly stats: TokenStats;
  /** Null where nobody counted, as for rows that were never cut. */
  readonly profile: LengthProfile | null;
  readonly lengths: Uint32Array;
  readonly labelled: Uint32Array;
  readonly hashes: Uint32Array;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #cache: BlockCache;
  readonly #offsets: Float64Array;

  /** Takes over `file`, which lies at `path`. */
  constructor(file: FileHandle, path: string, index: TokenIndex, facts: TokenFacts) {
    this.contentHash = facts.contentHash;
    this.stats = facts.stats;
    this.profile = facts.profile ?? null;
    this.lengths = index.lengths;
    this.labelled = index.labelled;
    this.hashes = index.hashes;
    this.#file = file;
    this.#path = path;
    this.#cache = new BlockCache(file);
    this.#offsets = strideOffsets(index.lengths);
  }

  /** Number of rows. */
  get count(): number {
    return this.lengths.length;
  }

  /** Reads row `index`; the arrays belong to the caller. */
  async row(index: number): Promise<StoredRow> {
    assert(index >= 0 && index < this.count, `row ${index} of ${this.count}`);
    const start = this.#offsetOf(index);
    const bytes = await this.#cache.read(start * 4, (start + this.lengths[index]!) * 4);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const trained = new Uint8Array(words.length);
    for (let t = 0; t < words.length; t++) {
      trained[t] = words[t]! < 0 ? 1 : 0;
      words[t]! &= ID_MASK;
    }
    return { ids: words, trained };
  }

  /** Closes the store and deletes its file; rows cannot be read afterwards. */
  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  #offsetOf(index: number): number {
    const anchor = Math.floor(index / OFFSET_STRIDE);
    let offset = this.#offsets[anchor]!;
    for (let row = anchor * OFFSET_STRIDE; row < index; row++) offset += this.lengths[row]!;
    return offset;
  }
}

function strideOffsets(lengths: Uint32Array): Float64Array {
  const offsets = new Float64Array(Math.ceil(lengths.length / OFFSET_STRIDE));
  let offset = 0;
  for (let row = 0; row < lengths.length; row++) {
    if (row % OFFSET_STRIDE === 0) offsets[row / OFFSET_STRIDE] = offset;
    offset += lengths[row]!;
  }
  return offsets;
}
