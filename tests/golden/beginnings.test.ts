/** Rows that share their beginning have the losses and gradients of rows on their own, in each family with attention alone. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type RowStore,
  type StoredRow,
  storedRow,
  wordsOf,
} from '../../main/engine/data/tokens/token-store.ts';
import type { DecoderOptions } from '../../main/engine/eval/cached-decoder.ts';
import { AnswerScorer } from '../../main/engine/eval/classify/classifier.ts';
import { amongEachOther } from '../../main/engine/eval/generator.ts';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { mayContinue } from '../../main/engine/models/model.ts';
import { allRows, arrangeRows, judgedBatching } from '../../main/engine/step/arrange-rows.ts';
import { Batching } from '../../main/engine/step/batching.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../main/engine/step/step-graphs.ts';
import { rightAnswers } from '../../main/engine/tasks/right-answers.ts';
import { referenceCases } from './case.ts';
import { difference } from './compare.ts';

const SHARED = 21;
/** Tokens behind the beginning of each row, the last three of which are learned. */
const OWN = [5, 9, 4, 12, 7, 30];
const LEARNED = 3;
const TOLERANCE = 2e-5;

const families = referenceCases().filter(([, folder]) => path.basename(path.dirname(folder)) === 'families');

describe('rows with a shared beginning', () => {
  it.each(families)('%s: losses and gradients of rows on their own', async (_, folder) => {
    const executor = await openExecutor('ort', { threads: 1 });
    await withModel(folder, async (opened, weights) => {
      const [own, shared] = [batchingOf(opened, false), batchingOf(opened, true)];
      if (!mayContinue(opened.model)) return expect(shared.shape(0)).toEqual(own.shape(0));
      expect(shared.shape(0).shared).toBe(SHARED);
      expect(places(shared)).toBeLessThan(0.6 * places(own));
      await expectEqual(opened, weights, executor, own, shared);
    });
  });

  it('in plain loops and in parts of a micro-batch', async () => {
    const executor = await openExecutor('reference', { threads: 1 });
    const [, folder] = families.find(([name]) => name === 'llama')!;
    await withModel(folder, async (opened, weights) => {
      const [own, parts] = [batchingOf(opened, false), batchingOf(opened, true, 3)];
      expect(parts.parts(0)).toBeGreaterThan(1);
      await expectEqual(opened, weights, executor, own, parts);
    });
  });
});

it('are judged so where rows may lie side by side', async () => {
  const [, folder] = families.find(([name]) => name === 'llama')!;
  await withModel(folder, async (opened) => {
    const { samples, beginning } = samplesOf(opened);
    const store = storeOf(samples, beginning);
    const shapeOf = (packing: boolean) => {
      const settings = { packing, shareBeginnings: true as const, seed: 1, tokensPerMicroBatch: 256 };
      return judgedBatching(store, allRows(store.count), settings, opened).shape(0);
    };
    expect(shapeOf(true).shared).toBe(SHARED);
    expect(shapeOf(false).shared).toBeUndefined();
  });
});

describe('scores of answers', () => {
  it.each(families)('%s: side by side as on their own', async (_, folder) => {
    const executor = await openExecutor('ort', { threads: 1 });
    await withModel(folder, async (opened, weights) => {
      const prompts = [
        [5, 9, 2, 7],
        [1, 2, 3],
        [8, 8, 4, 1, 6, 30, 31],
      ];
      const answers = [
        [11, 12, 3],
        [11, 12, 14, 15, 3],
        [11, 20, 3],
        [11, 3],
      ];
      const { model } = opened;
      const options = {
        executor,
        model,
        weights: weights.source,
        method: { kind: 'frozen' } as const,
        trained: {},
      };
      const scorer = new AnswerScorer(options);
      const found = await scorer.score(prompts, answers);
      await scorer.release();
      const alone = prompts.flatMap((prompt) => answers.map((answer) => rowOf(prompt, answer)));
      const losses = await lossesOf(options, alone);
      for (const [i, scores] of found.entries()) {
        const own = losses.slice(i * answers.length, (i + 1) * answers.length).map((nll) => -nll);
        const all = Math.log(own.reduce((sum, score) => sum + Math.exp(score), 0));
        for (const [j, score] of scores.entries())
          expect(Math.abs(score - (own[j]! - all))).toBeLessThan(1e-4);
      }
    });
  });
});

describe('scores of prompts with answers of their own', () => {
  it.each(families)('%s: as of one prompt after the other', async (_, folder) => {
    const executor = await openExecutor('ort', { threads: 1 });
    await withModel(folder, async ({ model }, weights) => {
      const options = {
        ...{ executor, model, weights: weights.source, trained: {} },
        method: { kind: 'frozen' } as const,
      };
      const prompts = [[5, 9, 2, 7], [1, 2, 3], [5, 9, 2, 8], [6]];
      const two = [
        [11, 12, 3],
        [20, 3],
      ];
      const three = [[11, 3], [14, 15, 16, 3], [2]];
      const answers = [two, two, three, two];
      const scorer = new AnswerScorer(options);
      const found = await scorer.scoreEach(prompts, answers);
      expect(found.map(({ length }) => length)).toEqual([2, 2, 3, 2]);
      for (const [i, prompt] of prompts.entries()) {
        const [own] = await scorer.score([prompt], answers[i]!);
        for (const [j, score] of found[i]!.entries()) expect(Math.abs(score - own![j]!)).toBeLessThan(1e-4);
      }
      await scorer.release();
    });
  });
});

describe('scores of prompts that begin alike', () => {
  it('in plain loops: to the bit those of rows on their own', async () => {
    const executor = await openExecutor('reference', { threads: 1 });
    const [, folder] = families.find(([name]) => name === 'llama')!;
    await withModel(folder, async ({ model }, weights) => {
      const options = {
        ...{ executor, model, weights: weights.source, trained: {} },
        method: { kind: 'frozen' } as const,
      };
      const opening = [5, 9, 2, 7, 6];
      // two share more than the rest, one is what others begin with, and two are the same
      const prompts = [[...opening, 1, 4], [...opening, 3], opening, [...opening, 1, 8, 2], [...opening, 3]];
      const answers = [
        [11, 12, 3],
        [11, 12, 14, 3],
        [20, 3],
      ];
      const scorer = new AnswerScorer(options);
      const found = await scorer.score(prompts, answers);
      await scorer.release();
      for (const [i, prompt] of prompts.entries()) {
        const own = await lossesOf(
          options,
          answers.map((answer) => rowOf(prompt, answer)),
        );
        expect([...found[i]!]).toEqual([...amongEachOther(own.map((nll) => -nll))]);
      }
    });
  });

  it('keeps the first ones when it is stopped', async () => {
    const executor = await openExecutor('ort', { threads: 1 });
    const [, folder] = families.find(([name]) => name === 'llama')!;
    await withModel(folder, async ({ model }, weights) => {
      const options = {
        ...{ executor, model, weights: weights.source, trained: {} },
        method: { kind: 'frozen' } as const,
      };
      const scorer = new AnswerScorer(options);
      // each fills a row, and they come in the order of their tokens
      const prompts = [1, 9, 2].map((first) => Array.from({ length: 500 }, (_, t) => (first + t) % 32));
      const answers = [
        [11, 3],
        [12, 3],
      ];
      const all = await scorer.score(prompts, answers);
      const stop = new AbortController();
      const some = await scorer.score(prompts, answers, {
        stop: stop.signal,
        onProgress: () => stop.abort(),
      });
      await scorer.release();
      expect(all).toHaveLength(3);
      expect(some).toEqual(all.slice(0, 1));
    });
  });
});

const rowOf = (prompt: readonly number[], answer: readonly number[]): StoredRow =>
  storedRow(wordsOf({ ids: [...prompt, ...answer], labels: [...prompt.map(() => -100), ...answer] }));

/** The loss of each row, one in each packed row. */
async function lossesOf(options: DecoderOptions, samples: readonly StoredRow[]): Promise<number[]> {
  const store = storeOf(samples);
  const rows = Uint32Array.from(samples, (_, i) => i);
  const shape = { rowLength: 32, rowsPerBatch: samples.length, pack: false, shuffle: false, seed: 1 };
  const batching = new Batching({ store, rows, ...shape });
  const { graph } = evaluationStep(options.model, options.method, batching.shape(0));
  const program = await options.executor.compile(graph, { weights: options.weights });
  const objective = rightAnswers('answers');
  const tally = objective.tally();
  const batch = await batching.batch(0, 0);
  tally.add(batch, (await program.run(objective.feeds(options.model, batch))).outputs);
  await program.release();
  return [...tally.samples.losses];
}

function storeOf(samples: readonly StoredRow[], beginning: readonly number[] = []): RowStore {
  return {
    count: samples.length,
    lengths: Uint32Array.from(samples, ({ ids }) => ids.length),
    labelled: Uint32Array.from(samples, ({ trained }) => trained.filter((one) => one > 0).length),
    beginning,
    row: (index) => Promise.resolve(samples[index]!),
  };
}

const places = (batching: Batching) => batching.parts(0) * batching.shape(0).batch * batching.shape(0).time;

async function expectEqual(
  opened: OpenedModel,
  weights: Weights,
  executor: Executor,
  own: Batching,
  shared: Batching,
) {
  const [one, other] = [
    await gradientsOf(opened, weights, executor, own),
    await gradientsOf(opened, weights, executor, shared),
  ];
  expect(other.tokens).toBe(one.tokens);
  expect(other.labels).toBe(LEARNED * OWN.length);
  expect(Math.abs(other.loss - one.loss)).toBeLessThan(TOLERANCE);
  const largest = Math.max(
    ...one.gradients.map((values) => values.reduce((most, g) => Math.max(most, Math.abs(g)), 0)),
  );
  expect(largest).toBeGreaterThan(1e-3);
  for (const [i, values] of one.gradients.entries())
    expect(difference(other.gradients[i]!, values) / largest).toBeLessThan(TOLERANCE);
}

/** The loss and the gradients of all rows, summed over the parts. */
async function gradientsOf(opened: OpenedModel, weights: Weights, executor: Executor, batching: Batching) {
  const { model } = opened;
  const { graph, trainables } = gradientStep(model, { kind: 'full' }, batching.shape(0));
  const state = TrainState.create(executor, trainables);
  for (const { name } of trainables) state.slice('param', name).set(await weights.read(name));
  await state.commit();
  const program = await executor.compile(graph, { weights: weights.source, kept: state.kept });
  const objective = rightAnswers('answers');
  const tally = objective.tally();
  let [tokens, labels] = [0, 0];
  state.clearGradients();
  for (let part = 0; part < batching.parts(0); part++) {
    const batch = await batching.batch(0, part);
    const feeds = { ...objective.feeds(model, batch), ...state.feeds(true) };
    const { outputs } = await program.run(feeds, state.gradientTargets());
    tally.add(batch, outputs);
    tokens += batch.realTokens;
    labels += batch.labelledCount;
  }
  await state.fetch();
  expect(tally.samples.losses).toHaveLength(OWN.length);
  const gradients = trainables.map(({ name }) => state.slice('grad', name).slice());
  await program.release();
  await state.release();
  return { loss: tally.figures.loss, gradients, tokens, labels };
}

function samplesOf({ model: { vocabSize } }: OpenedModel) {
  const beginning = Array.from({ length: SHARED }, (_, t) => (7 * t + 3) % vocabSize);
  const samples = OWN.map((count, sample) => {
    const ids = [
      ...beginning,
      ...Array.from({ length: count }, (_, t) => (13 * t + 5 * sample + 1) % vocabSize),
    ];
    const labels = ids.map((id, t) => (t >= ids.length - LEARNED ? id : -100));
    return storedRow(wordsOf({ ids, labels }));
  });
  return { samples, beginning };
}

function batchingOf(opened: OpenedModel, shareBeginnings: boolean, splitMicroBatch = 1): Batching {
  const { samples, beginning } = samplesOf(opened);
  const settings = {
    ...{ tokensPerMicroBatch: 256, splitMicroBatch, packing: true },
    ...(shareBeginnings && { shareBeginnings: true as const }),
    ...{ heldOut: 0, seed: 1, replay: 0 },
  };
  const sources = {
    store: { ...storeOf(samples, beginning), hashes: [] },
    evalStore: null,
    replayStore: null,
  };
  return arrangeRows(settings, opened, sources).training;
}

async function withModel(folder: string, use: (opened: OpenedModel, weights: Weights) => Promise<unknown>) {
  const opened = await openModel(folder);
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-beginnings-'));
  try {
    await use(opened, await prepareWeights(opened, cache));
  } finally {
    await opened.store.close();
    await fs.rm(cache, { recursive: true });
  }
}
