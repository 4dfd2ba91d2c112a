/**
 * Writes a token store: rows arrive one by one and leave through a buffer of 1 MiB, so that tokenising a file of any
 * size needs only the index of its rows in memory.
 */
import { hash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assert, systemError } from '../../../../common/errors.ts';
import type { LengthProfile } from '../../../../common/protocol/protocol.ts';
import { makeFolder } from '../../../folders.ts';
import { GrowingCounts } from '../../../rows/compact.ts';
import { splitHash } from '../../../rows/split.ts';
import { WordFile } from '../../../rows/word-file.ts';
import { type TokenFacts, TokenStore, TRAINED_BIT, wordsOf } from './token-store.ts';
import type { EncodedRow } from './tokenizer-types.ts';

const BUFFERED_TOKENS = 256 * 1024;

/** 64 bits of a hash over the stored words of a row, or its text: low word, high word. */
export function rowHash(content: Uint32Array | string): readonly [low: number, high: number] {
  // no buffer for each row: what those keep outside of the heap is noticed too late
  const digest = hash('sha256', content, 'binary');
  const word = (at: number) => digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8);
  return [(word(0) | (word(2) << 16)) >>> 0, (word(4) | (word(6) << 16)) >>> 0];
}

/** How many of `words` are trained on. */
export function labelledIn(words: Uint32Array): number {
  let labelled = 0;
  for (const word of words) if (word >= TRAINED_BIT) labelled++;
  return labelled;
}

/** Writes rows into a new token file of `folder`; `finish` gives the store to read from, `abandon` deletes it. */
export class TokenStoreWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #lengths = new GrowingCounts();
  readonly #labelled = new GrowingCounts();
  readonly #hashes = new WordFile();
  #buffer = new Uint32Array(BUFFERED_TOKENS);
  #buffered = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Creates `folder` where it is missing and an empty token file in it. */
  static async create(folder: string): Promise<TokenStoreWriter> {
    // a name of what is half written: a process that is killed before the next line but one leaves it behind
    const path = join(folder, `.tokens-${randomUUID()}.tmp`);
    try {
      makeFolder(folder);
      const file = await open(path, 'wx+');
      // An open file without a name is gone with the process, even a killed one; where that fails, close() deletes it
      await rm(path).catch(() => undefined);
      return new TokenStoreWriter(file, path);
    } catch (error) {
      throw systemError(error, folder);
    }
  }

  get count(): number {
    return this.#lengths.length;
  }

  /**
   * Appends a row; `labels[i] >= 0` marks a trained token, the first of a sequence never counts. `isUnconfirmed`: it is never held out.
   * Returns its counted labels.
   */
  async add(row: EncodedRow, isUnconfirmed = false): Promise<number> {
    const { ids, labels } = row;
    assert(ids.length > 0 && ids.length === labels.length, `${ids.length} ids with ${labels.length} labels`);
    if (this.#buffered + ids.length > this.#buffer.length) await this.#flush();
    const fits = ids.length <= this.#buffer.length;
    const words = wordsOf(
      row,
      fits ? this.#buffer.subarray(this.#buffered, this.#buffered + ids.length) : undefined,
    );
    const labelled = labelledIn(words);
    this.#lengths.push(words.length);
    this.#labelled.push(labelled);
    for (const word of splitHash(rowHash(words), isUnconfirmed)) this.#hashes.push(word);
    if (fits) this.#buffered += words.length;
    else await this.#append(words);
    return labelled;
  }

  async #flush(): Promise<void> {
    await this.#append(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  async #append(words: Uint32Array): Promise<void> {
    try {
      await this.#file.appendFile(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
    } catch (error) {
      throw systemError(error, dirname(this.#path));
    }
  }

  /** Writes what is buffered and gives the store of all rows. */
  async finish(facts: TokenFacts): Promise<TokenStore> {
    await this.#flush();
    this.#buffer = new Uint32Array(0);
    const lengths = this.#lengths.take();
    const labelled = this.#labelled.take();
    return new TokenStore(this.#file, this.#path, { lengths, labelled, hashes: this.#hashes }, facts);
  }

  /** Closes and deletes the file. */
  async abandon(): Promise<void> {
    this.#hashes.close();
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

const BIN_TOKENS = 64;
/** 65,536 tokens; where rows are longer, bins become wider. */
const MOST_BINS = 1024;

/** What any limit on the length of rows would cut off, in memory that does not grow with their number or length. */
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
