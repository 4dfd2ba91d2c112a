/** What is found among more rows than are looked at together is what looking at all of them finds. */
import { describe, expect, it } from 'vitest';
import { GrowingCounts } from '../../../../main/rows/compact.ts';
import { lengthsOf } from '../../../../main/rows/doctor/check.ts';
import { firstRows } from '../../../../main/rows/doctor/finding.ts';
import { alikeInABand, LANES, Signatures } from '../../../../main/rows/doctor/minhash.ts';
import { Rng } from '../../../../main/rows/rng.ts';
import { WordFile } from '../../../../main/rows/word-file.ts';

describe('the first row with the same hash', () => {
  it.each([1, 1000, 700_000])('is that of a map, for %i rows', (rows) => {
    const rng = Rng.fromSeed(rows);
    const hashes = new WordFile();
    const known = new Map<number, number>();
    const expected = new Uint32Array(rows);
    const isOut = (row: number) => row % 5 === 0;
    for (let row = 0; row < rows; row++) {
      const [low, high] = [rng.below(rows), rng.below(2)];
      hashes.append(Uint32Array.of(low, high));
      const key = 2 * low + high;
      if (!isOut(row) && !known.has(key)) known.set(key, row);
      expected[row] = isOut(row) ? row : known.get(key)!;
    }
    const first = firstRows(hashes, isOut);
    expect(Buffer.compare(Buffer.from(first.toArray().buffer), Buffer.from(expected.buffer))).toBe(0);
    for (const list of [hashes, first]) list.close();
  });
});

describe('rows that agree with another one in a band', () => {
  it('are those that comparing all pairs finds, where their salts are equal, too', () => {
    const rng = Rng.fromSeed(3);
    const signatures = new Signatures();
    const salts = new GrowingCounts();
    const all: Uint16Array[] = [];
    for (let row = 0; row < 400; row++) {
      const signature = Uint16Array.from({ length: LANES }, () => rng.below(2 ** 16));
      const band = 8 * rng.below(16);
      // a whole band of an earlier row, or all of it but one lane
      const lanes = 7 + rng.below(2);
      if (row > 0 && rng.below(3) === 0)
        signature.set(all[rng.below(row)]!.subarray(band, band + lanes), band);
      all.push(signature);
      signatures.add(row % 7 === 0 ? null : signature);
      salts.push(rng.below(2));
    }
    const rows = Uint32Array.from(all, (_, row) => row).filter((row) => signatures.has(row) && row % 11 > 0);
    const bandOf = (row: number, band: number) => all[row]!.subarray(8 * band, 8 * band + 8).join();
    const isAlike = (row: number) =>
      rows.some(
        (other) =>
          other !== row &&
          salts.at(other) === salts.at(row) &&
          Array.from({ length: 16 }, (_, band) => band).some(
            (band) => bandOf(other, band) === bandOf(row, band),
          ),
      );
    const expected = rows.filter(isAlike);
    expect(expected.length).toBeGreaterThan(20);
    expect(alikeInABand(signatures, salts, rows)).toEqual(expected);
    signatures.close();
  });
});

describe('lengths of rows', () => {
  it.each([
    [[], { tokens: 0, median: 0, most: 0, histogram: [] }],
    [[0], { tokens: 0, median: 0, most: 0, histogram: [{ upTo: 16, rows: 1 }] }],
    [
      [100, 20, 17, 1000],
      {
        ...{ tokens: 1137, median: 100, most: 1000 },
        histogram: [32, 64, 128, 256, 512, 1024].map((upTo, i) => ({ upTo, rows: [2, 0, 1, 0, 0, 1][i] })),
      },
    ],
  ])('of %j are counted in steps of powers of two', (tokens, lengths) => {
    expect(lengthsOf([Uint32Array.from(tokens)], true)).toEqual({ counted: true, ...lengths });
  });

  it('have the median of the sorted ones', () => {
    const rng = Rng.fromSeed(4);
    for (let trial = 0; trial < 50; trial++) {
      const tokens = Uint32Array.from({ length: 1 + rng.below(40) }, () => rng.below(30));
      const half = tokens.length >> 1;
      const pieces = [tokens.subarray(0, half), tokens.subarray(half)];
      expect(lengthsOf(pieces, false).median).toBe(tokens.slice().sort()[half]);
    }
  });
});
