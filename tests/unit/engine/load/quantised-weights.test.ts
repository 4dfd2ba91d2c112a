/** Weights that are quantised as they are read: how near they stay, that they are found again, and what is left as it is. */
import { statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WeightLocation } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import { dequantizerOf } from '../../../../main/engine/io/gguf-blocks.ts';
import { LAYOUT_OF } from '../../../../main/engine/io/gguf-types.ts';
import { encodeGguf } from '../../../../main/engine/io/gguf-write.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { DTYPE_BYTES, QUANTISED_FORMATS, type QuantisedFormat } from '../../../../main/engine/ir/dtype.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { type Shape, sizeOf } from '../../../../main/engine/ir/shape.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { type QuantisedRows, quantiseRows } from '../../../../main/engine/load/quantise-rows.ts';
import { ownBlocks, quantisedMatrices } from '../../../../main/engine/load/quantised-weights.ts';
import { prepareWeights, type Weights } from '../../../../main/engine/load/weights.ts';
import { onBase, Parameters } from '../../../../main/engine/nn/parameters.ts';
import {
  codeTypeOf,
  type MatrixFormat,
  matrixFormat,
  quantisedParts,
  tableFormat,
  WEIGHT_BLOCK,
} from '../../../../main/engine/nn/quantised.ts';
import { noise } from '../../../helpers/graphs.ts';
import { type TinyFamily, temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';
import { unpacked } from '../../../helpers/unpacked.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Of a matrix in that format, with all that is kept for its blocks and its rows. */
function bytesOf(shape: Shape, format: QuantisedFormat): number {
  const { codes, scales, zeros, steps } = quantisedParts('', shape, matrixFormat(format, shape)!);
  return [codes, scales, zeros, steps].reduce(
    (sum, part) => sum + (part ? DTYPE_BYTES[part.dtype] * sizeOf(part.shape) : 0),
    0,
  );
}

const BITS = { 4: 'int4', 8: 'int8' } as const;
const formatOf = (format: QuantisedFormat, block = WEIGHT_BLOCK): MatrixFormat => ({
  type: codeTypeOf(format),
  block,
  isDouble: format.endsWith('-dq'),
});

/** What the codes of `values` stand for, in rows of so many. */
function quantised(values: Float32Array, format: MatrixFormat, columns = format.block): number[] {
  return standsFor(quantiseRows(values, columns, format), format, columns);
}

function standsFor(rows: QuantisedRows, format: MatrixFormat, columns = format.block): number[] {
  return [...unpacked(rows, columns, format)];
}

const squaredError = (values: ArrayLike<number>, others: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value, i) => sum + (value - others[i]!) ** 2, 0);

/** As GGUF's Q4_0 has it: the largest weight of a block lies 8 steps from zero. */
function plain4(values: Float32Array): number[] {
  return Array.from({ length: values.length / WEIGHT_BLOCK }, (_, i) => {
    const block = [...values.subarray(i * WEIGHT_BLOCK, (i + 1) * WEIGHT_BLOCK)];
    const largest = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most));
    const step = largest / -8;
    return block.map((value) => step * (Math.max(0, Math.min(15, Math.round(value / step) + 8)) - 8));
  }).flat();
}

describe('roundBlocks', () => {
  it('keeps 8 bits within half a step of the largest weight of a block', () => {
    const values = noise(20 * WEIGHT_BLOCK, 1, 3);
    quantised(values, formatOf('int8')).forEach((value, i) => {
      const start = i - (i % WEIGHT_BLOCK);
      const most = Math.max(...values.subarray(start, start + WEIGHT_BLOCK).map(Math.abs));
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual((0.5 * most) / 127 + 1e-6);
    });
  });

  it('finds codes of 4 bits that are nearer than those of Q4_0', () => {
    const values = noise(200 * WEIGHT_BLOCK, 2).map((x) => x ** 3);
    const [found, usual] = [quantised(values, formatOf('int4')), plain4(values)].map((codes) =>
      squaredError(values, codes),
    );
    expect(found!).toBeLessThan(0.95 * usual!);
    expect(found!).toBeGreaterThan(0);
  });

  it.each([4, 8] as const)('gives zeros and weights that are codes back as they are in %d bits', (bits) => {
    const values = new Float32Array(3 * WEIGHT_BLOCK);
    for (let i = 0; i < WEIGHT_BLOCK; i++) values[WEIGHT_BLOCK + i] = (i % 16) - 8;
    values[2 * WEIGHT_BLOCK + 5] = -0.25;
    quantised(values, formatOf(BITS[bits])).forEach((value, i) => {
      expect(value + 0).toBeCloseTo(values[i]! + 0, bits === 4 ? 5 : 1);
    });
  });
});

describe('quantiseRows', () => {
  const columns = 512;
  const values = noise(40 * columns, 7).map((x, i) => x ** 3 * (1 + (i % 7)));
  const error = (format: MatrixFormat) => squaredError(values, quantised(values, format, columns));

  it.each(['int4', 'int8', 'nf4'] as const)(
    'loses next to nothing where scales of %s become codes',
    (type) => {
      const [plain, double] = [error(formatOf(type)), error(formatOf(`${type}-dq`))];
      expect(double).toBeLessThan(plain * (type === 'int8' ? 1.1 : 1.01));
      expect(double).toBeGreaterThan(0);
    },
  );

  it('finds scales of NF4 that are nearer than the largest weight of a block', () => {
    const format = formatOf('nf4', 64);
    const published = [...values].map((value, i) => {
      const start = i - (i % format.block);
      const most = Math.max(...values.subarray(start, start + format.block).map(Math.abs));
      const steps = NF4.map((step) => step * most);
      return steps.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a));
    });
    expect(error(format)).toBeLessThan(0.9 * squaredError(values, published));
  });

  it('gives the values of NF4 back as they are', () => {
    const row = Float32Array.from({ length: 64 }, (_, i) => Math.round(127 * NF4[i % 16]!) / 127);
    quantised(row, formatOf('nf4-dq', 64)).forEach((value, i) => {
      expect(value).toBeCloseTo(row[i]!, 5);
    });
  });

  it('keeps a row of zeros, and a block of zeros in a row with others', () => {
    const row = new Float32Array(128);
    for (const format of QUANTISED_FORMATS)
      expect(quantised(row, formatOf(format), 128).every((x) => x === 0)).toBe(true);
    row.fill(0.5, 0, 32);
    for (const format of QUANTISED_FORMATS) {
      const found = quantised(row, formatOf(format), 128);
      expect(
        found.slice(32).every((x) => x === 0),
        format,
      ).toBe(true);
      expect(found[0], format).toBeCloseTo(0.5, 2);
    }
  });
});

/** As published: appendix E of the paper on QLoRA. */
const NF4 = [
  ...[-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635],
  ...[-0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725],
  ...[0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941],
  ...[0.7229568362236023, 1],
];

/** A tensor of each K format with the values that the gguf package decodes, 2 rows of 512 weights. */
const GOLDEN_GGUF = 'tests/golden/data/gguf';
const golden = async (file: string, expected: string, name: string) => {
  const gguf = await openGguf(`${GOLDEN_GGUF}/${file}`);
  const values = await openSafetensors(`${GOLDEN_GGUF}/${expected}`);
  const { bytes, shape, dtype } = gguf.tensors.get(name)!;
  const { blockBytes } = LAYOUT_OF.get(dtype)!;
  const raw = await gguf.readBlocks(name, 0, bytes / blockBytes);
  const exact = await values.readF32(name);
  await gguf.close();
  await values.close();
  return { raw, exact, columns: shape[1]!, dtype };
};

describe('ownBlocks', () => {
  it.each([
    ['tensors', 'expected', 'q5_0'],
    ['more-blocks', 'more-blocks.expected', 'iq4_nl'],
    ['more-blocks', 'more-blocks.expected', 'iq4_xs'],
  ])(
    'of %s.gguf: those of %s named %s stand for the same weights in 8 bits, to the bit',
    async (file, expected, name) => {
      const { raw, exact, columns, dtype } = await golden(`${file}.gguf`, `${expected}.safetensors`, name);
      const found = standsFor(
        ownBlocks(dtype, formatOf('int8'))!.take(raw, columns),
        formatOf('int8'),
        columns,
      );
      expect(found.map((x) => x + 0)).toEqual(Array.from(exact, (x) => x + 0));
    },
  );

  it('of Q4_K keep their codes in 4 bits, each offset on the nearest sixteenth of a step', async () => {
    const { raw, exact, columns, dtype } = await golden('tensors.gguf', 'expected.safetensors', 'q4_k');
    const kept = standsFor(ownBlocks(dtype, formatOf('int4'))!.take(raw, columns), formatOf('int4'), columns);
    const again = quantised(exact, formatOf('int4'), columns);
    // weights all on one side of zero are quantised as others are; the rest is at most half a sixteenth of a step away
    let moved = 0;
    for (let at = 0; at < exact.length; at += WEIGHT_BLOCK) {
      const [before, after] = [exact.subarray(at, at + WEIGHT_BLOCK), kept.slice(at, at + WEIGHT_BLOCK)];
      const steps = [...new Set(before)]
        .sort((x, y) => x - y)
        .map((x, i, all) => x - (all[i - 1] ?? -Infinity));
      const furthest = Math.max(...Array.from(before, (x, i) => Math.abs(x - after[i]!)));
      if (furthest > (1.001 * Math.min(...steps)) / 32) moved++;
    }
    expect(moved).toBeLessThan(exact.length / WEIGHT_BLOCK / 2);
    expect(squaredError(exact, kept)).toBeLessThan(squaredError(exact, again));
  });

  it.each(['Q4_0', 'Q4_1'] as const)('of %s move by a few thousandths where scales become codes', (type) => {
    const columns = 128;
    const bytes = encodeGguf(type, values);
    const exact = new Float32Array(values.length);
    dequantizerOf(type)(bytes, values.length / WEIGHT_BLOCK, exact, 0);
    const format = formatOf('int4-dq');
    const found = standsFor(ownBlocks(type, format)!.take(bytes, columns), format, columns);
    const all = squaredError(
      exact,
      exact.map(() => 0),
    );
    expect(Math.sqrt(squaredError(exact, found) / all)).toBeLessThan(0.01);
  });

  const values = noise(64 * WEIGHT_BLOCK, 5).map((x) => 0.1 * x ** 3);
  const kept = (type: 'Q4_0' | 'Q4_1' | 'Q8_0', bits: 4 | 8, source: Float32Array = values) => {
    const bytes = encodeGguf(type, source);
    const exact = new Float32Array(source.length);
    dequantizerOf(type)(bytes, source.length / WEIGHT_BLOCK, exact, 0);
    return {
      exact,
      found: standsFor(
        ownBlocks(type, formatOf(BITS[bits]))!.take(bytes, WEIGHT_BLOCK),
        formatOf(BITS[bits]),
      ),
    };
  };

  it.each([
    ['Q4_0', 4],
    ['Q4_0', 8],
    ['Q8_0', 8],
  ] as const)('of %s in %d bits stand for the same weights to the bit', (type, bits) => {
    const { exact, found } = kept(type, bits);
    expect(found).toEqual([...exact]);
  });

  it('of Q4_1 are nearly what they were, far nearer than to the weights before', () => {
    const { exact, found } = kept('Q4_1', 4);
    expect(squaredError(exact, found)).toBeLessThan(0.01 * squaredError(values, exact));
    exact.forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThan(0.2 / 15 / 16);
    });
  });

  it('of Q4_1 that lie all on one side of zero are quantised', () => {
    const { exact, found } = kept(
      'Q4_1',
      4,
      values.map((x) => 5 + x),
    );
    expect(squaredError(exact, found) / squaredError(exact, new Float32Array(exact.length))).toBeLessThan(
      0.01,
    );
  });

  it.each([
    ['Q8_0', 4],
    ['Q4_1', 8],
    ['Q6_K', 8],
    ['f32', 4],
  ] as const)('are quantised where the layout is another one: %s in %d bits', (type, bits) => {
    expect(ownBlocks(type, formatOf(BITS[bits]))).toBeNull();
  });
});

/** A parameter of a model as the graph computes it from prepared weights. */
async function computed(
  weights: Weights,
  name: string,
  shape: readonly number[],
  as: 'matrix' | 'table' = 'matrix',
): Promise<Float32Array> {
  const executor = await openExecutor('ort', { threads: 1 });
  const graph = new Graph();
  const method = onBase({ kind: 'frozen' }, weights.format, new Map());
  const p = new Parameters(graph, method);
  graph.output('y', as === 'matrix' ? p.matrix(name, shape) : p.table(name, shape, 'embedding'));
  const program = await executor.compile(graph, { weights: weights.source });
  const { outputs } = await program.run({});
  await program.release();
  return outputs.y as Float32Array;
}

describe.each<TinyFamily>(['llama', 'gpt2'])('the quantised weights of a %s model', (family) => {
  it.each(QUANTISED_FORMATS)('stand for its matrices in %s, and all else is as it was', async (format) => {
    const where = await writeTinyModel(path.join(folder, `${family}-${format}`), family);
    const opened = await openModel(where);
    try {
      const weights = await prepareWeights(opened, path.join(folder, 'cache'), undefined, format);
      for (const module of opened.outline.linears.keys()) {
        const name = `${module}.weight`;
        const { shape } = opened.outline.parameters.get(name)!;
        const exact = await weights.read(name);
        const error = squaredError(exact, await computed(weights, name, shape));
        const all = squaredError(exact, new Float32Array(exact.length));
        expect(error / all, name).toBeLessThan(format.startsWith('int8') ? 1.5e-4 : 0.02);
      }
      const cache = await openSafetensors(weights.cacheFile!);
      const quantised = quantisedMatrices(opened.outline, format);
      for (const name of opened.outline.parameters.keys()) {
        if (quantised.has(name)) expect(cache.tensors.has(name), name).toBe(false);
        else expect(await cache.readF32(name), name).toEqual(await weights.read(name));
      }
      await cache.close();
      const { embedding } = opened.model;
      // a vocabulary of an odd size has no whole blocks
      const whole = tableFormat(format, opened.outline.parameters.get(embedding)!.shape);
      expect(quantised.get(embedding)?.format ?? null).toEqual(whole);
      if (!quantised.has(embedding)) return;
      expect(whole!.type).toBe('int8');
      const exact = await weights.read(embedding);
      const table = await computed(weights, embedding, quantised.get(embedding)!.shape, 'table');
      expect(squaredError(exact, table)).toBeLessThan(
        1.5e-4 *
          squaredError(
            exact,
            exact.map(() => 0),
          ),
      );
    } finally {
      await opened.store.close();
    }
  });
});

it('is found again by the model and the format, and is a fraction of the model', async () => {
  const opened = await openModel(await writeTinyModel(path.join(folder, 'again')));
  try {
    const prepared = (format: QuantisedFormat) =>
      prepareWeights(opened, path.join(folder, 'kept'), undefined, format);
    const all = await Promise.all(QUANTISED_FORMATS.map(prepared));
    expect(new Set(all.map(({ cacheFile }) => cacheFile)).size).toBe(QUANTISED_FORMATS.length);
    const long = new Date(2020, 1, 1);
    utimesSync(all[0]!.cacheFile!, long, long);
    expect((await prepared(QUANTISED_FORMATS[0]!)).cacheFile).toBe(all[0]!.cacheFile);
    expect(statSync(all[0]!.cacheFile!).mtime).toEqual(long);
    // rows that are not made of whole blocks stay as they are, but for those with one scale
    const whole = [...opened.outline.linears].filter(([, { inputs }]) => inputs % WEIGHT_BLOCK === 0);
    expect(whole.length).toBeGreaterThan(0);
    for (const [i, format] of QUANTISED_FORMATS.entries()) {
      const parts = ['codes', 'scales', 'zeros', 'steps'].filter(
        (part) =>
          (part !== 'zeros' || format.startsWith('int4')) && (part !== 'steps' || format.endsWith('-dq')),
      );
      for (const [module] of whole) {
        const bytes = parts
          .map((part) => all[i]!.source(`${module}.weight.${part}`) as WeightLocation & { kind: 'file' })
          .reduce((sum, one) => sum + one.bytes, 0);
        const shape = opened.outline.parameters.get(`${module}.weight`)!.shape;
        expect(bytes).toBe(bytesOf(shape, format));
      }
    }
  } finally {
    await opened.store.close();
  }
});

it('takes so many bits a weight, in rows of 4,096', () => {
  const bits = QUANTISED_FORMATS.map((format) => {
    const shape = [4096, 4096];
    return [format, (8 * bytesOf(shape, format)) / sizeOf(shape)];
  });
  expect(Object.fromEntries(bits)).toEqual({
    ...{ int4: 5.25, int8: 9, nf4: 4.5 },
    ...{ 'int4-dq': 4.5 + 32 / 4096, 'int8-dq': 8.25 + 32 / 4096, 'nf4-dq': 4.125 + 32 / 4096 },
    'int8-row': 8 + 32 / 4096,
  });
});
