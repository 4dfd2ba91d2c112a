/** Training beside rounded weights is training beside the weights that they stand for: losses and gradients are the same. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../main/engine/data/batch.ts';
import { EXECUTOR_NAMES, openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { HostArray } from '../../../../main/engine/ir/dtype.ts';
import { type RoundedBlocks, roundBlocks } from '../../../../main/engine/load/round-blocks.ts';
import { roundedMatrices } from '../../../../main/engine/load/rounded-weights.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import { roundedParts, WEIGHT_BLOCK, type WeightBits } from '../../../../main/engine/nn/rounded.ts';
import { batchFeeds, gradientStep } from '../../../../main/engine/train/step-graphs.ts';
import { compute, noise, tinyModel } from '../../../helpers/graphs.ts';

const TIME = 10;
const SIZES = { hidden_size: 64, head_dim: 16, intermediate_size: 96 };
const { model, weights } = tinyModel(SIZES);
const adapters: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 2, scale: 2 }) };
const tokens = Int32Array.from(noise(TIME, 3), (x) => Math.floor((x + 1) * 25));
const batch = batchFromArrays({ rowCount: 1, rowLength: TIME, tokens, labels: tokens, labelCapacity: TIME });

/** The weights as the graph of rounded ones asks for them, and what they stand for under their own names. */
function both(bits: WeightBits) {
  const [parts, plain] = [new Map<string, HostArray>(weights), new Map<string, Float32Array>(weights)];
  for (const [name, { shape, bits: own }] of roundedMatrices(outline(model), bits)) {
    const blocks = roundBlocks(weights.get(name)!, own);
    const named = roundedParts(name, shape, own);
    parts.set(named.codes.name, blocks.codes).set(named.scales.name, blocks.scales);
    if (named.zeros) parts.set(named.zeros.name, blocks.zeros!);
    plain.set(name, unpacked(blocks));
  }
  return { parts, plain };
}

function unpacked({ codes, scales, zeros }: RoundedBlocks): Float32Array {
  const half = WEIGHT_BLOCK / 2;
  return Float32Array.from({ length: scales.length * WEIGHT_BLOCK }, (_, i) => {
    const [block, at] = [Math.floor(i / WEIGHT_BLOCK), i % WEIGHT_BLOCK];
    if (!zeros) return codes[i]! * scales[block]!;
    const byte = codes[block * half + (at % half)]!;
    return (16 * (at < half ? byte & 15 : byte >> 4) - zeros[block]!) * scales[block]!;
  });
}

const cases = EXECUTOR_NAMES.flatMap((name) => ([4, 8] as const).map((bits) => [name, bits] as const));

describe.each(cases)('%s, %d bits', (executorName, bits) => {
  it('gives the losses and gradients of a reference in float64 with the same weights', async () => {
    const { parts, plain } = both(bits);
    const shape = { batch: 1, time: TIME, labels: TIME };
    const rounded = gradientStep(model, { ...adapters, bits } as Method, shape);
    const feeds: Record<string, HostArray> = { ...batchFeeds(model, batch) };
    rounded.trainables.forEach(({ name, shape: of }, i) => {
      const size = of.reduce((a, b) => a * b, 1);
      feeds[name] = noise(size, 100 + i, 0.3);
      feeds[`grad.${name}`] = new Float32Array(size);
    });
    const executor = await openExecutor(executorName, { threads: 1 });
    const program = await executor.compile(rounded.graph, {
      weights: (name) => ({ kind: 'memory', data: parts.get(name)! }),
    });
    const { outputs } = await program.run(feeds);
    await program.release();
    const exact = gradientStep(model, adapters, shape).graph;
    const expected = compute(exact, { ...feeds, ...Object.fromEntries(plain) }, true);
    for (const [name, values] of Object.entries(expected)) {
      const largest = Math.max(...values.map(Math.abs));
      values.forEach((value, i) => {
        expect(Math.abs(outputs[name]![i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(
          2e-5 * Math.max(1, largest),
        );
      });
    }
  });
});
