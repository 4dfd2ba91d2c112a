/** Training beside quantised weights is training beside the weights that they stand for: losses and gradients are the same, or near them where products are in 8 bits. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { type HostArray, QUANTISED_FORMATS } from '../../../../main/engine/ir/dtype.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../../main/engine/tasks/feeds.ts';
import { EXACT_EXECUTORS } from '../../../helpers/executors.ts';
import { compute, noise, tinyModel } from '../../../helpers/graphs.ts';
import { bothWeights } from '../../../helpers/quantised.ts';

const TIME = 10;
const SIZES = { hidden_size: 64, head_dim: 16, intermediate_size: 96 };
const { model, weights } = tinyModel(SIZES);
const adapters: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 2, scale: 2 }) };
const tokens = Int32Array.from(noise(TIME, 3), (x) => Math.floor((x + 1) * 25));
const batch = batchFromArrays({ rowCount: 1, rowLength: TIME, tokens, labels: tokens, labelCapacity: TIME });

/**
 * How far the values of an output may be off where products are in 8 bits, as a share of their size: onnxruntime rounds both operands, with
 * one scale a row, in both directions; ggml's processor rounds 32 numbers at a time, forward. Random weights make scores of attention so
 * large that 0.4% in a product (tests/conformance/ggml.test.ts) become a third in a gradient; on the practice model losses are 2% off at most.
 */
const MOST_ROUNDED = { ort: 0.25, ggml: 0.5 } as const;

function distance(found: ArrayLike<number>, exact: readonly number[]): number {
  const sizeOf = (values: readonly number[]) => Math.hypot(...values);
  return sizeOf(exact.map((value, i) => value - found[i]!)) / sizeOf(exact);
}

const cases = EXACT_EXECUTORS.flatMap((name) => QUANTISED_FORMATS.map((format) => [name, format] as const));

describe.each(cases)('%s, %s', (executorName, format) => {
  it('gives the losses and gradients of a reference in float64 with the same weights', async () => {
    const { parts, plain } = bothWeights(model, weights, format);
    const shape = { batch: 1, time: TIME, labels: TIME };
    const quantised = gradientStep(model, { ...adapters, quantised: format } as Method, shape);
    const feeds: Record<string, HostArray> = { ...batchFeeds(model, batch) };
    quantised.trainables.forEach(({ name, shape: of }, i) => {
      const size = of.reduce((a, b) => a * b, 1);
      feeds[name] = noise(size, 100 + i, 0.3);
      feeds[`grad.${name}`] = new Float32Array(size);
    });
    const executor = await openExecutor(executorName, { threads: 1 });
    const program = await executor.compile(quantised.graph, {
      weights: (name) => ({ kind: 'memory', data: parts.get(name)! }),
    });
    const { outputs } = await program.run(feeds);
    await program.release();
    const exact = gradientStep(model, adapters, shape).graph;
    const expected = compute(exact, { ...feeds, ...Object.fromEntries(plain) }, true);
    if (executorName === 'ggml' || (executorName === 'ort' && format === 'int8-row')) {
      const far = Object.entries(expected).map(([name, values]) => distance(outputs[name]!, values));
      expect(Math.max(...far)).toBeLessThan(MOST_ROUNDED[executorName]);
      return;
    }
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
