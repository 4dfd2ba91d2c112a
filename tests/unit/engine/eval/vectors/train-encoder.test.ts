import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  headRowsOf,
  headScores,
  headWeightsOf,
  trainHead,
} from '../../../../../main/engine/eval/rivals/vector-head.ts';
import { shareRows, tokensFitting } from '../../../../../main/engine/eval/vectors/share-rows.ts';
import { targetFeeds } from '../../../../../main/engine/eval/vectors/steps.ts';
import { textFeeds } from '../../../../../main/engine/eval/vectors/text-feeds.ts';
import {
  type Recipe,
  trainingOf,
  trainSorting,
} from '../../../../../main/engine/eval/vectors/train-encoder.ts';
import { TextVectors } from '../../../../../main/engine/eval/vectors/vectors.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { encoderStep, headName, sortingLoss } from '../../../../../main/engine/step/encoder-steps.ts';
import { TrainState } from '../../../../../main/engine/step/state.ts';
import { noise } from '../../../../helpers/graphs.ts';
import { writeTinyEncoder } from '../../../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

describe('rows that texts share', () => {
  const shared = (lengths: readonly number[], steps: readonly (readonly number[])[], batch = 8) =>
    shareRows(steps, lengths, batch);

  test('every text of a step has tokens of its own, and all steps have one shape', () => {
    const lengths = [100, 20, 90, 30, 5, 128, 60, 3];
    const steps = [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ];
    const found = shared(lengths, steps);
    expect(found.shape).toEqual({ rows: 2, rowLength: 128, texts: 8 });
    for (const [step, batches] of found.steps.entries()) {
      const placed = batches.flatMap(({ texts }) => texts);
      expect(placed.map(({ text }) => text).toSorted()).toEqual(steps[step]);
      const taken = placed.flatMap(({ text, row, start }) =>
        Array.from({ length: lengths[text]! }, (_, i) => row * 128 + start + i),
      );
      expect(new Set(taken).size).toBe(taken.length);
      for (const { text, row, start } of placed) {
        expect(row).toBeLessThan(2);
        expect(start + lengths[text]!).toBeLessThanOrEqual(128);
      }
    }
  });

  test('long texts are divided among micro-batches of few tokens', () => {
    const lengths = Array.from({ length: 9 }, () => 500);
    const { shape, steps } = shared(lengths, [lengths.map((_, i) => i)], 9);
    expect(shape.rows * shape.rowLength).toBeLessThanOrEqual(2048);
    expect(shape.rowLength).toBe(512);
    expect(steps[0]!.map(({ texts }) => texts.length)).toEqual([3, 3, 3]);
  });
});

test('a micro-batch takes no more memory in a larger encoder', () => {
  expect(tokensFitting(6, 384)).toBeGreaterThan(4096);
  expect(tokensFitting(12, 768)).toBeLessThan(1500);
  expect([tokensFitting(1, 16), tokensFitting(48, 4096)]).toEqual([8192, 512]);
});

test('the upper layers are trained, with what stands above all layers; embeddings never are', () => {
  const method = trainingOf(2, 6);
  const trains = (name: string) => method.kind === 'full' && method.trains!(name);
  expect(trains('encoder.layer.3.output.dense.weight')).toBe(false);
  expect(trains('encoder.layer.4.output.dense.weight')).toBe(true);
  expect(trains('final_norm.weight')).toBe(true);
  for (const name of ['embeddings.word_embeddings.weight', 'embeddings.LayerNorm.bias']) {
    expect(trains(name)).toBe(false);
    const all = trainingOf(null, 6);
    expect(all.kind === 'full' && all.trains!(name)).toBe(false);
  }
});

test('heads go from regression to a graph and back', () => {
  const vectors = [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(1, 1)];
  const head = trainHead(vectors, ['a', 'b', 'c'], { strength: 1 });
  const rows = headRowsOf(head);
  expect(rows.length).toBe(9);
  // the intercept of the first label is the third of its row
  expect(rows[2]).toBeCloseTo(head.weights[6]!, 6);
  for (const [i, x] of headWeightsOf(rows, 3).entries()) expect(x).toBeCloseTo(head.weights[i]!, 6);
});

describe.each(['bert', 'modernbert'] as const)('training a tiny %s', (kind) => {
  const scratch = temporaryFolder();
  let vectors: TextVectors;
  beforeAll(async () => {
    const folder = await writeTinyEncoder(path.join(scratch.folder, 'encoder'), kind);
    const executor = await openExecutor('ort', { threads: 1 });
    vectors = await TextVectors.open(folder, executor, path.join(scratch.folder, 'cache'));
  });
  afterAll(async () => {
    await vectors.close();
    scratch.remove();
  });

  const WORDS = ['red', 'green', 'blue', 'town', 'river', 'stone', 'bread'];
  /** The label says which of two kinds the second word is. */
  const rows = Array.from({ length: 42 }, (_, i) => ({
    text: `${WORDS[i % 7]} ${WORDS[(i + Math.floor(i / 7)) % 7]}`,
    label: (i + Math.floor(i / 7)) % 7 < 3 ? 'colour' : 'thing',
  }));

  async function learned(recipe: Recipe, seed = 1, stop = new AbortController().signal) {
    const own = await vectors.of(rows.map(({ text }) => text));
    const start = trainHead(
      own,
      rows.map(({ label }) => label),
      { strength: 1 },
    );
    const losses: number[] = [];
    const { values, heads } = await trainSorting(
      vectors,
      {
        ids: rows.map(({ text }) => vectors.idsOf(text)),
        targets: [Int32Array.from(rows, ({ label }) => start.labels.indexOf(label))],
        heads: [headRowsOf(start)],
      },
      recipe,
      { threads: 1, seed, stop, onStep: (_, __, loss) => void losses.push(loss) },
    );
    const trained = vectors.withValues(values);
    const after = await trained.of(rows.map(({ text }) => text));
    await trained.release();
    const head = { ...start, weights: headWeightsOf(heads[0]!, 2) };
    const loss = headScores(head, after).reduce(
      (sum, scores, i) => sum - scores[start.labels.indexOf(rows[i]!.label)]! / rows.length,
      0,
    );
    return { values, losses, loss };
  }

  test('all layers: the loss falls far, embeddings stay, and it repeats to the bit', async () => {
    const recipe = { layers: null, rate: 1e-2, passes: 40, batch: 16 };
    const found = await learned(recipe);
    expect(found.losses.length).toBe(120);
    expect(found.losses[0]).toBeGreaterThan(0.2);
    expect(found.loss).toBeLessThan(found.losses[0]! / 2);
    expect([...found.values.keys()].filter((name) => name.startsWith('embeddings'))).toEqual([]);
    const again = await learned(recipe);
    expect(again.losses).toEqual(found.losses);
    expect((await learned({ ...recipe, passes: 1 }, 2)).losses[0]).not.toBe(found.losses[0]);
  });

  test('the last layer, fed with what is kept of those below: what it learned holds for the whole encoder', async () => {
    const { values, losses, loss } = await learned({ layers: 1, rate: 1e-2, passes: 40, batch: 16 });
    const layers = new Set([...values.keys()].map((name) => /\.(\d+)\./.exec(name)?.[1] ?? 'above'));
    expect(layers.has('0')).toBe(false);
    expect(layers.has(String(vectors.opened.encoder.layers - 1))).toBe(true);
    expect(loss).toBeLessThan(losses[0]!);
    // the whole encoder says what the last steps said of the kept states
    const last = losses.slice(-3).reduce((sum, one) => sum + one / 3, 0);
    expect(Math.abs(loss - last)).toBeLessThan(0.1);
  });

  test('heads of several columns: losses and gradients are the sums of those of each alone, without missing answers', async () => {
    const texts = rows.slice(0, 6).map(({ text }) => text);
    const ids = texts.map((text) => vectors.idsOf(text));
    const columns = [
      { labels: 3, targets: Int32Array.of(0, 1, 2, 0, 1, 2) },
      { labels: 2, targets: Int32Array.of(1, -1, 0, -1, -1, 1) },
    ];
    const { opened, weights, executor, width } = vectors;
    const { shape, steps } = shareRows(
      [ids.map((_, text) => text)],
      ids.map(({ length }) => length),
      8,
    );
    const gradientsOf = async (parts: readonly number[]) => {
      const labels = parts.map((part) => columns[part]!.labels);
      const of = { encoder: opened.encoder, isUnit: false };
      const { graph, trainables } = encoderStep(of, trainingOf(null, 2), shape, sortingLoss(labels));
      const state = TrainState.create(executor, trainables);
      for (const { name } of trainables) {
        const part = parts.find((_, at) => name === headName(at));
        const values =
          part === undefined
            ? await weights.read(name)
            : noise(columns[part]!.labels * (width + 1), 7 + part, 0.5);
        state.setValues(name, values);
      }
      await state.commit();
      const step = await executor.compile(graph, { weights: weights.source, kept: state.kept });
      state.clearGradients();
      const batch = steps[0]![0]!;
      const feeds = {
        ...textFeeds(opened, batch, shape, (text) => ids[text]!),
        ...targetFeeds(
          batch,
          shape,
          parts.map((part) => columns[part]!.targets),
        ),
        ...state.feeds(true),
      };
      const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.has(name)));
      const { outputs } = await step.run(known, state.gradientTargets());
      await state.fetch(['grad']);
      const losses = new Map(batch.texts.map(({ text }, i) => [text, (outputs.losses as Float32Array)[i]!]));
      const found = new Map(trainables.map(({ name }) => [name, state.slice('grad', name).slice()]));
      await Promise.all([step.release(), state.release()]);
      return { losses, found };
    };
    const [both, first, second] = [await gradientsOf([0, 1]), await gradientsOf([0]), await gradientsOf([1])];
    for (const text of ids.keys()) {
      const [one, other] = [first!.losses.get(text)!, second!.losses.get(text)!];
      expect(both!.losses.get(text)).toBeCloseTo(one + other, 5);
      expect(other === 0).toBe(columns[1]!.targets[text] === -1);
    }
    let largest = 0;
    for (const [name, own] of both!.found) {
      const [one, other] = [
        name === headName(1) ? undefined : first!.found.get(name)!,
        name === headName(0) ? undefined : second!.found.get(name === headName(1) ? headName(0) : name)!,
      ];
      for (const [i, value] of own.entries()) {
        expect(Math.abs(value - (one?.[i] ?? 0) - (other?.[i] ?? 0)), name).toBeLessThan(1e-5);
        if (other && !name.startsWith('head')) largest = Math.max(largest, Math.abs(other[i]!));
      }
    }
    // the second column does move the encoder
    expect(largest).toBeGreaterThan(1e-3);
  });

  test('ends where it is stopped', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(learned({ layers: 1, rate: 1e-3, passes: 1, batch: 16 }, 1, stop)).rejects.toThrow('enough');
  });
});
