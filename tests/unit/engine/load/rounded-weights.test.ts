/** Weights that are rounded as they are read: how near they stay, that they are found again, and what is left as it is. */
import { statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WeightLocation } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { dequantizerOf } from '../../../../main/engine/io/gguf-blocks.ts';
import { encodeGguf } from '../../../../main/engine/io/gguf-quantise.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { ownBlocks } from '../../../../main/engine/load/own-blocks.ts';
import { type RoundedBlocks, roundBlocks } from '../../../../main/engine/load/round-blocks.ts';
import { roundedMatrices } from '../../../../main/engine/load/rounded-weights.ts';
import { prepareWeights, type Weights } from '../../../../main/engine/load/weights.ts';
import { onBase, Parameters } from '../../../../main/engine/nn/parameters.ts';
import { isRoundable, WEIGHT_BLOCK, type WeightBits } from '../../../../main/engine/nn/rounded.ts';
import { dequantise } from '../../../../main/engine/ops/functions.ts';
import { compute, noise } from '../../../helpers/graphs.ts';
import { type TinyFamily, temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** What the codes of `values` stand for. */
function rounded(values: Float32Array, bits: WeightBits): number[] {
  return standsFor(roundBlocks(values, bits), bits);
}

function standsFor({ codes, scales, zeros }: RoundedBlocks, bits: WeightBits): number[] {
  const graph = new Graph();
  const blocks = scales.length;
  const parts = {
    codes: graph.input('codes', bits === 8 ? 'i8' : 'u8', [1, blocks, codes.length / blocks]),
    scales: graph.input('scales', 'f32', [1, blocks, 1]),
    zeros: zeros && graph.input('zeros', 'u8', [1, blocks, 1]),
  };
  graph.output('y', dequantise(parts, bits, WEIGHT_BLOCK));
  return compute(graph, { codes, scales, ...(zeros && { zeros }) }).y!;
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
    rounded(values, 8).forEach((value, i) => {
      const start = i - (i % WEIGHT_BLOCK);
      const most = Math.max(...values.subarray(start, start + WEIGHT_BLOCK).map(Math.abs));
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual((0.5 * most) / 127 + 1e-6);
    });
  });

  it('finds codes of 4 bits that are nearer than those of Q4_0', () => {
    const values = noise(200 * WEIGHT_BLOCK, 2).map((x) => x ** 3);
    const [found, usual] = [rounded(values, 4), plain4(values)].map((codes) => squaredError(values, codes));
    expect(found!).toBeLessThan(0.95 * usual!);
    expect(found!).toBeGreaterThan(0);
  });

  it.each([4, 8] as const)('gives zeros and weights that are codes back as they are in %d bits', (bits) => {
    const values = new Float32Array(3 * WEIGHT_BLOCK);
    for (let i = 0; i < WEIGHT_BLOCK; i++) values[WEIGHT_BLOCK + i] = (i % 16) - 8;
    values[2 * WEIGHT_BLOCK + 5] = -0.25;
    rounded(values, bits).forEach((value, i) => {
      expect(value + 0).toBeCloseTo(values[i]! + 0, bits === 4 ? 5 : 1);
    });
  });
});

describe('ownBlocks', () => {
  const values = noise(64 * WEIGHT_BLOCK, 5).map((x) => 0.1 * x ** 3);
  const kept = (type: 'Q4_0' | 'Q4_1' | 'Q8_0', bits: WeightBits, source: Float32Array = values) => {
    const bytes = encodeGguf(type, source);
    const exact = new Float32Array(source.length);
    dequantizerOf(type)(bytes, source.length / WEIGHT_BLOCK, exact, 0);
    return { exact, found: standsFor(ownBlocks(type, bits)!.take(bytes), bits) };
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

  it('of Q4_1 that lie all on one side of zero are rounded', () => {
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
  ] as const)('are rounded where the layout is another one: %s in %d bits', (type, bits) => {
    expect(ownBlocks(type, bits)).toBeNull();
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
  const method = onBase({ kind: 'frozen' }, weights.bits, new Map());
  const p = new Parameters(graph, method);
  graph.output('y', as === 'matrix' ? p.matrix(name, shape) : p.table(name, shape, 'embedding'));
  const program = await executor.compile(graph, { weights: weights.source });
  const { outputs } = await program.run({});
  await program.release();
  return outputs.y as Float32Array;
}

describe.each<TinyFamily>(['llama', 'gpt2'])('the rounded weights of a %s model', (family) => {
  it.each([4, 8] as const)('stand for its matrices in %d bits, and all else is as it was', async (bits) => {
    const where = await writeTinyModel(path.join(folder, `${family}-${bits}`), family);
    const opened = await openModel(where);
    try {
      const weights = await prepareWeights(opened, path.join(folder, 'cache'), undefined, bits);
      for (const module of opened.outline.linears.keys()) {
        const name = `${module}.weight`;
        const { shape } = opened.outline.parameters.get(name)!;
        const exact = await weights.read(name);
        const error = squaredError(exact, await computed(weights, name, shape));
        const all = squaredError(exact, new Float32Array(exact.length));
        expect(error / all, name).toBeLessThan(bits === 4 ? 0.02 : 1e-4);
      }
      const cache = await openSafetensors(weights.cacheFile!);
      const rounded = roundedMatrices(opened.outline, bits);
      for (const name of opened.outline.parameters.keys()) {
        if (rounded.has(name)) expect(cache.tensors.has(name), name).toBe(false);
        else expect(await cache.readF32(name), name).toEqual(await weights.read(name));
      }
      await cache.close();
      const { embedding } = opened.model;
      // a vocabulary of an odd size has no whole blocks
      expect(rounded.has(embedding)).toBe(isRoundable(opened.outline.parameters.get(embedding)!.shape));
      if (!rounded.has(embedding)) return;
      expect(rounded.get(embedding)!.bits).toBe(8);
      const exact = await weights.read(embedding);
      const table = await computed(weights, embedding, rounded.get(embedding)!.shape, 'table');
      expect(squaredError(exact, table)).toBeLessThan(
        1e-4 *
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

it('is found again by the model and the bits, and is a fraction of the model', async () => {
  const opened = await openModel(await writeTinyModel(path.join(folder, 'again')));
  try {
    const prepared = (bits: WeightBits) => prepareWeights(opened, path.join(folder, 'kept'), undefined, bits);
    const [four, eight] = [await prepared(4), await prepared(8)];
    expect(four.cacheFile).not.toBe(eight.cacheFile);
    const long = new Date(2020, 1, 1);
    utimesSync(four.cacheFile!, long, long);
    expect((await prepared(4)).cacheFile).toBe(four.cacheFile);
    expect(statSync(four.cacheFile!).mtime).toEqual(long);
    const bytesOf = ({ source, bits }: Weights, module: string) =>
      ['codes', 'scales', ...(bits === 4 ? ['zeros'] : [])]
        .map((part) => source(`${module}.weight.${part}`) as WeightLocation & { kind: 'file' })
        .reduce((sum, { bytes }) => sum + bytes, 0);
    // rows that are not made of whole blocks stay as they are
    const whole = [...opened.outline.linears].filter(([, { inputs }]) => inputs % WEIGHT_BLOCK === 0);
    expect(whole.length).toBeGreaterThan(0);
    for (const [module, { inputs, outputs }] of whole) {
      expect(bytesOf(four, module)).toBe((inputs * outputs * 5.25) / 8);
      expect(bytesOf(eight, module)).toBe((inputs * outputs * 9) / 8);
    }
  } finally {
    await opened.store.close();
  }
});
