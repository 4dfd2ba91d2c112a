/**
 * The texts behind stored rows. A token store knows ids only; prompts with instructions and examples need the texts, so the
 * data are read a second time and the wanted rows recognised by their ids.
 */
import { createHash } from 'node:crypto';
import type { TrainingRow } from '../../data/rows/schema.ts';
import type { TokenStore } from '../../data/tokens/token-store.ts';
import type { EncodedRow } from '../../data/tokens/tokenizer-types.ts';
import { shuffled } from './examples.ts';

/** Up to `count` of `rows` in an order drawn by `seed`, so that the first few are a fair sample as well. */
export function drawRows(rows: Uint32Array, count: number, seed: number): Uint32Array {
  return Uint32Array.from(shuffled([...rows], seed).slice(0, count));
}

/** Recognises the rows of a store while the data file is read again. */
export class RowFinder {
  readonly #wanted = new Map<string, number[]>();
  readonly #found = new Map<number, TrainingRow>();

  /** A finder of `rows` of `store`. */
  static async create(store: TokenStore, rows: Uint32Array): Promise<RowFinder> {
    const finder = new RowFinder();
    for (const row of rows) {
      const key = keyOf((await store.row(row)).ids);
      finder.#wanted.set(key, [...(finder.#wanted.get(key) ?? []), row]);
    }
    return finder;
  }

  /** Looks at one row of the file; `ids` longer than `maxLength` are cut as the store cuts them. */
  see(row: TrainingRow, { ids }: EncodedRow, maxLength: number): void {
    const stored = this.#wanted.get(keyOf(Int32Array.from(ids.slice(0, maxLength))));
    for (const index of stored ?? []) this.#found.set(index, row);
  }

  /** The texts of the wanted rows that were seen, by row of the store. */
  get found(): ReadonlyMap<number, TrainingRow> {
    return this.#found;
  }
}

function keyOf(ids: Int32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
    .digest('base64');
}
