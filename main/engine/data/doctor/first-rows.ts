/** Rows by the hash of something about them: finds the first row with the same hash in 12 bytes a row. */
import { mix32 } from './hash.ts';

/** An open-addressing hash table from 64-bit hashes to row numbers; its size is fixed by `rows`, the most it will hold. */
export class FirstRows {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  /** Row number + 1; 0 is an empty slot. */
  readonly #row: Uint32Array;
  readonly #mask: number;

  constructor(rows: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, rows * 1.5)));
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#row = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  /** The row that had this hash first: `row` itself where it is new, and is remembered then. */
  firstOf(low: number, high: number, row: number): number {
    const slot = this.#slotOf(low, high);
    if (this.#row[slot] !== 0) return this.#row[slot]! - 1;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#row[slot] = row + 1;
    return row;
  }

  /** The row that had this hash first, or -1. */
  find(low: number, high: number): number {
    return this.#row[this.#slotOf(low, high)]! - 1;
  }

  #slotOf(low: number, high: number): number {
    let slot = mix32(low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    while (this.#row[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & this.#mask;
    return slot;
  }
}
