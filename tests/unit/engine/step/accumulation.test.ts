/** One large micro-batch and several small ones must make the same update: the loss is a mean over labels, not over batches. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import { TrainState } from '../../../../main/engine/step/state.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../../main/engine/tasks/feeds.ts';
import { noise, tinyModel } from '../../../helpers/graphs.ts';

const executor = await openExecutor('ort', { threads: 1 });

const TIME = 12;
const tokens = Int32Array.from(noise(4 * TIME, 3), (x) => Math.floor((x + 1) * 25));
/** Rows with 11, 3, 0 and 7 labels: a mean of the batches' means would weigh them wrongly. */
const labels = tokens.map((id, i) => (i % TIME >= TIME - [11, 3, 0, 7][Math.floor(i / TIME)]! ? id : -100));
const AdamW = { rate: 0.01, weightDecay: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxNorm: 1 };

const METHODS: Record<string, Method> = {
  full: { kind: 'full' },
  lora: { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 2, scale: 2 }) },
};

/** Two updates from the four rows in micro-batches of `rows` rows: parameters, gradient norms, losses. */
async function train(method: Method, rows: number, accumulates = true) {
  const { model, source, weights } = tinyModel();
  const { graph, trainables } = gradientStep(
    model,
    method,
    { batch: rows, time: TIME, labels: 24 },
    'none',
    accumulates,
  );
  const state = TrainState.create(executor, trainables);
  for (const [i, { name, shape }] of trainables.entries()) {
    const size = shape.reduce((a, b) => a * b, 1);
    state.slice('param', name).set(weights.get(name) ?? noise(size, 100 + i, 0.3));
  }
  const program = await executor.compile(graph, { weights: source });
  const [norms, losses]: [number[], number[]] = [[], []];
  for (let update = 0; update < 2; update++) {
    state.clearGradients();
    let [sum, count] = [0, 0];
    for (let first = 0; first < 4; first += rows) {
      const part = (all: Int32Array) => all.subarray(first * TIME, (first + rows) * TIME);
      const batch = batchFromArrays({
        rowCount: rows,
        rowLength: TIME,
        tokens: part(tokens),
        labels: part(labels),
        labelCapacity: 24,
      });
      const feeds = { ...batchFeeds(model, batch), ...state.feeds(accumulates) };
      const { outputs } = await program.run(feeds, state.gradientTargets());
      for (let i = 0; i < batch.labelledCount; i++) sum += outputs.nll![i]!;
      count += batch.labelledCount;
    }
    losses.push(sum / count);
    norms.push(await state.update(AdamW, count));
  }
  await program.release();
  return { norms, losses, parameters: trainables.map(({ name }) => state.slice('param', name).slice()) };
}

describe.each(Object.entries(METHODS))('gradient accumulation in %s training', (_, method) => {
  it.each([1, 2])('with %i rows at a time makes the update of all four at once', async (rows) => {
    const [whole, parts] = [await train(method, 4), await train(method, rows)];
    for (const i of [0, 1]) {
      expect(Math.abs(parts.losses[i]! - whole.losses[i]!)).toBeLessThan(1e-6);
      expect(Math.abs(parts.norms[i]! / whole.norms[i]! - 1)).toBeLessThan(1e-5);
    }
    expect(whole.losses[1]).toBeLessThan(whole.losses[0]!);
    let worst = 0;
    for (const [i, values] of whole.parameters.entries())
      for (const [j, value] of values.entries())
        worst = Math.max(worst, Math.abs(value - parts.parameters[i]![j]!));
    expect(worst).toBeLessThan(1e-6);
  });

  it('is left out where a step is one micro-batch, with the same numbers', async () => {
    const [summed, alone] = [await train(method, 4), await train(method, 4, false)];
    expect(alone.losses).toEqual(summed.losses);
    expect(alone.norms).toEqual(summed.norms);
    expect(alone.parameters).toEqual(summed.parameters);
  });
});
