/**
 * Tokenised rows that are kept whole, so that another limit on their length asks for no second reading. In memory there are 3 to 5
 * bytes a row; the tokens lie on the disk and are read again only of rows that a limit cuts.
 */
import { setImmediate } from 'node:timers/promises';
import { type Counts, GrowingCounts } from '../../../rows/compact.ts';
import { NEVER_HELD, splitHash } from '../../../rows/split.ts';
import { WordFile } from '../../../rows/word-file.ts';
import {
  buildTokenStore,
  type CutCounts,
  cutAt,
  type DatasetOptions,
  noCuts,
  noRowsError,
} from './dataset.ts';
import { encodedRow, type TokenIndex, type TokenStats, type TokenStore, wordsOf } from './token-store.ts';
import { labelledIn, rowHash } from './token-writer.ts';

/** Longest time without letting messages of the process have their turn. */
const TURN_MS = 20;

/** The index of a token store with rows cut at a limit, without its tokens. */
export interface CutRows extends TokenIndex, Pick<TokenStore, 'beginning'> {
  readonly count: number;
  readonly stats: TokenStats;
}

export class WholeRows {
  readonly store: TokenStore;
  readonly #options: Pick<DatasetOptions, 'files' | 'keepsEnd'>;
  /** [rows] 1 where a row is running text. */
  readonly #texts: Counts;
  #longest = 0;

  private constructor(store: TokenStore, texts: Counts, options: Pick<DatasetOptions, 'files' | 'keepsEnd'>) {
    this.store = store;
    this.#texts = texts;
    this.#options = options;
    for (const length of store.lengths) this.#longest = Math.max(this.#longest, length);
  }

  /** Reads and tokenises like `buildTokenStore`; `maxLength` only says what an error names. */
  static async read(options: Omit<DatasetOptions, 'isWhole' | 'onStored'>): Promise<WholeRows> {
    const texts = new GrowingCounts();
    const onStored = (isText: boolean) => texts.push(isText ? 1 : 0);
    const store = await buildTokenStore({ ...options, isWhole: true, onStored });
    return new WholeRows(store, texts.take(), options);
  }

  /** Bytes that are held in memory. */
  get bytes(): number {
    return this.#texts.byteLength + indexBytes(this.store);
  }

  /** The rows as `buildTokenStore` would store them with this limit; throws what it would throw. */
  async cutAt(maxLength: number, signal?: AbortSignal): Promise<CutRows> {
    const { store } = this;
    const { lengths, labelled, hashes, stats, count, beginning } = store;
    if (this.#longest <= maxLength) return { lengths, labelled, hashes, stats, count, beginning };
    const cut = { lengths: new GrowingCounts(), labelled: new GrowingCounts(), hashes: new WordFile() };
    const counts = noCuts();
    let turnStart = performance.now();
    try {
      for (let row = 0; row < count; row++) {
        if (lengths[row]! > maxLength) await this.#addCut(row, maxLength, cut, counts);
        else add(cut, lengths[row]!, labelled[row]!, [hashes.at(2 * row), hashes.at(2 * row + 1)]);
        if (performance.now() - turnStart < TURN_MS) continue;
        await setImmediate();
        signal?.throwIfAborted();
        turnStart = performance.now();
      }
      const nothing = (all: TokenStats) => noRowsError({ ...this.#options, maxLength }, all);
      return { ...cutRows(cut, counts, stats, nothing), beginning };
    } catch (error) {
      cut.hashes.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.store.close();
  }

  async #addCut(row: number, maxLength: number, to: Growing, counts: CutCounts): Promise<void> {
    const whole = encodedRow(await this.store.row(row));
    const { keepsEnd } = this.#options;
    const isUnconfirmed = this.store.hashes.at(2 * row) === NEVER_HELD;
    for (const piece of cutAt(whole, { isText: this.#texts[row] === 1, keepsEnd }, maxLength, counts)) {
      const words = wordsOf(piece);
      add(to, words.length, labelledIn(words), splitHash(rowHash(words), isUnconfirmed));
    }
  }
}

/** Bytes of an index in memory; hashes are on the disk. */
export function indexBytes({ lengths, labelled }: TokenIndex): number {
  return lengths.byteLength + labelled.byteLength;
}

interface Growing {
  readonly lengths: GrowingCounts;
  readonly labelled: GrowingCounts;
  readonly hashes: WordFile;
}

function add(to: Growing, length: number, labelled: number, hash: readonly number[]): void {
  to.lengths.push(length);
  to.labelled.push(labelled);
  for (const word of hash) to.hashes.push(word);
}

function cutRows(
  cut: Growing,
  { unlabelledRows: _, ...counts }: CutCounts,
  whole: TokenStats,
  nothing: (stats: TokenStats) => Error,
): Omit<CutRows, 'beginning'> {
  const [lengths, labelled] = [cut.lengths.take(), cut.labelled.take()];
  const [tokens, labelledTokens, rows] = [sum(lengths), sum(labelled), lengths.length];
  // a row without any label was left out before: no limit changes that
  const stats = { ...whole, ...counts, rows, tokens, labelledTokens };
  if (rows === 0) throw nothing(stats);
  return { lengths, labelled, hashes: cut.hashes, stats, count: rows };
}

function sum(values: Counts): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
