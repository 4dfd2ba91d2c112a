import { describe, expect, it } from 'vitest';
import { rowMeasure } from '../../../../main/rows/doctor/row-parts.ts';
import { CHECKS, REPAIRS } from '../../../../main/rows/doctor/table.ts';
import type { LooseRow } from '../../../../main/rows/loose-row.ts';
import { Rng } from '../../../../main/rows/rng.ts';
import { cleanRows, sampleRows } from './clean-rows.ts';
import { BESIDE, SPOILS } from './faults.ts';
import { flaggedBy } from './flagged.ts';

const CLEAN: readonly LooseRow[] = [
  ...cleanRows(2000),
  ...['support-answers', 'plain-language', 'formal-tone'].flatMap(sampleRows),
];
const PLANTED = 220;

/** Clean rows with `PLANTED` faults of one kind at random places, and which rows those are. */
function planted(code: string): { rows: LooseRow[]; faulty: Set<number>; before: Map<number, LooseRow> } {
  const rng = Rng.fromSeed(11);
  const rows = [...CLEAN];
  const before = new Map<number, LooseRow>();
  const spoil = SPOILS[code]!;
  const isBeside = BESIDE.includes(code);
  const order = rng.shuffle(Uint32Array.from({ length: 2000 }, (_, i) => i)).subarray(0, PLANTED);
  for (const [i, row] of order.entries()) {
    const spoilt = spoil(rows[row]!, rng, i);
    if (isBeside) before.set(rows.push(spoilt) - 1, CLEAN[row]!);
    else {
      before.set(row, rows[row]!);
      rows[row] = spoilt;
    }
  }
  return { rows, faulty: new Set(before.keys()), before };
}

describe.each(Object.keys(SPOILS))('planted %s', (code) => {
  const { rows, faulty } = planted(code);

  it('are found, at least 95 % of them, and hardly anything else', async () => {
    const flagged = await flaggedBy(code, rows);
    const found = [...faulty].filter((row) => flagged.has(row));
    const missed = [...faulty]
      .filter((row) => !flagged.has(row))
      .map((row) => rows[row]!.turns.map(({ content }) => content).join(' | '));
    const alarms = [...flagged].filter((row) => !faulty.has(row));
    expect(found.length / faulty.size, JSON.stringify(missed.slice(0, 5))).toBeGreaterThanOrEqual(0.95);
    expect(alarms.length / CLEAN.length, `rows ${alarms.slice(0, 5)}`).toBeLessThan(0.02);
  });

  it('are gone from the rows that their fix makes', async () => {
    const repair = REPAIRS.find(({ kind }) => kind.code === code)?.repair;
    if (!repair) return;
    const repaired = rows.flatMap((row) => repair(row, rowMeasure(1024)) ?? []);
    expect((await flaggedBy(code, repaired)).size).toBe(0);
    const clean = rows.filter((_, i) => !faulty.has(i));
    expect(clean.every((row) => repair(row, rowMeasure(1024)) === row)).toBe(true);
  });
});

it('plants a fault for every check of rows, and for every one that leaves rows out', () => {
  const withoutFix = CHECKS.filter(({ kind }) => kind.fix === null).map(({ kind }) => kind.code);
  const codes = CHECKS.map(({ kind }) => kind.code).filter((code) => !withoutFix.includes(code));
  // those compare the rows with something else: pairs with each other, held-out rows, the time
  expect(codes.filter((code) => !(code in SPOILS))).toEqual([
    'contradictory-pairs',
    'leaks',
    'too-many-tokens',
  ]);
});
