/** Steps that are fed what frozen layers put out have the losses and gradients of whole steps, in each family whose layers can be cut. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { storedRow, wordsOf } from '../../main/engine/data/tokens/token-store.ts';
import { Measure } from '../../main/engine/eval/measure.ts';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { mayContinue } from '../../main/engine/models/model.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import type { Recompute } from '../../main/engine/passes/recompute.ts';
import { arrangeRows } from '../../main/engine/step/arrange-rows.ts';
import type { Batching } from '../../main/engine/step/batching.ts';
import { KeptBatches } from '../../main/engine/step/kept-activations.ts';
import { layerOf } from '../../main/engine/step/method.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import type { KeptType } from '../../main/engine/tasks/feeds.ts';
import { rightAnswers } from '../../main/engine/tasks/right-answers.ts';
import { seeded } from '../helpers/random.ts';
import { referenceCases } from './case.ts';
import { difference } from './compare.ts';

const SHARED = 12;
const OWN = [5, 9, 4, 12, 7, 30, 11];
const LEARNED = 3;
/** Of float16: half a unit in the last place of 11 bits, through a layer and its gradients. */
const HALVES = 4e-3;
/** Of sums of float32 in another order. */
const SUMS = 2e-5;
const BOTH_PASSES = [0, 1];

const families = referenceCases().filter(([, folder]) => path.basename(path.dirname(folder)) === 'families');
const task = rightAnswers('answers');

describe('what frozen layers put out, kept', () => {
  it.each(families)('%s: float32 to the bit, float16 within its rounding', async (_, folder) => {
    await withModel(folder, async (kit) => {
      const { model } = kit.opened;
      if (!model.separateLayers || !mayContinue({ ...model, attendsOnly: true })) return;
      const reference = await openExecutor('reference', { threads: 1 });
      const batching = batchingOf(kit.opened, false);
      const [whole, kept] = [
        await gradientsOf(kit, reference, batching),
        await gradientsOf(kit, reference, keeping(kit, reference, batching, 'f32')),
      ];
      // in the second pass rows lie elsewhere, which layers that recur sum in another order
      expect(model.attendsOnly ? kept : kept[0]).toEqual(model.attendsOnly ? whole : whole[0]);
      expectClose(kept, whole, SUMS);
      const ort = await openExecutor('ort', { threads: 1 });
      expectClose(await gradientsOf(kit, ort, keeping(kit, ort, batching, 'f16')), whole, HALVES);
    });
  });

  const [, llama] = families.find(([name]) => name === 'llama')!;

  it.each([
    ['beside a shared beginning', true, 1, 'none'],
    ['in parts of a micro-batch', false, 3, 'none'],
    ['in parts with a shared beginning', true, 3, 'none'],
    ['with activation recompute', false, 1, 'block'],
  ] as const)('%s, to the bit', async (_, shares, split, recompute) => {
    await withModel(llama, async (kit) => {
      const executor = await openExecutor('reference', { threads: 1 });
      const batching = batchingOf(kit.opened, shares, split);
      expect(batching.shape(0).shared).toBe(shares ? SHARED : undefined);
      if (split > 1) expect(batching.parts(0)).toBeGreaterThan(1);
      const whole = await gradientsOf(kit, executor, batching, recompute);
      const kept = keeping(kit, executor, batching, 'f32');
      expect(await gradientsOf(kit, executor, kept, recompute)).toEqual(whole);
    });
  });

  it('is the same where a pass begins in the middle, as in a run that is resumed', async () => {
    await withModel(llama, async (kit) => {
      const executor = await openExecutor('ort', { threads: 1 });
      const batching = batchingOf(kit.opened, true, 3);
      const [whole, resumed] = [
        keeping(kit, executor, batching, 'f16'),
        keeping(kit, executor, batching.again(), 'f16'),
      ];
      for (let part = 0; part < batching.parts(0); part++) await whole.batch(0, part);
      for (const part of [1, 0]) {
        const [one, other] = [await whole.batch(1, part), await resumed.batch(1, part)];
        expect(other.kept).toEqual(one.kept);
        expect(one.kept!.some((value) => value !== 0)).toBe(true);
      }
      await Promise.all([whole.release(), resumed.release()]);
    });
  });

  it('is measured with, and computes frozen layers once', async () => {
    await withModel(llama, async (kit) => {
      const { opened, weights, method } = kit;
      const executor = await openExecutor('reference', { threads: 1 });
      let frozenRuns = 0;
      const counting: Executor = {
        ...executor,
        async compile(graph, options) {
          const program = await executor.compile(graph, options);
          if (!graph.outputs.has('kept')) return program;
          const run: typeof program.run = (...args) => {
            frozenRuns++;
            return program.run(...args);
          };
          return { run, release: () => program.release() };
        },
      };
      const batching = batchingOf(opened, false);
      const kept = keeping(kit, counting, batching, 'f32');
      const lossesWith = async (of: Pick<Batching, 'plan' | 'shape' | 'batch'>) => {
        const options = { executor: counting, model: opened.model, weights: weights.source, method, task };
        const measure = new Measure({ ...options, batching: of });
        const state = await stateOf(kit, executor, batching);
        const first = await measure.run(state.feeds(false));
        const second = await measure.run(state.feeds(false));
        await measure.release();
        expect(second!.rows).toEqual(first!.rows);
        return first!.rows;
      };
      expect(await lossesWith(kept)).toEqual(await lossesWith(batching));
      expect(frozenRuns).toBe(batching.parts(0));
      await kept.release();
    });
  });
});

interface Kit {
  readonly opened: OpenedModel;
  readonly weights: Weights;
  readonly method: Method;
  readonly folder: string;
}

function keeping(
  { opened, weights, method, folder }: Kit,
  executor: Executor,
  batching: Batching,
  type: KeptType,
): KeptBatches {
  const { model } = opened;
  return new KeptBatches(batching, { executor, model, method, weights: weights.source, folder, type });
}

async function stateOf(
  { opened, method }: Kit,
  executor: Executor,
  batching: Pick<Batching, 'shape'>,
): Promise<TrainState> {
  const { trainables } = gradientStep(opened.model, method, batching.shape(0));
  const state = TrainState.create(executor, trainables);
  const random = seeded(5);
  for (const { name } of trainables) {
    const values = state.slice('param', name);
    for (let i = 0; i < values.length; i++) values[i] = 0.2 * (random() - 0.5);
  }
  await state.commit();
  return state;
}

/** Losses and summed gradients of two passes, whose orders differ. */
async function gradientsOf(
  kit: Kit,
  executor: Executor,
  batching: Batching | KeptBatches,
  recompute: Recompute = 'none',
) {
  const { opened, weights, method } = kit;
  const { model } = opened;
  const passes = [];
  for (const epoch of BOTH_PASSES) {
    const { graph, trainables } = gradientStep(model, method, batching.shape(epoch), recompute);
    const state = await stateOf(kit, executor, batching);
    const program = await executor.compile(graph, { weights: weights.source, kept: state.kept });
    const tally = task.tally();
    state.clearGradients();
    const [first, end] = batching.partsOf(epoch, 0, batching.batches(epoch));
    for (let part = first; part < end; part++) {
      const batch = await batching.batch(epoch, part);
      const feeds = { ...task.feeds(model, batch), ...state.feeds(true) };
      tally.add(batch, (await program.run(feeds, state.gradientTargets())).outputs);
    }
    await state.fetch();
    const gradients = trainables.map(({ name }) => state.slice('grad', name).slice());
    expect(tally.samples.losses).toHaveLength(OWN.length);
    passes.push({ loss: tally.figures.loss, gradients });
    await program.release();
    await state.release();
  }
  if (batching instanceof KeptBatches) await batching.release();
  return passes;
}

type Passes = Awaited<ReturnType<typeof gradientsOf>>;

function expectClose(found: Passes, wanted: Passes, tolerance: number): void {
  for (const [pass, { loss, gradients }] of wanted.entries()) {
    expect(Math.abs(found[pass]!.loss - loss)).toBeLessThan(tolerance);
    const largest = Math.max(
      ...gradients.map((values) => values.reduce((most, g) => Math.max(most, Math.abs(g)), 0)),
    );
    expect(largest).toBeGreaterThan(1e-3);
    for (const [i, values] of gradients.entries())
      expect(difference(found[pass]!.gradients[i]!, values) / largest).toBeLessThan(tolerance);
  }
}

function batchingOf(opened: OpenedModel, shareBeginnings: boolean, splitMicroBatch = 1): Batching {
  const { vocabSize } = opened.model;
  const beginning = Array.from({ length: SHARED }, (_, t) => (7 * t + 3) % vocabSize);
  const samples = OWN.map((count, sample) => {
    const own = Array.from({ length: count }, (_, t) => (13 * t + 5 * sample + 1) % vocabSize);
    const ids = [...beginning, ...own];
    const labels = ids.map((id, t) => (t >= ids.length - LEARNED ? id : -100));
    return storedRow(wordsOf({ ids, labels }));
  });
  const settings = {
    ...{ tokensPerMicroBatch: 128, splitMicroBatch, packing: true },
    ...(shareBeginnings && { shareBeginnings: true as const }),
    ...{ heldOut: 0, seed: 1, replay: 0 },
  };
  const store = {
    ...{ count: samples.length, beginning, hashes: [] },
    lengths: Uint32Array.from(samples, ({ ids }) => ids.length),
    labelled: Uint32Array.from(samples, ({ trained }) => trained.filter((one) => one > 0).length),
    row: (index: number) => Promise.resolve(samples[index]!),
  };
  return arrangeRows(settings, opened, { store, evalStore: null, replayStore: null }).training;
}

async function withModel(folder: string, use: (kit: Kit) => Promise<unknown>) {
  const opened = await openModel(folder);
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-kept-'));
  const last = opened.model.layers - 1;
  const method: Method = {
    ...{ kind: 'lora', dropout: 0 },
    adapterOf: (module) => (layerOf(module) === last ? { rank: 2, scale: 1 } : null),
  };
  try {
    await use({ opened, weights: await prepareWeights(opened, cache), method, folder: cache });
    // nothing that was kept stays behind
    expect((await fs.readdir(cache)).filter((name) => name.startsWith('.kept'))).toEqual([]);
  } finally {
    await opened.store.close();
    await fs.rm(cache, { recursive: true });
  }
}
