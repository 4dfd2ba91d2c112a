/** Trained values in 16 bits: the update is that of float32, rounded; small changes are not lost; the graph sees what is kept. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import type { Optimizer } from '../../../../main/engine/step/moments.ts';
import { TrainState } from '../../../../main/engine/step/state.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../../main/engine/tasks/feeds.ts';
import { noise, tinyModel } from '../../../helpers/graphs.ts';

const executor = await openExecutor('ort', { threads: 1 });
const SETTINGS = {
  rate: 0.01,
  weightDecay: 0.1,
  stayClose: 2,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  maxNorm: 1,
};
const TIME = 12;
const tokens = Int32Array.from(noise(2 * TIME, 3), (x) => Math.floor((x + 1) * 25));
const batch = batchFromArrays({ rowCount: 2, rowLength: TIME, tokens, labels: tokens, labelCapacity: 24 });

function stepOf(method: Method, optimizer: Optimizer = 'adamw', anchored = false) {
  const { model, weights } = tinyModel();
  const shape = { batch: 2, time: TIME, labels: 24 };
  const { graph, trainables } = gradientStep(model, method, shape, 'none', false);
  const state = TrainState.create(executor, trainables, { optimizer, anchored });
  for (const { name } of trainables) state.setValues(name, weights.get(name)!);
  state.anchor();
  return { model, graph, trainables, state };
}

async function gradient(step: ReturnType<typeof stepOf>) {
  const program = await executor.compile(step.graph);
  step.state.clearGradients();
  const feeds = { ...batchFeeds(step.model, batch), ...step.state.feeds(false) };
  const { outputs } = await program.run(feeds, step.state.gradientTargets());
  await program.release();
  return outputs.nll!;
}

describe('trained values in 16 bits', () => {
  it('are float16 where weights decay, and float32 elsewhere', () => {
    const { trainables, state } = stepOf({ kind: 'full', masters: 'f16' });
    expect(trainables.some(({ dtype }) => dtype === 'f16')).toBe(true);
    for (const { name, kind } of trainables)
      expect(state.keptValues(name) instanceof Uint16Array).toBe(kind === 'matrix' || kind === 'embedding');
  });

  it('give the losses and gradients of the same numbers in float32, to the bit', async () => {
    const half = stepOf({ kind: 'full', masters: 'f16' });
    const plain = stepOf({ kind: 'full' });
    for (const { name } of plain.trainables) plain.state.setValues(name, half.state.values(name));
    expect(await gradient(half)).toEqual(await gradient(plain));
    for (const { name } of plain.trainables)
      expect(half.state.slice('grad', name), name).toEqual(plain.state.slice('grad', name));
  });

  it.each(['adamw', 'adamw-8bit'] as const)(
    'are changed as float32 ones by %s, and then rounded',
    async (optimizer) => {
      const half = stepOf({ kind: 'full', masters: 'f16' }, optimizer, true);
      const plain = stepOf({ kind: 'full' }, optimizer, true);
      for (const { name } of plain.trainables) plain.state.setValues(name, half.state.values(name));
      plain.state.anchor();
      await gradient(half);
      await gradient(plain);
      const norms = [await half.state.update(SETTINGS, 24), await plain.state.update(SETTINGS, 24)];
      // the sums go through the same gradients in another order
      expect(Math.abs(norms[0]! / norms[1]! - 1)).toBeLessThan(1e-12);
      for (const { name, dtype } of half.trainables) {
        const [own, exact] = [half.state.values(name), plain.state.values(name)];
        for (const [i, value] of exact.entries()) {
          // neighbours of float16 are 2^-10 apart at most, beside the larger one
          const most = dtype === 'f16' ? Math.max(2 ** -10 * Math.abs(value), 2 ** -24) : 0;
          expect(Math.abs(own[i]! - value)).toBeLessThanOrEqual(most);
        }
      }
    },
  );

  it('move by changes that are smaller than the distance of two numbers', async () => {
    const { state, trainables } = stepOf({ kind: 'full', masters: 'f16' });
    const { name } = trainables.find(({ kind }) => kind === 'matrix')!;
    const start = new Float32Array(state.values(name).length).fill(0.75);
    state.setValues(name, start);
    // numbers there are 2^-11 apart; each update changes them by a tenth of it
    const rate = 2 ** -11 / 10;
    const settings = { ...SETTINGS, rate, weightDecay: 0, stayClose: 0 };
    for (let update = 0; update < 40; update++) {
      state.slice('grad', name).fill(1);
      await state.update(settings, 1);
    }
    const values = state.values(name);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs((0.75 - mean) / (40 * rate) - 1)).toBeLessThan(0.1);
  });
});
