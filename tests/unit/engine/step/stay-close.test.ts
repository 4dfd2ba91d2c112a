/** The pull back to where the weights began: its size, and that it leaves runs without it untouched. */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { trainablesOf } from '../../../../main/engine/models/model.ts';
import { TrainState } from '../../../../main/engine/step/state.ts';
import { noise, tinyModel } from '../../../helpers/graphs.ts';

const executor = await openExecutor('ort', { threads: 1 });

const AdamW = { rate: 0.1, weightDecay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxNorm: 1 };

/** Full fine-tuning's state, begun at random parameters, with the same small gradient for every update. */
async function begin(anchored: boolean) {
  const { model } = tinyModel();
  const state = TrainState.create(executor, trainablesOf(model, { kind: 'full' }), { anchored });
  const [first] = state.trainables;
  const start = noise(state.slice('param', first!.name).length, 1);
  state.slice('param', first!.name).set(start);
  state.anchor();
  const grad = noise(start.length, 2, 0.01);
  const update = async (stayClose: number) => {
    state.slice('grad', first!.name).set(grad);
    await state.update({ ...AdamW, stayClose }, 1);
  };
  const distance = () =>
    Math.hypot(...state.slice('param', first!.name).map((value, i) => value - start[i]!));
  return { update, distance, values: () => state.slice('param', first!.name).slice(), start };
}

describe('stayClose', () => {
  it('takes rate x strength of the distance away in each step', async () => {
    const free = await begin(false);
    const held = await begin(true);
    for (let step = 0; step < 2; step++) {
      await free.update(3);
      await held.update(3);
    }
    // first step: at the anchor, nothing to pull; second: 0.1 * 3 of the first step's distance less
    const [a, b] = [free.values(), held.values()];
    const firstStep = await begin(true);
    await firstStep.update(0);
    const one = firstStep.values();
    for (let i = 0; i < a.length; i++) expect(b[i]!).toBeCloseTo(a[i]! - 0.3 * (one[i]! - held.start[i]!), 5);
  });

  it('keeps a long run near its beginning', async () => {
    const free = await begin(false);
    const held = await begin(true);
    for (let step = 0; step < 30; step++) {
      await free.update(0);
      await held.update(5);
    }
    expect(held.distance()).toBeLessThan(0.1 * free.distance());
  });

  it('of 0 changes no bit', async () => {
    const free = await begin(false);
    const held = await begin(true);
    await free.update(0);
    await held.update(0);
    expect(held.values()).toEqual(free.values());
  });
});
