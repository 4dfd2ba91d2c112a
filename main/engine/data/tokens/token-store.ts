/**
 * The tokenised rows of a data file: tokens on disk, only a short index (2 to 4 bytes a row) in memory, so that the size of the data is
 * bounded by the disk. A token takes 4 bytes: its id, with the top bit set where it is trained on.
 */
import { type FileHandle, rm } from 'node:fs/promises';
import { assert } from '../../../../common/errors.ts';
import type { LengthProfile } from '../../../../common/protocol/protocol.ts';
import { type Counts, countsUpTo } from '../../../rows/compact.ts';
import { readWords, type WordFile } from '../../../rows/word-file.ts';
import { sharedBeginning } from './beginning.ts';
import { type EncodedRow, NOT_TRAINED } from './tokenizer-types.ts';

/** Marks a trained token in its stored word. */
export const TRAINED_BIT = 0x80000000;
/** Marks the first token of the second of two sequences, and that of the first one behind what both share. */
const SECOND_BIT = 0x40000000;
/** Marks a trained token of the prompt; on the first token, which is never trained, an answer that was rated as bad. */
const ASIDE_BIT = 0x20000000;
/** The bits of the stored word that hold the id. */
const ID_MASK = 0x1fffffff;

/** Rows between two stored offsets; an offset in between is the sum of a few lengths. */
const OFFSET_STRIDE = 64;

/** One row as it is trained on. */
export interface StoredRow {
  /** [n] ids. */
  readonly ids: Int32Array;
  /** [n] 1 where the token is a counted label (never at position 0), 2 where it is one of the prompt. */
  readonly trained: Uint8Array;
  /** Where the second of two sequences begins. */
  readonly second?: number;
  /** So many tokens of the first sequence are the beginning of both. */
  readonly shared?: number;
  /** Of a rated answer. */
  readonly bad?: true;
  /** Log-likelihoods of the labelled tokens of both sequences by the model before training, where they are known. */
  readonly reference?: readonly [first: number, second: number];
}

/**
 * The words that stand for a row in a store, written to `words`: each an id, with bits for what is said of the token. Labels that nothing
 * predicts are left out but where `all` are wanted.
 */
export function wordsOf(
  { ids, labels, second = 0, shared = 0, promptEnd = 0, bad }: EncodedRow,
  words = new Uint32Array(ids.length),
  all = false,
): Uint32Array<ArrayBuffer> {
  for (let t = 0; t < ids.length; t++) {
    const id = ids[t]!;
    assert(Number.isInteger(id) && id >= 0 && id <= ID_MASK, `token id ${id}`);
    const isTrained = labels[t]! >= 0 && (all || (t > 0 && t !== second));
    const aside = isTrained ? t < promptEnd : t === 0 && bad === true;
    const begins = t > 0 && (t === second || t === shared);
    const bits = (isTrained ? TRAINED_BIT : 0) + (begins ? SECOND_BIT : 0) + (aside ? ASIDE_BIT : 0);
    words[t] = id + bits;
  }
  return words;
}

/** The row that `words` stand for. */
export function storedRow(words: Uint32Array): StoredRow {
  const ids = new Int32Array(words.length);
  const trained = new Uint8Array(words.length);
  for (const [t, word] of words.entries()) {
    ids[t] = word & ID_MASK;
    if (word >= TRAINED_BIT) trained[t] = (word & ASIDE_BIT) === 0 ? 1 : 2;
  }
  const isMarked = (word: number) => (word & SECOND_BIT) !== 0;
  const second = words.findLastIndex(isMarked);
  const shared = words.findIndex(isMarked);
  const isBad = words[0]! < TRAINED_BIT && (words[0]! & ASIDE_BIT) !== 0;
  return {
    ids,
    trained,
    ...(second > 0 && { second }),
    ...(shared < second && { shared }),
    ...(isBad && { bad: true as const }),
  };
}

/** The encoded row that `row` was. */
export function encodedRow({ ids, trained, second, shared, bad }: StoredRow): EncodedRow {
  const promptEnd = trained.lastIndexOf(2) + 1;
  return {
    ids: [...ids],
    labels: Array.from(ids, (id, t) => (trained[t]! > 0 ? id : NOT_TRAINED)),
    ...(second !== undefined && { second }),
    ...(shared !== undefined && { shared }),
    ...(promptEnd > 0 && { promptEnd }),
    ...(bad && { bad }),
  };
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
  /** Of those, rows with instructions (a system message). */
  readonly instructedRows: number;
  /** Rows with tools that may be called. */
  readonly toolRows: number;
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
  /** Ids that all rows begin with and that are not learned. */
  readonly beginning?: readonly number[];
  /** How much of the files they come from, by bytes; all where it is left out. */
  readonly share?: number;
}

/** What is known of each row besides its tokens. */
export interface TokenIndex {
  /** [rows] tokens of each row. */
  readonly lengths: Counts;
  /** [rows] counted labels of each row. */
  readonly labelled: Counts;
  /** [2 * rows] 64 bits of a hash over ids and labels: low word, high word. Equal rows have equal hashes. */
  readonly hashes: WordFile;
}

/** Tokenised rows, read by position. */
export class TokenStore {
  readonly contentHash: string;
  readonly stats: TokenStats;
  /** Null where nobody counted, as for rows that were never cut. */
  readonly profile: LengthProfile | null;
  readonly beginning: readonly number[];
  readonly share: number;
  readonly lengths: Counts;
  readonly labelled: Counts;
  readonly hashes: WordFile;
  /** [2 * rows] what the model before training says of each row's sequences; null where nothing asks for it. */
  reference: Float32Array | null = null;
  readonly #file: FileHandle;
  readonly #path: string;
  /** The row that was read last, as it is stored. */
  #words = new Uint32Array(1024);
  readonly #offsets: RowOffsets;

  /** Takes over `file`, which lies at `path`. */
  constructor(file: FileHandle, path: string, index: TokenIndex, facts: TokenFacts) {
    this.contentHash = facts.contentHash;
    this.stats = facts.stats;
    this.profile = facts.profile ?? null;
    this.beginning = facts.beginning ?? [];
    this.share = facts.share ?? 1;
    this.lengths = index.lengths;
    this.labelled = index.labelled;
    this.hashes = index.hashes;
    this.#file = file;
    this.#path = path;
    this.#offsets = new RowOffsets(index.lengths);
  }

  /** Number of rows. */
  get count(): number {
    return this.lengths.length;
  }

  /** Reads row `index`; the arrays belong to the caller. */
  async row(index: number): Promise<StoredRow> {
    assert(index >= 0 && index < this.count, `row ${index} of ${this.count}`);
    const length = this.lengths[index]!;
    if (length > this.#words.length) this.#words = new Uint32Array(length);
    const words = this.#words.subarray(0, length);
    // at once: nobody else can want the memory meanwhile, and a call that waits takes longer than most reads
    readWords(this.#file.fd, words, this.#offsets.of(index));
    const row = storedRow(words);
    if (!this.reference) return row;
    return { ...row, reference: [this.reference[2 * index]!, this.reference[2 * index + 1]!] };
  }

  /** Closes the store and deletes its file; rows cannot be read afterwards, but hashes can: rows that were cut may have them in common. */
  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

/** Where rows begin that lie one behind the other, in tokens. */
export class RowOffsets {
  readonly #lengths: Counts;
  /** Of every so many rows. */
  readonly #anchors: Float64Array;

  constructor(lengths: Counts) {
    this.#lengths = lengths;
    this.#anchors = new Float64Array(Math.ceil(lengths.length / OFFSET_STRIDE));
    let offset = 0;
    for (let row = 0; row < lengths.length; row++) {
      if (row % OFFSET_STRIDE === 0) this.#anchors[row / OFFSET_STRIDE] = offset;
      offset += lengths[row]!;
    }
  }

  of(index: number): number {
    const anchor = Math.floor(index / OFFSET_STRIDE);
    let offset = this.#anchors[anchor]!;
    for (let row = anchor * OFFSET_STRIDE; row < index; row++) offset += this.#lengths[row]!;
    return offset;
  }
}

/** Tokenised rows, read by position; a token store is one. */
export interface RowStore {
  readonly count: number;
  /** [rows] tokens of each row. */
  readonly lengths: Counts;
  /** [rows] counted labels of each row. */
  readonly labelled: Counts;
  /** Ids that all rows begin with and that are not learned; none where nobody looked. */
  readonly beginning?: readonly number[];
  row(index: number): Promise<StoredRow>;
}

/** The rows of `first`, then those of `second`. */
export function joinRows(first: RowStore, second: RowStore): RowStore {
  const count = first.count + second.count;
  return {
    count,
    lengths: joined(first.lengths, second.lengths),
    labelled: joined(first.labelled, second.labelled),
    beginning: sharedBeginning(first.beginning ?? [], second.beginning ?? []),
    row: (index) => {
      assert(index >= 0 && index < count, `row ${index} of ${count}`);
      return index < first.count ? first.row(index) : second.row(index - first.count);
    },
  };
}

function joined(a: Counts, b: Counts): Counts {
  const bytes = Math.max(a.BYTES_PER_ELEMENT, b.BYTES_PER_ELEMENT);
  const all = countsUpTo(2 ** (8 * bytes) - 1, a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
