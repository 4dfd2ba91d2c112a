/** Parts of micro-batches: every sample stays in its micro-batch, and no part is larger than it may be. */
import { describe, expect, it } from 'vitest';
import { type PackedEpoch, planEpoch, samplesOf } from '../../../../main/engine/data/batches/pack.ts';
import { partShape, splitPlan } from '../../../../main/engine/step/batching.ts';
import { seeded } from '../../../helpers/random.ts';

const random = seeded(5);
const lengths = Uint32Array.from({ length: 300 }, () => 5 + Math.floor(random() * 60));
const labelled = lengths.map((length) => Math.floor(length / 3));
const longest = Math.max(...lengths);
const planOf = (rowsPerBatch: number, rowLength = 256) =>
  planEpoch({
    ...{ lengths, rows: lengths.map((_, i) => i), rowLength, rowsPerBatch },
    ...{ seed: 3, epoch: 0, shuffle: true },
  });

/** The samples of batches or parts `from` to `to` (excluded), sorted. */
function samplesIn(plan: PackedEpoch, from: number, to: number): number[] {
  return samplesOf(plan, from, to).sort((a, b) => a - b);
}

describe('a plan in parts', () => {
  it.each([
    [4, 2, 2, 256],
    [4, 4, 1, 256],
    [5, 2, 2, 256],
    [3, 6, 1, 128],
    [1, 2, 1, 128],
    [1, 3, 1, 64],
    [2, 64, 1, 64],
  ])('of %i rows in %i parts is %i rows of %i tokens', (rows, parts, rowsPerBatch, rowLength) => {
    const plan = planOf(rows);
    const shape = partShape(plan, parts, longest);
    expect(shape).toMatchObject({ rowsPerBatch, rowLength });
    const split = splitPlan(plan, shape, { lengths, labelled });
    expect(split.starts).toHaveLength(plan.batches + 1);
    expect(split.starts.at(-1)).toBe(split.plan.batches);
    expect(split.plan.tokens).toBe(plan.tokens);
    for (let batch = 0; batch < plan.batches; batch++)
      expect(samplesIn(split.plan, split.starts[batch]!, split.starts[batch + 1]!)).toEqual(
        samplesIn(plan, batch, batch + 1),
      );
    for (let row = 0; row < split.plan.packedRows; row++) {
      const from = split.plan.rowStarts.at(row);
      const samples = split.plan.samples.toArray().subarray(from, from + split.plan.rowSizes.at(row));
      const sum = (of: Uint32Array) => samples.reduce((total, sample) => total + of[sample]!, 0);
      expect(sum(lengths)).toBeLessThanOrEqual(rowLength);
      expect(split.plan.rowLabels.at(row)).toBe(sum(labelled));
    }
  });

  it('never has rows that are shorter than the longest sample', () => {
    expect(partShape({ rowsPerBatch: 1, rowLength: 64 }, 8, 40)).toEqual({ rowsPerBatch: 1, rowLength: 64 });
    expect(partShape({ rowsPerBatch: 1, rowLength: 50 }, 8, 50)).toEqual({ rowsPerBatch: 1, rowLength: 50 });
  });
});
