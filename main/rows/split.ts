/**
 * The split into rows to train on and rows held out to measure with. It is decided by content: rows that are exactly equal fall on the same
 * side, or the evaluation would reward memorised rows.
 */

import { AppError, assert } from '../../common/errors.ts';
import { usualHeldOut } from '../../common/settings/rows.ts';
import { say } from '../../common/words/language.ts';
import { AllBut, type RowNumbers, release } from './compact.ts';
import { mix32, streamSeed } from './rng.ts';

interface SplitOptions {
  /** As `heldOutCount` reads it. */
  readonly heldOut: number | undefined;
  readonly seed: number;
  /** [2 * count] the token store's row hashes, in pieces of whole rows; without them each row is its own. */
  readonly hashes?: Iterable<Uint32Array>;
}

/** The low word of the hash of a row that is never held out. A content has it once in four billion rows, and is then only trained on. */
export const NEVER_HELD = 0xffff_ffff;

/** A row's hash, so marked where nobody has confirmed its answer. */
export function splitHash(hash: Hash, isUnconfirmed: boolean): Hash {
  return isUnconfirmed ? [NEVER_HELD, hash[1]] : hash;
}

type Hash = readonly [low: number, high: number];

export interface Split {
  /** Row indices, ascending. */
  readonly train: RowNumbers;
  /** Row indices, ascending. */
  readonly heldOut: Uint32Array;
}

/**
 * Splits `count` rows: those with the lowest keyed hashes are held out, groups of equal rows that exceed the size passed over. At least one
 * row is held out (the smallest group, where all exceed it), unless `heldOut` is 0 or all rows are equal. Of rows that may be held out, where
 * others may not, at most half are.
 */
export function splitRows(count: number, options: SplitOptions): Split {
  const wanted = heldOutCount(count, options.heldOut);
  const chosen = wanted === 0 ? NONE : chooseKeys(count, wanted, options);
  const heldOut = new Uint32Array(chosen.rows);
  let held = 0;
  if (chosen.rows > 0) {
    forEachKey(count, options, (key, row) => {
      if (includes(chosen.keys, key)) heldOut[held++] = row;
    });
    release(chosen.keys);
  }
  return { train: new AllBut(count, heldOut), heldOut };
}

/**
 * How many of `count` rows are held out; equal rows, which stay together, can make it fewer. `heldOut`: a share of the rows (0 <= x < 1)
 * or a number of rows (1, 2, …); 0 holds nothing out.
 */
export function heldOutCount(count: number, heldOut = usualHeldOut(count)): number {
  if (!(heldOut >= 0) || (heldOut >= 1 && !Number.isSafeInteger(heldOut))) {
    const hint = say`For example 0.1 for a tenth of the rows, 50 for fifty rows, 0 for none.`;
    throw new AppError(
      'bad-split',
      say`Test rows are a share below 1 or a whole number, not ${heldOut}.`,
      hint,
    );
  }
  if (heldOut >= 1 && heldOut >= count) {
    const message = say`With ${heldOut} test rows of ${count}, none is left to train on.`;
    throw new AppError('bad-split', message, say`Choose fewer than ${count} test rows, or add data.`);
  }
  if (heldOut === 0 || count < 2) return 0;
  const rows = heldOut < 1 ? Math.round(count * heldOut) : heldOut;
  return Math.min(count - 1, Math.max(1, rows));
}

/** Tells `use` a number of 53 bits for each row: a keyed mix of its hash, equal for equal rows. */
function forEachKey(
  count: number,
  { seed, hashes }: SplitOptions,
  use: (key: number, row: number) => void,
): void {
  const key = streamSeed(seed, 'split');
  const keyLow = key % 2 ** 32;
  const keyHigh = Math.floor(key / 2 ** 32);
  const useKey = (low: number, high: number, row: number) => {
    if (low === NEVER_HELD) return use(Number.POSITIVE_INFINITY, row);
    // Three rounds of a Feistel network: a bijection of 64 bits, so that only equal hashes meet
    const a = low ^ mix32(high ^ keyLow);
    const b = high ^ mix32(a ^ keyHigh);
    const c = a ^ mix32(b ^ ~keyLow);
    use((b >>> 11) * 2 ** 32 + (c >>> 0), row);
  };
  let row = 0;
  if (hashes)
    for (const words of hashes)
      for (let i = 0; i < words.length; i += 2) useKey(words[i]!, words[i + 1]!, row++);
  else while (row < count) useKey(row, 0, row++);
  assert(row === count, `${row} row hashes for ${count} rows`);
}

/** Keys that are held out, ascending, and how many rows have them. */
interface Chosen {
  readonly keys: Float64Array;
  readonly rows: number;
}

const NONE: Chosen = { keys: new Float64Array(), rows: 0 };
/** Keys are counted in so many equal ranges, and about so many of them sorted at once. */
const RANGES = 4096;
const SORTED_AT_ONCE = 2 ** 20;
const RANGE = 2 ** 53 / RANGES;

/** The groups of equal keys that together have at most `wanted` rows, lowest first. */
function chooseKeys(count: number, asked: number, options: SplitOptions): Chosen {
  const inRange = new Uint32Array(RANGES);
  let free = 0;
  forEachKey(count, options, (key) => {
    if (key === Number.POSITIVE_INFINITY) return;
    inRange[Math.floor(key / RANGE)]!++;
    free++;
  });
  const wanted = free < count ? Math.min(asked, Math.ceil(free / 2)) : asked;
  const keys = new Float64Array(wanted);
  let groups = 0;
  let taken = 0;
  let smallest = { key: Number.NaN, size: count };
  for (let first = 0, end = 0; end < RANGES && taken < wanted; first = end) {
    let size = inRange[end++]!;
    while (end < RANGES && size + inRange[end]! <= SORTED_AT_ONCE) size += inRange[end++]!;
    const sorted = sortedKeys(count, size, [first * RANGE, end * RANGE], options);
    for (const [key, rows] of groupsOf(sorted)) {
      if (taken === wanted) break;
      if (rows < smallest.size) smallest = { key, size: rows };
      if (taken + rows > wanted) continue;
      keys[groups++] = key;
      taken += rows;
    }
    release(sorted);
  }
  if (taken > 0) return { keys: keys.subarray(0, groups), rows: taken };
  return smallest.size < count ? { keys: Float64Array.of(smallest.key), rows: smallest.size } : NONE;
}

/** The `size` keys from `first` to before `end`, ascending. */
function sortedKeys(
  count: number,
  size: number,
  [first, end]: readonly [number, number],
  options: SplitOptions,
): Float64Array {
  const keys = new Float64Array(size);
  let filled = 0;
  forEachKey(count, options, (key) => {
    if (key >= first && key < end) keys[filled++] = key;
  });
  return keys.sort();
}

/** Each of the ascending keys, and how often it is there. */
function* groupsOf(sorted: Float64Array): Generator<[key: number, rows: number]> {
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    yield [sorted[start]!, end - start];
  }
}

/** Whether `key` is among `ascending`. */
function includes(ascending: Float64Array, key: number): boolean {
  let [first, end] = [0, ascending.length];
  if (end === 0 || key > ascending[end - 1]!) return false;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (ascending[middle]! < key) first = middle + 1;
    else end = middle;
  }
  return ascending[first] === key;
}
