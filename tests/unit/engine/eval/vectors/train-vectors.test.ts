import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  trainVectors,
  type VectorRecipe,
  type VectorTexts,
} from '../../../../../main/engine/eval/vectors/train-vectors.ts';
import { gradedTask, rankingTask } from '../../../../../main/engine/eval/vectors/vector-tasks.ts';
import { TextVectors } from '../../../../../main/engine/eval/vectors/vectors.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { NEVER } from '../../../../../main/engine/step/vector-losses.ts';
import { writeTinyEncoder } from '../../../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const SETTINGS = { scale: 20, sizes: [] };

describe('the passages that a query is told from', () => {
  const rows = [
    { query: 0, passage: 10, negatives: [20] },
    { query: 1, passage: 11, negatives: [] },
    { query: 0, passage: 12, negatives: [] },
    { query: 2, passage: 10, negatives: [11, 0] },
  ];
  const closedOf = (feeds: Record<string, unknown>, columns: number, row: number, column: number) =>
    (feeds.closed as Float32Array)[row * columns + column] === Math.fround(NEVER);

  test('another answer to the same query is none of them, nor is the query; an equal passage stands once', () => {
    const task = rankingTask(rows, [[0, 1, 2, 3], [1]], SETTINGS);
    // passages 10, 11, 12 and negatives 20, 0
    expect(task.texts).toEqual([
      [0, 1, 2, 10, 11, 12, 20],
      [1, 11],
    ]);
    const feeds = task.feeds(0, (text) => task.texts[0]!.indexOf(text));
    expect([...(feeds.queries as Int32Array)]).toEqual([0, 1, 0, 2]);
    expect([...(feeds.candidates as Int32Array)]).toEqual([3, 4, 5, 6, 0]);
    const closed = (row: number) => [0, 1, 2, 3, 4].filter((column) => closedOf(feeds, 5, row, column));
    expect(closed(0)).toEqual([2, 4]);
    expect(closed(1)).toEqual([]);
    expect(closed(2)).toEqual([0, 4]);
    expect(closed(3)).toEqual([]);
    expect([...(feeds.wanted as Float32Array).subarray(15, 20)]).toEqual([1, 0, 0, 0, 0]);
    expect(task.countOf(0)).toBe(4);
  });

  test('room that a smaller step leaves counts for nothing', () => {
    const task = rankingTask(rows, [[0, 1, 2, 3], [1]], SETTINGS);
    const feeds = task.feeds(1, (text) => task.texts[1]!.indexOf(text));
    expect([...(feeds.weights as Float32Array)]).toEqual([1, 0, 0, 0]);
    expect([0, 1, 2, 3, 4].filter((column) => closedOf(feeds, 5, 0, column))).toEqual([1, 2, 3, 4]);
  });
});

test('pairs are compared where their scores differ', () => {
  const rows = [
    { first: 0, second: 1, score: 3 },
    { first: 2, second: 3, score: 1 },
    { first: 0, second: 2, score: 3 },
  ];
  const task = gradedTask(rows, [[0, 1, 2]], SETTINGS);
  const { order } = task.feeds(0, (text) => text);
  expect([...(order as Float32Array)].flatMap((value, at) => (value === 0 ? [at] : []))).toEqual([3, 5]);
});

describe('training a tiny encoder', () => {
  const scratch = temporaryFolder();
  let vectors: TextVectors;
  beforeAll(async () => {
    const folder = await writeTinyEncoder(path.join(scratch.folder, 'encoder'), 'bert');
    const executor = await openExecutor('ort', { threads: 1 });
    vectors = await TextVectors.open(folder, executor, path.join(scratch.folder, 'cache'));
  });
  afterAll(async () => {
    await vectors.close();
    scratch.remove();
  });

  const WORDS = ['red', 'green', 'blue', 'town', 'river', 'stone', 'bread', 'house', 'wind', 'road'];
  // what belongs together has no word in common
  const texts = WORDS.flatMap((word, i) => [`${word} ${word}`, WORDS[(i + 3) % 10]!]);
  const ranked = WORDS.map((_, i) => ({ query: 2 * i, passage: 2 * i + 1, negatives: [] }));
  const recipe = { ...SETTINGS, trains: 'layers', rate: 5e-3, passes: 150, batch: 10 } as const;

  async function learned(
    rows: VectorTexts['rows'],
    more: Partial<VectorRecipe>,
    lengthen = 1,
    steps?: number[][],
  ) {
    const losses: number[] = [];
    const ids = texts.map((text) => vectors.idsOf(Array.from({ length: lengthen }, () => text).join(' ')));
    const values = await trainVectors(
      vectors,
      { ids, rows, ...(steps && { steps }) },
      { ...recipe, ...more },
      {
        ...{ threads: 1, seed: 1, stop: new AbortController().signal },
        onStep: (_, __, loss) => void losses.push(loss),
      },
    );
    return { values, losses };
  }

  /** How many queries are nearest to their passage. */
  async function found(values: ReadonlyMap<string, Float32Array>): Promise<number> {
    const trained = vectors.withValues(values);
    const all = (await trained.of(texts)).map((one) => one.map((x) => x / Math.hypot(...one)));
    await trained.release();
    const cosine = (a: number, b: number) => all[a]!.reduce((sum, x, i) => sum + x * all[b]![i]!, 0);
    const right = ranked.filter(({ query, passage }) =>
      ranked.every(
        (other) => other.passage === passage || cosine(query, passage) > cosine(query, other.passage),
      ),
    );
    return right.length;
  }

  test.each([
    ['layers', 'layers', 5e-3],
    ['the whole encoder', 'whole', 5e-3],
    ['adapters', { rank: 8, scale: 2 }, 2e-2],
  ] as const)(
    '%s: each query finds its passage afterwards, and most did not before',
    async (_, trains, rate) => {
      expect(await found(new Map())).toBeLessThan(6);
      const { values, losses } = await learned(ranked, { trains, rate });
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      expect(await found(values)).toBe(10);
      const tables = [...values.keys()].filter((name) => name.startsWith('embeddings'));
      expect(tables.length > 0).toBe(trains === 'whole');
    },
  );

  test('vectors cut to a third find, too, where that was trained', async () => {
    const { losses } = await learned(ranked, { sizes: [24, 8] });
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  test('graded pairs: more similar ones get nearer', async () => {
    const graded = WORDS.map((_, i) => ({ first: 2 * i, second: 2 * i + 1, score: i % 3 }));
    const { losses } = await learned(graded, {});
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  test('in several micro-batches, steps are those of one', async () => {
    const every = ranked.map((_, i) => i);
    const steps = [every, every.slice(0, 7), every.toReversed()];
    const whole = await learned(ranked, {}, 5, steps);
    // texts of about 25 tokens, in micro-batches of 128
    const parts = await learned(ranked, { mostTokens: 128 }, 5, steps);
    for (const [step, loss] of whole.losses.entries()) expect(parts.losses[step]).toBeCloseTo(loss, 4);
    for (const [name, values] of whole.values)
      for (const [i, x] of values.entries())
        expect(Math.abs(parts.values.get(name)![i]! - x), name).toBeLessThan(1e-3);
  });

  test('ends where it is stopped', async () => {
    const io = { threads: 1, seed: 1, stop: AbortSignal.abort(new Error('enough')) };
    const ids = texts.map((text) => vectors.idsOf(text));
    await expect(trainVectors(vectors, { ids, rows: ranked }, recipe, io)).rejects.toThrow('enough');
  });
});
