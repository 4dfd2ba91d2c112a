/**
 * Finds earlier rows that are nearly equal without comparing all pairs: signatures are cut into bands, and only rows
 * that agree in a whole band are compared (locality-sensitive hashing; Leskovec, Rajaraman, Ullman, "Mining of Massive
 * Datasets", section 3.4). With 16 bands of 8 lanes a pair of similarity 0.85 is compared with probability 0.994, one
 * of 0.9 with 0.9999, one of 0.5 with 0.06.
 */
import { mix32 } from './hash.ts';
import { LANES, type Signatures, similarity } from './minhash.ts';

const BANDS = 16;
const BAND_LANES = LANES / BANDS;
/** Rows compared in one band at most, newest first: a file of look-alikes must not take quadratic time. */
const MOST_COMPARED = 48;

/** From which estimated similarity on two rows count as nearly equal. */
export const NEAR = 0.85;

/** An index of rows by their signatures, for at most `rows` rows. `salts` holds what must be equal in any case. */
export class NearIndex {
  readonly #signatures: Signatures;
  readonly #salts: Uint32Array;
  /** Entry + 1 of the newest row in a slot; an entry is row x BANDS + band. */
  readonly #heads: Uint32Array;
  readonly #next: Uint32Array;
  readonly #mask: number;

  constructor(signatures: Signatures, salts: Uint32Array) {
    this.#signatures = signatures;
    this.#salts = salts;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, salts.length * BANDS)));
    this.#heads = new Uint32Array(slots);
    this.#next = new Uint32Array(salts.length * BANDS);
    this.#mask = slots - 1;
  }

  /** Puts `row` into the index. */
  add(row: number): void {
    const signature = this.#signatures.at(row);
    for (let band = 0; band < BANDS; band++) {
      const slot = this.#slotOf(signature, this.#salts[row]!, band);
      const entry = row * BANDS + band;
      this.#next[entry] = this.#heads[slot]!;
      this.#heads[slot] = entry + 1;
    }
  }

  /** A row of the index that is nearly equal to one with this signature and salt; -1 where there is none. */
  find(signature: Uint16Array, salt: number): number {
    for (let band = 0; band < BANDS; band++) {
      let compared = 0;
      let entry = this.#heads[this.#slotOf(signature, salt, band)]!;
      for (; entry !== 0 && compared < MOST_COMPARED; entry = this.#next[entry - 1]!) {
        if ((entry - 1) % BANDS !== band) continue;
        const row = Math.floor((entry - 1) / BANDS);
        if (this.#salts[row] !== salt) continue;
        const other = this.#signatures.at(row);
        if (!sameBand(signature, other, band)) continue;
        compared++;
        if (similarity(signature, other) >= NEAR) return row;
      }
    }
    return -1;
  }

  #slotOf(signature: Uint16Array, salt: number, band: number): number {
    let hash = salt ^ Math.imul(band + 1, 0x9e3779b1);
    for (let lane = band * BAND_LANES; lane < (band + 1) * BAND_LANES; lane++)
      hash = Math.imul(hash ^ signature[lane]!, 0x01000193) ^ (hash >>> 13);
    return mix32(hash) & this.#mask;
  }
}

function sameBand(a: Uint16Array, b: Uint16Array, band: number): boolean {
  for (let lane = band * BAND_LANES; lane < (band + 1) * BAND_LANES; lane++)
    if (a[lane] !== b[lane]) return false;
  return true;
}
