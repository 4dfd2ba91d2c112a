/** Lists of numbers whose length is known only at the end, without the several-fold memory of ordinary arrays. */

/** An append-only list of unsigned 32-bit integers, 4 bytes each. */
export class GrowingU32 {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Uint32Array(this.#length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  /** The values in an array of exactly their number. */
  toArray(): Uint32Array {
    return this.#values.slice(0, this.#length);
  }
}
