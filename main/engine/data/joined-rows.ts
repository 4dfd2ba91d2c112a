/** Tokenised rows from several stores under one numbering: the rows of a run, and general rows mixed in among them. */
import { assert } from '../../errors.ts';
import type { StoredRow } from './token-store.ts';

/** Tokenised rows, read by position; a token store is one. */
export interface RowStore {
  readonly count: number;
  /** [rows] tokens of each row. */
  readonly lengths: Uint32Array;
  /** [rows] counted labels of each row. */
  readonly labelled: Uint32Array;
  row(index: number): Promise<StoredRow>;
}

/** The rows of `first`, then those of `second`. */
export function joinRows(first: RowStore, second: RowStore): RowStore {
  const count = first.count + second.count;
  return {
    count,
    lengths: joined(first.lengths, second.lengths),
    labelled: joined(first.labelled, second.labelled),
    row: (index) => {
      assert(index >= 0 && index < count, `row ${index} of ${count}`);
      return index < first.count ? first.row(index) : second.row(index - first.count);
    },
  };
}

function joined(a: Uint32Array, b: Uint32Array): Uint32Array {
  const all = new Uint32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
