/** Lists of a number for each of many rows, in as few bytes as they need. */

/** Counts by row, in the narrowest array that holds the largest. */
export type Counts = Uint8Array | Uint16Array | Uint32Array;

/** `length` zeros, with room for counts up to `most`. */
export function countsUpTo(most: number, length: number): Counts {
  if (most <= 0xff) return new Uint8Array(length);
  return most <= 0xffff ? new Uint16Array(length) : new Uint32Array(length);
}

/** An append-only list of integers from 0 to 2^32 - 1, as wide as the largest of them. */
export class GrowingCounts {
  #values: Counts = new Uint8Array(1024);
  #most = 0xff;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (value > this.#most || this.#length === this.#values.length) this.#makeRoom(value);
    this.#values[this.#length++] = value;
  }

  at(index: number): number | undefined {
    return index < this.#length ? this.#values[index] : undefined;
  }

  /** The values as they are, without a copy: pages of the rest that nobody has written to take no memory. */
  toArray(): Counts {
    return this.#values.subarray(0, this.#length);
  }

  #makeRoom(value: number): void {
    const { length } = this.#values;
    const larger = countsUpTo(Math.max(value, this.#most), this.#length === length ? 2 * length : length);
    larger.set(this.#values);
    this.#values = larger;
    this.#most = 2 ** (8 * larger.BYTES_PER_ELEMENT) - 1;
  }
}

/** Numbers of rows; a `Uint32Array` is such a list. */
export interface RowNumbers extends Iterable<number> {
  readonly length: number;
  /** All of them, in memory of the caller's own. */
  slice(): Uint32Array;
}

/** The numbers from 0 to before `count` without those of `left` (ascending), in no memory of their own. */
export class AllBut implements RowNumbers {
  readonly length: number;
  readonly #count: number;
  readonly #left: Uint32Array;

  constructor(count: number, left: Uint32Array = new Uint32Array()) {
    this.#count = count;
    this.#left = left;
    this.length = count - left.length;
  }

  *[Symbol.iterator](): Generator<number> {
    let passed = 0;
    for (let row = 0; row < this.#count; row++) {
      if (row === this.#left[passed]) passed++;
      else yield row;
    }
  }

  slice(): Uint32Array {
    const rows = new Uint32Array(this.length);
    let filled = 0;
    for (const row of this) rows[filled++] = row;
    return rows;
  }
}
