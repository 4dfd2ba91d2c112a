/**
 * Randomness that a run can repeat: xoshiro128** (Blackman and Vigna), seeded with SplitMix64 as its authors advise. Named streams keep one
 * use of it (the order of rows) from shifting another (the initial adapter weights).
 */
import { createHash } from 'node:crypto';
import { assert } from '../../common/errors.ts';

/** Everything a generator needs to go on where it stopped; plain JSON. */
interface RngState {
  readonly words: readonly [number, number, number, number];
  /** The second value of the last Box–Muller pair where it has not been given out yet. */
  readonly spareNormal: number | null;
}

const TWO_32 = 2 ** 32;
const MASK_64 = (1n << 64n) - 1n;

/** SplitMix64: the next output and the advanced state. */
export function splitMix64(state: bigint): { value: bigint; state: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & MASK_64;
  let z = next;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
  return { value: z ^ (z >> 31n), state: next };
}

/**
 * A seed of 53 bits for the independent stream that `labels` name, for example `streamSeed(42, 'order', epoch)`: the first bits of the
 * SHA-256 of the seed and the labels, so that nearby seeds and epochs share nothing.
 */
export function streamSeed(seed: number, ...labels: readonly (string | number)[]): number {
  assertSeed(seed);
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  return digest.readUInt32LE(0) * 2 ** 21 + (digest.readUInt32LE(4) >>> 11);
}

function assertSeed(seed: number): void {
  assert(Number.isSafeInteger(seed) && seed >= 0, `a seed is an integer from 0 to 2^53 - 1, not ${seed}`);
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** A seeded generator; the same seed or state gives the same numbers on every machine. */
export class Rng {
  readonly #s: Uint32Array;
  #spareNormal: number | null;

  /** Goes on from a stored state. */
  constructor(state: RngState) {
    assert(
      state.words.length === 4 && state.words.some((word) => word !== 0),
      'the generator state is all zero',
    );
    this.#s = Uint32Array.from(state.words);
    this.#spareNormal = state.spareNormal;
  }

  /** Starts from `seed`, an integer from 0 to 2^53 - 1. */
  static fromSeed(seed: number): Rng {
    assertSeed(seed);
    const a = splitMix64(BigInt(seed));
    const b = splitMix64(a.state);
    const halves = [a.value & 0xffffffffn, a.value >> 32n, b.value & 0xffffffffn, b.value >> 32n].map(Number);
    return new Rng({ words: halves as [number, number, number, number], spareNormal: null });
  }

  /** The state to store; `new Rng(state)` goes on with the same numbers. */
  get state(): RngState {
    const s = this.#s;
    return { words: [s[0]!, s[1]!, s[2]!, s[3]!], spareNormal: this.#spareNormal };
  }

  /** An integer from 0 to 2^32 - 1 (one step of xoshiro128**). */
  nextU32(): number {
    const s = this.#s;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.nextU32() >>> 5;
    const low = this.nextU32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** An integer in [0, n), every value equally likely (values of the incomplete last range are drawn again). */
  below(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= TWO_32, `below(n) needs 1 <= n <= 2^32, not ${n}`);
    const limit = TWO_32 - (TWO_32 % n);
    let x = this.nextU32();
    while (x >= limit) x = this.nextU32();
    return x % n;
  }

  /** A standard normal number (Box–Muller; the pair's second value is kept for the next call). */
  normal(): number {
    const spare = this.#spareNormal;
    if (spare !== null) {
      this.#spareNormal = null;
      return spare;
    }
    // 1 - uniform() is in (0, 1], so that the logarithm is finite
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fisher–Yates shuffle, in place; returns its argument. */
  shuffle(values: Uint32Array): Uint32Array {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
    }
    return values;
  }
}

/** MurmurHash3's 32-bit finaliser (Appleby): every input bit moves every output bit. */
export function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
