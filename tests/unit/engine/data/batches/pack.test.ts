import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../../main/engine/data/batches/batch.ts';
import { materialiseBatch } from '../../../../../main/engine/data/batches/lay-out.ts';
import {
  type EpochOptions,
  labelledPerBatch,
  labelsOf,
  maxLabelledPerBatch,
  type PackedEpoch,
  planEpoch,
  rowsOf,
  samplesOf,
} from '../../../../../main/engine/data/batches/pack.ts';
import { Rng } from '../../../../../main/rows/rng.ts';

type Options = Partial<EpochOptions> & { lengths: Uint32Array };

function plan(options: Options): PackedEpoch {
  const rows = Uint32Array.from(options.lengths.keys());
  return planEpoch({ rows, rowLength: 16, rowsPerBatch: 2, seed: 1, epoch: 0, shuffle: true, ...options });
}

function packedRows(epoch: PackedEpoch): number[][] {
  return rowsOf(epoch, 0, epoch.batches);
}

/** Samples with ids 100 * sample + t; every other token of odd samples and all of even ones are trained. */
function source(lengths: ArrayLike<number>) {
  return {
    row: async (sample: number) => {
      const ids = Int32Array.from({ length: lengths[sample]! }, (_, t) => 100 * sample + t);
      const trained = Uint8Array.from(ids, (_, t) => (t > 0 && (sample % 2 === 0 || t % 2 === 1) ? 1 : 0));
      return { ids, trained };
    },
  };
}

const typicalLengths = (rng: Rng, count: number, most: number): Uint32Array =>
  Uint32Array.from({ length: count }, () =>
    Math.min(most, Math.max(2, Math.round(Math.exp(5.2 + 0.9 * rng.normal())))),
  );

describe('planEpoch', () => {
  it('puts each sample into the open row that it fills best, in order without shuffling', () => {
    const epoch = plan({ lengths: Uint32Array.of(10, 12, 4, 6, 16, 3), shuffle: false });
    // 4 goes beside 12 (which it fills) and not beside 10; 6 then fills that row
    expect(packedRows(epoch)).toEqual([[0, 3], [1, 2], [4], [5]]);
    expect(epoch).toMatchObject({ packedRows: 4, batches: 2, tokens: 51 });
    expect(epoch.fill).toBeCloseTo(51 / 64, 10);
  });

  it('keeps every sample exactly once and no row too long, over random lengths and settings', () => {
    const rng = Rng.fromSeed(11);
    for (let trial = 0; trial < 200; trial++) {
      const rowLength = 2 + rng.below(60);
      const lengths = Uint32Array.from({ length: rng.below(300) }, () => 1 + rng.below(rowLength));
      const rows = lengths.map((_, i) => i).filter(() => rng.below(3) > 0);
      const labelled = lengths.map((length) => rng.below(length + 1));
      const options: EpochOptions = {
        lengths,
        rows,
        rowLength,
        rowsPerBatch: 1 + rng.below(5),
        seed: trial,
        epoch: rng.below(5),
        shuffle: rng.below(2) === 0,
        pack: rng.below(4) > 0,
        ...(rng.below(2) === 0 && { labelled }),
      };
      const epoch = planEpoch(options);
      expect(epoch.samples.toArray().sort()).toEqual(rows);
      for (const { length } of [epoch.rowStarts, epoch.rowSizes, epoch.rowLabels])
        expect(length).toBe(epoch.packedRows);
      expect(epoch.batches).toBe(Math.ceil(epoch.packedRows / epoch.rowsPerBatch));
      for (const samples of packedRows(epoch)) {
        expect(samples.length).toBeGreaterThan(0);
        expect(samples.reduce((sum, sample) => sum + lengths[sample]!, 0)).toBeLessThanOrEqual(rowLength);
      }
      const labels = options.labelled ? labelsOf([...rows], labelled) : 0;
      expect(labelledPerBatch(epoch).reduce((sum, count) => sum + count, 0)).toBe(labels);
    }
  });

  it('fills at least 97% of the places on typical data', () => {
    const rng = Rng.fromSeed(12);
    for (const [count, share] of [
      [300, 0.97],
      [5000, 0.985],
    ] as const) {
      const epoch = plan({ lengths: typicalLengths(rng, count, 1024), rowLength: 1024, rowsPerBatch: 1 });
      expect(epoch.fill).toBeGreaterThan(share);
    }
  });

  it('repeats itself for seed and epoch and changes with each of them', () => {
    const lengths = typicalLengths(Rng.fromSeed(13), 200, 256);
    const order = (seed: number, epoch: number): string =>
      plan({ lengths, rowLength: 256, seed, epoch }).samples.toArray().join();
    expect(order(1, 0)).toBe(order(1, 0));
    expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
  });

  it('does not let the place in the file decide the place in the epoch', () => {
    const lengths = typicalLengths(Rng.fromSeed(14), 4000, 512);
    const { samples } = plan({ lengths, rowLength: 512 });
    const early = [...samples.toArray().subarray(0, 1000)];
    for (let quarter = 0; quarter < 4; quarter++) {
      const share = early.filter((sample) => Math.floor(sample / 1000) === quarter).length / early.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.06);
    }
  });

  it('spreads the rows that packing could not fill over the epoch', () => {
    const lengths = typicalLengths(Rng.fromSeed(16), 400, 512);
    const places = Array.from({ length: 20 }, (_, seed) => {
      const epoch = plan({ lengths, rowLength: 512, seed });
      const filled = packedRows(epoch).map((row) => row.reduce((sum, sample) => sum + lengths[sample]!, 0));
      return filled.indexOf(Math.min(...filled)) / filled.length;
    });
    // Rows opened last stay emptiest; without another shuffle they would always come last
    expect(Math.min(...places)).toBeLessThan(0.5);
    expect(Math.max(...places)).toBeGreaterThan(0.5);
  });

  it('without packing gives each sample a row of its own, in order without shuffling', () => {
    const epoch = plan({ lengths: Uint32Array.of(3, 1, 4, 1, 5), pack: false, shuffle: false });
    expect(packedRows(epoch)).toEqual([[0], [1], [2], [3], [4]]);
    expect(epoch.batches).toBe(3);
  });

  it('balances the labels of micro-batches: all within a tenth of the mean instead of a half more', () => {
    const rng = Rng.fromSeed(15);
    const lengths = typicalLengths(rng, 3000, 1024);
    const labelled = lengths.map((length) => Math.floor(length * rng.uniform()));
    const common = { lengths, rowLength: 1024, rowsPerBatch: 4 };
    const balanced = plan({ ...common, labelled });
    const mean = labelled.reduce((sum, count) => sum + count, 0) / balanced.batches;
    expect(maxLabelledPerBatch(balanced)).toBeLessThan(1.1 * mean);
    const plain = plan(common);
    const most = Array.from({ length: plain.batches }, (_, at) => labelsOf(samplesOf(plain, at), labelled));
    expect(Math.max(...most)).toBeGreaterThan(1.3 * mean);
    expect(balanced.samples.toArray().sort()).toEqual(Uint32Array.from(lengths.keys()));
  });

  it('has no batch for no samples and refuses a sample that no row can hold', () => {
    expect(plan({ lengths: new Uint32Array(0) })).toMatchObject({ packedRows: 0, batches: 0, fill: 0 });
    expect(() => plan({ lengths: Uint32Array.of(5, 17) })).toThrow(
      'internal: sample 1 of 17 tokens in rows of 16',
    );
  });
});

describe('materialiseBatch', () => {
  it('lays out tokens, positions and segments, and lists what predicts a label', async () => {
    const lengths = Uint32Array.of(3, 4, 2);
    const epoch = plan({ lengths, rowLength: 8, rowsPerBatch: 2, shuffle: false });
    const batch = await materialiseBatch(source(lengths), epoch, 0, { labelCapacity: 8 });
    expect([...batch.tokens]).toEqual([0, 1, 2, 100, 101, 102, 103, 0, 200, 201, 0, 0, 0, 0, 0, 0]);
    expect([...batch.positions]).toEqual([0, 1, 2, 0, 1, 2, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect([...batch.segments]).toEqual([0, 0, 0, 1, 1, 1, 1, -1, 0, 0, -1, -1, -1, -1, -1, -1]);
    expect([...batch.rows]).toEqual([0, 1, 3, 5, 8, 0, 0, 0]);
    expect([...batch.targets]).toEqual([1, 2, 101, 103, 201, 0, 0, 0]);
    expect([...batch.weights]).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    expect(batch).toMatchObject({ rowCount: 2, rowLength: 8, labelledCount: 5, realTokens: 9 });
  });

  it('fills the last batch up with empty rows', async () => {
    const lengths = Uint32Array.of(8, 8, 8);
    const epoch = plan({ lengths, rowLength: 8, rowsPerBatch: 2, shuffle: false });
    const last = await materialiseBatch(source(lengths), epoch, 1);
    expect(last).toMatchObject({ rowCount: 2, realTokens: 8, labelledCount: 7 });
    expect([...last.segments.subarray(8)]).toEqual(new Array(8).fill(-1));
    expect(last.rows.length).toBe(7);
    await expect(materialiseBatch(source(lengths), epoch, 2)).rejects.toThrow('internal: batch 2 of 2');
  });

  it('over a whole epoch feeds each token and each label once, with matching counts', async () => {
    const rng = Rng.fromSeed(21);
    for (let trial = 0; trial < 20; trial++) {
      const lengths = Uint32Array.from({ length: 1 + rng.below(60) }, () => 1 + rng.below(20));
      const from = source(lengths);
      const rows = await Promise.all([...lengths.keys()].map((sample) => from.row(sample)));
      const labelled = Uint32Array.from(rows, ({ trained }) => trained.reduce((sum, bit) => sum + bit, 0));
      const epoch = plan({ lengths, rowLength: 20, rowsPerBatch: 3, epoch: trial, labelled });
      const capacity = maxLabelledPerBatch(epoch);
      const counts = labelledPerBatch(epoch);
      const tokens: number[] = [];
      const targets: number[] = [];
      for (let index = 0; index < epoch.batches; index++) {
        const batch = await materialiseBatch(from, epoch, index, { labelCapacity: capacity });
        expect(batch.labelledCount).toBe(counts[index]);
        expect(batch.weights.reduce((sum, weight) => sum + weight, 0)).toBe(batch.labelledCount);
        for (let i = 0; i < batch.tokens.length; i++)
          if (batch.segments[i]! >= 0) tokens.push(batch.tokens[i]!);
        for (let i = 0; i < batch.labelledCount; i++) {
          const row = batch.rows[i]!;
          // The token after the predicting position, in the same sample: the id counts up by one
          expect(batch.targets[i]).toBe(batch.tokens[row]! + 1);
          expect(batch.targets[i]).toBe(batch.tokens[row + 1]);
          targets.push(batch.targets[i]!);
        }
      }
      const ascending = (values: number[]): number[] => values.sort((a, b) => a - b);
      expect(ascending(tokens)).toEqual(rows.flatMap(({ ids }) => [...ids]));
      expect(ascending(targets)).toEqual(
        rows.flatMap(({ ids, trained }) => [...ids].filter((_, t) => trained[t])),
      );
    }
  });

  it('refuses a capacity that the labels do not fit', async () => {
    const lengths = Uint32Array.of(8);
    const epoch = plan({ lengths, rowLength: 8, rowsPerBatch: 1 });
    const made = materialiseBatch(source(lengths), epoch, 0, { labelCapacity: 6 });
    await expect(made).rejects.toThrow('internal: 7 labelled positions do not fit a capacity of 6');
  });
});

describe('batchFromArrays', () => {
  it('reads a padded batch: one segment where the mask is 1, label 0 of a row never counted', () => {
    const batch = batchFromArrays({
      rowCount: 2,
      rowLength: 4,
      tokens: [5, 6, 7, 0, 8, 9, 10, 11],
      attentionMask: [1n, 1n, 1n, 0n, 1n, 1n, 1n, 1n],
      labels: [5, -100, 7, -100, 8, 9, -100, 11],
    });
    expect([...batch.segments]).toEqual([0, 0, 0, -1, 0, 0, 0, 0]);
    expect([...batch.positions]).toEqual([0, 1, 2, 0, 0, 1, 2, 3]);
    expect([...batch.rows]).toEqual([1, 4, 6]);
    expect([...batch.targets]).toEqual([7, 9, 11]);
    expect(batch).toMatchObject({ labelledCount: 3, realTokens: 7 });
  });

  it('does not let the end of a full row predict the start of the next row', () => {
    const arrays = { tokens: [1, 2, 3, 4], labels: [1, 2, 3, 4] };
    const batch = batchFromArrays({ rowCount: 2, rowLength: 2, ...arrays });
    expect([...batch.rows]).toEqual([0, 2]);
    expect([...batch.targets]).toEqual([2, 4]);
  });

  it('counts positions from the first real token of a left-padded row', () => {
    const arrays = { tokens: [0, 0, 3, 4], attentionMask: [0, 0, 1, 1], labels: [-100, -100, 3, 4] };
    const batch = batchFromArrays({ rowCount: 1, rowLength: 4, ...arrays });
    expect([...batch.positions]).toEqual([0, 0, 0, 1]);
    expect([...batch.rows]).toEqual([2]);
  });

  it('never counts the first label of a packed segment, even where one is given', () => {
    const batch = batchFromArrays({
      rowCount: 1,
      rowLength: 6,
      tokens: [1, 2, 3, 4, 5, 0],
      labels: [1, 2, 3, 4, 5, 9],
      segments: [0, 0, 1, 1, 1, -1],
    });
    expect([...batch.positions]).toEqual([0, 1, 0, 1, 2, 0]);
    expect([...batch.targets]).toEqual([2, 4, 5]);
  });

  it('keeps a batch without any label usable', () => {
    const batch = batchFromArrays({ rowCount: 1, rowLength: 2, tokens: [1, 2], labels: [-100, -100] });
    expect(batch.labelledCount).toBe(0);
    expect([...batch.weights]).toEqual([0]);
  });

  it('refuses arrays of another size than the batch', () => {
    const arrays = { rowCount: 2, rowLength: 2, tokens: [1, 2, 3], labels: [1, 2, 3, 4] };
    expect(() => batchFromArrays(arrays)).toThrow('internal: tokens has 3 values; a [2,2] batch has 4');
  });
});

describe('reference batches', () => {
  // From the packed reference row of the Llama case: three sequences, 15 labels that PyTorch counts
  const packed = {
    rowCount: 1,
    rowLength: 21,
    tokens: [60, 53, 242, 76, 214, 132, 120, 146, 15, 221, 135, 218, 191, 75, 203, 95, 235, 151, 74, 11, 48],
    positions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6],
    segments: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2],
    labels: [
      -100, -100, 242, 76, 214, 132, 120, 146, 15, -100, 135, 218, 191, 75, -100, -100, -100, 151, 74, 11, 48,
    ],
  };

  it('shifts the labels of the packed row as PyTorch does', () => {
    const batch = batchFromArrays(packed);
    expect(batch.labelledCount).toBe(15);
    expect([...batch.rows]).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 16, 17, 18, 19]);
    expect([...batch.targets]).toEqual(packed.labels.filter((label) => label >= 0));
  });

  it('packing the three sequences gives that very row', async () => {
    const bounds = [0, 9, 14, 21];
    const cut = (values: number[], i: number): number[] => values.slice(bounds[i], bounds[i + 1]);
    const sequences = {
      row: async (i: number) => ({
        ids: Int32Array.from(cut(packed.tokens, i)),
        trained: Uint8Array.from(cut(packed.labels, i), (label) => (label >= 0 ? 1 : 0)),
      }),
    };
    const epoch = plan({ lengths: Uint32Array.of(9, 5, 7), rowLength: 21, rowsPerBatch: 1, shuffle: false });
    expect(await materialiseBatch(sequences, epoch, 0)).toEqual(batchFromArrays(packed));
  });

  const folder = 'tests/golden/data/families';
  const cases = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/packed.safetensors`))
    : [];
  it.skipIf(cases.length === 0)(`counts the labels of every case in ${folder} as PyTorch does`, () => {
    for (const name of cases) {
      const packedRow = readInt64s(`${folder}/${name}/packed.safetensors`);
      const packedBatch = batchFromArrays({
        rowCount: 1,
        rowLength: packedRow.input_ids!.length,
        tokens: packedRow.input_ids!,
        positions: packedRow.position_ids!,
        segments: packedRow.segment_ids!,
        labels: packedRow.labels!,
      });
      expect(packedBatch.labelledCount, name).toBe(Number(packedRow.loss_count![0]));
      const padded = readInt64s(`${folder}/${name}/batch.safetensors`);
      const batch = batchFromArrays({
        rowCount: 3,
        rowLength: padded.input_ids!.length / 3,
        tokens: padded.input_ids!,
        attentionMask: padded.attention_mask!,
        labels: padded.labels!,
      });
      const expected = readInt64s(`${folder}/${name}/expected.safetensors`).loss_count![0];
      expect(batch.labelledCount, name).toBe(Number(expected));
    }
  });
});

/** The int64 tensors of a small safetensors file. */
function readInt64s(path: string): Record<string, bigint[]> {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { dtype?: string; data_offsets: number[] }
  >;
  const out: Record<string, bigint[]> = {};
  for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
    if (dtype !== 'I64') continue;
    const [from, to] = data_offsets as [number, number];
    out[name] = Array.from({ length: (to - from) / 8 }, (_, i) => bytes.readBigInt64LE(start + from + 8 * i));
  }
  return out;
}
