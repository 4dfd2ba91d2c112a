/**
 * The split into rows to train on and rows held out to measure with. It is decided by content: rows that are exactly equal fall on the same
 * side, or the evaluation would reward memorised rows.
 */

import { AppError, assert } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { mix32, streamSeed } from './rng.ts';

interface SplitOptions {
  /** A share of the rows (0 <= x < 1) or a number of rows (1, 2, …); 0 holds nothing out. */
  readonly heldOut: number;
  readonly seed: number;
  /** [2 * count] the token store's row hashes; without them each row is its own. */
  readonly hashes?: Uint32Array;
}

export interface Split {
  /** Row indices, ascending. */
  readonly train: Uint32Array;
  /** Row indices, ascending. */
  readonly heldOut: Uint32Array;
}

/**
 * Splits `count` rows: those with the lowest keyed hashes are held out, groups of equal rows that exceed the size passed over. At least one
 * row is held out (the smallest group, where all exceed it), unless `heldOut` is 0 or all rows are equal.
 */
export function splitRows(count: number, options: SplitOptions): Split {
  const wanted = heldOutCount(count, options.heldOut);
  const keys = rowKeys(count, options);
  const chosen = wanted === 0 ? new Set<number>() : chooseKeys(keys.slice().sort(), wanted);
  const heldOut = new Uint32Array(keys.reduce((sum, key) => sum + (chosen.has(key) ? 1 : 0), 0));
  const train = new Uint32Array(count - heldOut.length);
  let held = 0;
  for (let row = 0; row < count; row++) {
    if (chosen.has(keys[row]!)) heldOut[held++] = row;
    else train[row - held] = row;
  }
  return { train, heldOut };
}

/** How many of `count` rows are held out for a share or a number; equal rows, which stay together, can make it fewer. */
export function heldOutCount(count: number, heldOut: number): number {
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

/** A number of 53 bits for each row: a keyed mix of its hash, equal for equal rows. */
function rowKeys(count: number, { seed, hashes }: SplitOptions): Float64Array {
  assert(
    hashes === undefined || hashes.length === 2 * count,
    `${hashes?.length} hash words for ${count} rows`,
  );
  const key = streamSeed(seed, 'split');
  const keyLow = key % 2 ** 32;
  const keyHigh = Math.floor(key / 2 ** 32);
  return new Float64Array(count).map((_, row) => {
    const low = hashes ? hashes[2 * row]! : row;
    const high = hashes ? hashes[2 * row + 1]! : 0;
    // Three rounds of a Feistel network: a bijection of 64 bits, so that only equal hashes meet
    const a = low ^ mix32(high ^ keyLow);
    const b = high ^ mix32(a ^ keyHigh);
    const c = a ^ mix32(b ^ ~keyLow);
    return (b >>> 11) * 2 ** 32 + (c >>> 0);
  });
}

/** From ascending keys (equal ones are one group): the groups that together have at most `wanted` rows, lowest first. */
function chooseKeys(sorted: Float64Array, wanted: number): Set<number> {
  const chosen = new Set<number>();
  let taken = 0;
  let smallest = { key: Number.NaN, size: sorted.length };
  for (let start = 0; start < sorted.length && taken < wanted; ) {
    const key = sorted[start]!;
    let end = start + 1;
    while (end < sorted.length && sorted[end] === key) end++;
    const size = end - start;
    if (size < smallest.size) smallest = { key, size };
    if (taken + size <= wanted) {
      chosen.add(key);
      taken += size;
    }
    start = end;
  }
  if (taken === 0 && smallest.size < sorted.length) chosen.add(smallest.key);
  return chosen;
}
