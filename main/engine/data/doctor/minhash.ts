/**
 * MinHash signatures: two texts agree in a share of their lanes that estimates the Jaccard similarity of their sets of
 * shingles, without keeping the texts (Broder, "On the resemblance and containment of documents", 1997). A lane keeps
 * the low 16 bits of its minimum (Li and König, "b-Bit Minwise Hashing", 2010): unequal ones meet 1 time in 65,536.
 */
import { Rng } from '../rng.ts';
import { mix32 } from './hash.ts';
import { isUnspaced } from './words.ts';

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

const BLOCK_ROWS = 4096;

/** The signatures of all rows, in blocks: growing them needs no copy, and no more memory than they have. */
export class Signatures {
  readonly #blocks: Uint16Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Room for the next row's signature, all lanes 0. */
  next(): Uint16Array {
    if (this.#length === this.#blocks.length * BLOCK_ROWS)
      this.#blocks.push(new Uint16Array(BLOCK_ROWS * LANES));
    return this.at(this.#length++);
  }

  /** [LANES] a view of the signature of `row`. */
  at(row: number): Uint16Array {
    const start = (row % BLOCK_ROWS) * LANES;
    return this.#blocks[Math.floor(row / BLOCK_ROWS)]!.subarray(start, start + LANES);
  }
}
