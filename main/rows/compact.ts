/** Lists of a number for each of many rows, in as few bytes as they need. */

/** Counts by row, in the narrowest array that holds the largest. */
export type Counts = Uint8Array | Uint16Array | Uint32Array;

/** `length` zeros, with room for counts up to `most`. */
export function countsUpTo(most: number, length: number): Counts {
  if (most <= 0xff) return new Uint8Array(length);
  return most <= 0xffff ? new Uint16Array(length) : new Uint32Array(length);
}

/** Gives the memory of a large list back at once: the collector may leave several of its kind lying about. */
export function release({ buffer }: Counts | Float64Array | BigUint64Array): void {
  (buffer as ArrayBuffer).transfer(0);
}

/** A set of numbers below `length`, a bit for each. */
export class Bits {
  readonly #words: Uint32Array;

  constructor(length: number) {
    this.#words = new Uint32Array(Math.ceil(length / 32));
  }

  add(number: number): void {
    this.#words[number >>> 5]! |= 1 << (number & 31);
  }

  has(number: number): boolean {
    return (this.#words[number >>> 5]! & (1 << (number & 31))) !== 0;
  }
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

  /** The values without room for more; the list is empty then. */
  take(): Counts {
    const values = this.#values.slice(0, this.#length);
    release(this.#values);
    this.#values = new Uint8Array(1024);
    this.#most = 0xff;
    this.#length = 0;
    return values;
  }

  #makeRoom(value: number): void {
    const { length } = this.#values;
    const larger = countsUpTo(Math.max(value, this.#most), this.#length === length ? 2 * length : length);
    larger.set(this.#values);
    release(this.#values);
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
