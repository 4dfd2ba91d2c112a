/** Finds nearly equal texts without keeping them: MinHash (Broder 1997; b-bit, Li and König 2010) and an index of bands. */
import { Bits, GrowingCounts, release } from '../compact.ts';
import { mix32, Rng } from '../rng.ts';
import { WordFile } from '../word-file.ts';
import { isUnspaced } from './language.ts';

/** Lanes of a signature. The standard error of the estimate is sqrt(J (1 - J) / 128): 0.032 at J = 0.85. */
export const LANES = 128;
const SHINGLE_UNITS = 5;
const UNSPACED_UNITS = 3;
/** More shingles than this are thinned out by their hash (Broder's "mod m"), which leaves the estimate unbiased. */
const MOST_SHINGLES = 2048;

/** The largest signed integer of 32 bits. */
const MOST = 0x7fffffff;
const FACTORS = new Int32Array(LANES);
const OFFSETS = new Int32Array(LANES);
const rng = Rng.fromSeed(0x6d696e68);
for (let lane = 0; lane < LANES; lane++) {
  FACTORS[lane] = rng.nextU32() | 1;
  OFFSETS[lane] = rng.nextU32();
}

/** Hashes of all pieces of 5 characters of `text` (3 in scripts without spaces), thinned out where there are many. */
export function shinglesOf(text: string): Int32Array {
  const size = isUnspaced(text) ? UNSPACED_UNITS : SHINGLE_UNITS;
  const count = Math.max(0, text.length - size + 1);
  const halvings = count > MOST_SHINGLES ? Math.ceil(Math.log2(count / MOST_SHINGLES)) : 0;
  const mask = 2 ** halvings - 1;
  const shingles = new Int32Array(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    let hash = 0;
    for (let j = i; j < i + size; j++) hash = Math.imul(hash, 0x01000193) ^ (text.charCodeAt(j) + 0x9e37);
    const mixed = mix32(hash) | 0;
    if ((mixed & mask) === 0) shingles[kept++] = mixed;
  }
  return shingles.subarray(0, kept);
}

/** Writes the signature of `shingles` to `into` [LANES]; four lanes at a time, which processors do nearly as fast as one. */
export function writeSignature(shingles: Int32Array, into: Uint16Array): void {
  for (let lane = 0; lane < LANES; lane += 4) writeFourLanes(shingles, into, lane);
}

function writeFourLanes(shingles: Int32Array, into: Uint16Array, lane: number): void {
  const [factor0, factor1, factor2, factor3] = [
    FACTORS[lane]!,
    FACTORS[lane + 1]!,
    FACTORS[lane + 2]!,
    FACTORS[lane + 3]!,
  ];
  const [offset0, offset1, offset2, offset3] = [
    OFFSETS[lane]!,
    OFFSETS[lane + 1]!,
    OFFSETS[lane + 2]!,
    OFFSETS[lane + 3]!,
  ];
  let [least0, least1, least2, least3] = [MOST, MOST, MOST, MOST];
  for (let i = 0; i < shingles.length; i++) {
    const shingle = shingles[i]!;
    const value0 = (Math.imul(shingle, factor0) + offset0) | 0;
    const value1 = (Math.imul(shingle, factor1) + offset1) | 0;
    const value2 = (Math.imul(shingle, factor2) + offset2) | 0;
    const value3 = (Math.imul(shingle, factor3) + offset3) | 0;
    if (value0 < least0) least0 = value0;
    if (value1 < least1) least1 = value1;
    if (value2 < least2) least2 = value2;
    if (value3 < least3) least3 = value3;
  }
  // the high bits of a minimum are all alike; storing to 16 bits keeps the low ones
  into[lane] = mix32(least0);
  into[lane + 1] = mix32(least1);
  into[lane + 2] = mix32(least2);
  into[lane + 3] = mix32(least3);
}

/** The share of lanes in which two signatures agree: the estimate of the Jaccard similarity. */
export function similarity(a: Uint16Array, b: Uint16Array): number {
  let equal = 0;
  for (let lane = 0; lane < LANES; lane++) if (a[lane] === b[lane]) equal++;
  return equal / LANES;
}

const SIGNATURE_WORDS = LANES / 2;
/** Signatures that were read last are in memory: look-alikes are compared with the newest of their kind, again and again. */
const BLOCKS = 2 ** 11;
/** Those that are read at once: 4 KiB. */
const BLOCK = 16;

/** The same memory in words of 32 bits. */
function wordsOf({ buffer, byteOffset, length }: Uint16Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 2);
}

/** The signatures of the rows that have one, on the disk but for 8 MiB. */
export class Signatures {
  readonly #stored = new WordFile();
  /** [rows] 1 + the place of its signature; 0 for a row without one. */
  readonly #places = new GrowingCounts();
  #count = 0;
  /** The signatures of block n lie at n % BLOCKS, where that place holds them. */
  readonly #cached = new Uint16Array(BLOCKS * BLOCK * LANES);
  readonly #held = new Int32Array(BLOCKS).fill(-1);

  /** Number of rows, with and without a signature. */
  get length(): number {
    return this.#places.length;
  }

  /** The next row; null for one without a signature. */
  add(signature: Uint16Array | null): void {
    this.#places.push(signature ? ++this.#count : 0);
    if (!signature) return;
    this.#stored.append(wordsOf(signature));
    this.#held[Math.floor((this.#count - 1) / BLOCK) % BLOCKS] = -1;
  }

  has(row: number): boolean {
    return (this.#places.at(row) ?? 0) > 0;
  }

  /** [LANES] the signature of `row`, which has one; only valid until the next one is asked for. */
  at(row: number): Uint16Array {
    const place = this.#places.at(row)! - 1;
    const block = Math.floor(place / BLOCK);
    const first = (block % BLOCKS) * BLOCK;
    if (this.#held[block % BLOCKS] !== block) {
      const count = Math.min(BLOCK, this.#count - block * BLOCK);
      const signatures = this.#cached.subarray(first * LANES, (first + count) * LANES);
      this.#stored.copy(block * BLOCK * SIGNATURE_WORDS, wordsOf(signatures));
      this.#held[block % BLOCKS] = block;
    }
    const slot = first + (place % BLOCK);
    return this.#cached.subarray(slot * LANES, (slot + 1) * LANES);
  }

  close(): void {
    this.#stored.close();
  }
}

// Locality-sensitive hashing ("Mining of Massive Datasets", 3.4): only rows that agree in a whole band are compared.
// Of pairs of similarity 0.85 that are 99.4 %, of 0.9 99.99 %, of 0.5 6 %.

const BANDS = 16;
const BAND_LANES = LANES / BANDS;
/** Rows compared in one band at most, newest first: a file of look-alikes must not take quadratic time. */
const MOST_COMPARED = 48;

/** From which estimated similarity on two rows count as nearly equal. */
export const NEAR = 0.85;

/** Those of `rows` that agree with another one in a whole band: only they can have look-alikes, and most rows are like no other. */
export function alikeInABand(signatures: Signatures, salts: GrowingCounts, rows: Uint32Array): Uint32Array {
  const bands = Array.from({ length: BANDS }, () => new WordFile());
  for (const row of rows) {
    const signature = signatures.at(row);
    for (const [band, hashes] of bands.entries()) hashes.push(bandHash(signature, salts.at(row)!, band));
  }
  const alike = new Bits(rows.length);
  // a hash and its place in 64 bits are sorted without a function that compares
  const sorted = new BigUint64Array(rows.length);
  const words = new Uint32Array(sorted.buffer);
  for (const hashes of bands) {
    for (let i = 0; i < rows.length; i++) {
      words[2 * i] = i;
      words[2 * i + 1] = hashes.at(i);
    }
    hashes.close();
    sorted.sort();
    for (let i = 3; i < words.length; i += 2)
      if (words[i] === words[i - 2]) for (const place of [i - 1, i - 3]) alike.add(words[place]!);
  }
  release(sorted);
  return rows.filter((_, i) => alike.has(i));
}

function bandHash(signature: Uint16Array, salt: number, band: number): number {
  let hash = salt ^ Math.imul(band + 1, 0x9e3779b1);
  for (let lane = band * BAND_LANES; lane < (band + 1) * BAND_LANES; lane++)
    hash = Math.imul(hash ^ signature[lane]!, 0x01000193) ^ (hash >>> 13);
  return mix32(hash);
}

/** An index of up to `most` rows by their signatures. `salts` holds what must be equal in any case. */
export class NearIndex {
  readonly #signatures: Signatures;
  readonly #salts: GrowingCounts;
  readonly #rows: Uint32Array;
  #count = 0;
  /** Entry + 1 of the newest row in a slot; an entry is the row's place in `#rows` x BANDS + band. */
  readonly #heads: Uint32Array;
  readonly #next: Uint32Array;
  readonly #mask: number;

  constructor(signatures: Signatures, salts: GrowingCounts, most: number) {
    this.#signatures = signatures;
    this.#salts = salts;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, most * BANDS)));
    this.#rows = new Uint32Array(most);
    this.#heads = new Uint32Array(slots);
    this.#next = new Uint32Array(most * BANDS);
    this.#mask = slots - 1;
  }

  /** Puts `row` into the index. */
  add(row: number): void {
    const signature = this.#signatures.at(row);
    const place = this.#count++;
    this.#rows[place] = row;
    for (let band = 0; band < BANDS; band++) {
      const slot = bandHash(signature, this.#salts.at(row)!, band) & this.#mask;
      const entry = place * BANDS + band;
      this.#next[entry] = this.#heads[slot]!;
      this.#heads[slot] = entry + 1;
    }
  }

  /** Gives the memory back at once: it is too much to wait for the collector. */
  close(): void {
    for (const list of [this.#heads, this.#next]) release(list);
  }

  /** A row of the index that is nearly equal to one with this signature and salt; -1 where there is none. */
  find(signature: Uint16Array, salt: number): number {
    for (let band = 0; band < BANDS; band++) {
      let compared = 0;
      let entry = this.#heads[bandHash(signature, salt, band) & this.#mask]!;
      for (; entry !== 0 && compared < MOST_COMPARED; entry = this.#next[entry - 1]!) {
        if ((entry - 1) % BANDS !== band) continue;
        const row = this.#rows[Math.floor((entry - 1) / BANDS)]!;
        if (this.#salts.at(row) !== salt) continue;
        const other = this.#signatures.at(row);
        if (!sameBand(signature, other, band)) continue;
        compared++;
        if (similarity(signature, other) >= NEAR) return row;
      }
    }
    return -1;
  }
}

function sameBand(a: Uint16Array, b: Uint16Array, band: number): boolean {
  for (let lane = band * BAND_LANES; lane < (band + 1) * BAND_LANES; lane++)
    if (a[lane] !== b[lane]) return false;
  return true;
}

// Of a million texts any two share 64 bits with a chance of 3 in 100 million; a cryptographic hash would cost more
// than all the doctor's other work on a row.

/** Two independent words of 32 bits; never both 0, which stands for "no text". */
export interface Hash64 {
  readonly low: number;
  readonly high: number;
}

export const NO_HASH: Hash64 = { low: 0, high: 0 };

/** The hash of the UTF-16 units of `text`. */
export function hash64(text: string): Hash64 {
  let low = 0x811c9dc5 ^ text.length;
  let high = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul((high ^ unit) + (high << 7), 0x85ebca6b) ^ (high >>> 15);
  }
  return { low: mix32(low ^ (high >>> 9)) || 1, high: mix32(high) };
}

/** The hash of `text` in one word, for where a collision costs nothing. */
export function hash32(text: string): number {
  const { low, high } = hash64(text);
  return mix32(low ^ high);
}
