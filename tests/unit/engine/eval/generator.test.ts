/** Generation with a cache against computing the whole text again for every token. */
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { batchFromArrays } from '../../../../main/engine/data/batches/batch.ts';
import {
  createSampler,
  Generator,
  likeliest,
  type Sampling,
} from '../../../../main/engine/eval/generator.ts';
import type { Executor } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { type Method, peftName } from '../../../../main/engine/nn/parameters.ts';
import { batchFeeds } from '../../../../main/engine/tasks/feeds.ts';
import { Rng } from '../../../../main/rows/rng.ts';
import { logitsStep, noise, tinyModel } from '../../../helpers/graphs.ts';

const executor: Executor = await openExecutor('ort', { threads: 1 });
const FROZEN: Method = { kind: 'frozen' };
const open: Generator[] = [];
afterEach(async () => {
  for (const generator of open.splice(0)) await generator.release();
});

function ids(count: number, seed = 5): number[] {
  return [...noise(count, seed)].map((x) => Math.floor((x + 1) * 25));
}

function start(config: JsonObject, method = FROZEN, trained = {}) {
  const tiny = tinyModel(config);
  const generator = new Generator({ executor, model: tiny.model, weights: tiny.source, method, trained });
  open.push(generator);
  return { ...tiny, generator };
}

/** Logits [T,V] of a whole text without a cache. */
async function whole(
  { model, source }: Pick<ReturnType<typeof tinyModel>, 'model' | 'source'>,
  text: readonly number[],
  method = FROZEN,
  trained = {},
): Promise<Float32Array> {
  const tokens = Int32Array.from(text);
  const labels = new Int32Array(text.length).fill(-100);
  const batch = batchFromArrays({ rowCount: 1, rowLength: text.length, tokens, labels });
  const rows = Int32Array.from(tokens, (_, i) => i);
  const { graph } = logitsStep(model, method, { batch: 1, time: text.length, labels: text.length });
  const program = await executor.compile(graph, { weights: source });
  const feeds = { ...batchFeeds(model, { ...batch, rows }), ...trained };
  const { outputs } = await program.run({ ...feeds, targets: rows, weights: new Float32Array(rows.length) });
  await program.release();
  return outputs.logits as Float32Array;
}

function expectRow(logits: Float32Array, all: Float32Array, row: number): void {
  const reference = all.subarray(row * logits.length, (row + 1) * logits.length);
  const worst = logits.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0);
  expect(worst, `logits after token ${row}`).toBeLessThan(2e-5);
}

describe.each<[string, JsonObject]>([
  ['llama', {}],
  ['llama with one key head', { num_key_value_heads: 1 }],
  ['a sliding window', { model_type: 'mistral', sliding_window: 5 }],
  [
    'windows in some layers',
    { model_type: 'qwen2', use_sliding_window: true, sliding_window: 4, max_window_layers: 1 },
  ],
  ['qwen3', { model_type: 'qwen3' }],
  ['gpt2', { model_type: 'gpt2' }],
])('with a cache: %s', (_, config) => {
  it('equals full recomputation, token by token and in blocks', async () => {
    const text = ids(50);
    const { generator, ...tiny } = start(config);
    const all = await whole(tiny, text);
    // one block of the prompt, its border at 32, single tokens, and several at once behind them
    expectRow(await generator.advance(text.slice(0, 40)), all, 39);
    expectRow(await generator.advance(text.slice(40, 41)), all, 40);
    expectRow(await generator.advance(text.slice(41, 42)), all, 41);
    expectRow(await generator.advance(text.slice(42)), all, 49);
    expect(generator.length).toBe(50);
  });

  it('starts afresh after reset', async () => {
    const { generator, ...tiny } = start(config);
    await generator.advance(ids(20, 1));
    generator.reset();
    expect(generator.length).toBe(0);
    const text = ids(9, 2);
    expectRow(await generator.advance(text), await whole(tiny, text), 8);
  });
});

describe('the cache', () => {
  it('keeps what it holds when it grows', async () => {
    const text = ids(300);
    const { generator, ...tiny } = start({
      model_type: 'mistral',
      sliding_window: 100,
      num_hidden_layers: 2,
    });
    const all = await whole(tiny, text);
    expectRow(await generator.advance(text.slice(0, 250)), all, 249);
    for (let i = 250; i < 260; i++) expectRow(await generator.advance([text[i]!]), all, i);
    expectRow(await generator.advance(text.slice(260)), all, 299);
  });

  it('sees adapters', async () => {
    const method: Method = {
      kind: 'lora',
      dropout: 0,
      adapterOf: (module) => (module.endsWith('k_proj') ? { rank: 2, scale: 3 } : null),
    };
    const trained = Object.fromEntries(
      [0, 1].flatMap((layer) =>
        (['A', 'B'] as const).map((which) => {
          const shape = which === 'A' ? [2, 16] : [8, 2];
          const data = noise(shape[0]! * shape[1]!, layer + 10);
          return [
            peftName(`model.layers.${layer}.self_attn.k_proj`, which),
            executor.tensor('f32', shape, data),
          ];
        }),
      ),
    );
    const text = ids(12);
    const { generator, ...tiny } = start({}, method, trained);
    const logits = await generator.advance(text);
    expectRow(logits, await whole(tiny, text, method, trained), 11);
    const plain = await whole(tiny, text);
    expect([...logits]).not.toEqual([...plain.subarray(11 * 50)]);
  });
});

describe('limits', () => {
  it('says how many tokens the model reads', async () => {
    const { generator } = start({ max_position_embeddings: 16 });
    await generator.advance(ids(16));
    const error = await generator.advance([1]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).message).toBe('The text has 17 tokens. This model reads at most 16.');
  });

  it('asks for a prompt', async () => {
    const error = await start({})
      .generator.advance([])
      .catch((e: unknown) => e);
    expect((error as AppError).code).toBe('empty-prompt');
  });
});

it('takes the first of equally likely ones', () => {
  expect(likeliest(Float32Array.of(-1, 3, 2, 3))).toBe(1);
});

const LOGITS = Float32Array.of(1, 3, 2, -1, 3 - Math.log(4));
const DRAWS = 20_000;

/** Share of each id in many draws. */
function shares(sampling: Partial<Sampling>, seed = 1): number[] {
  const sample = createSampler({ temperature: 1, topP: 1, topK: 0, ...sampling }, Rng.fromSeed(seed));
  const counts = Array(LOGITS.length).fill(0);
  for (let i = 0; i < DRAWS; i++) counts[sample(LOGITS)]++;
  return counts.map((count) => count / DRAWS);
}

/** Probabilities of the ids in `kept`, at a temperature. */
function softmax(kept: readonly number[], temperature = 1): number[] {
  const weights = [...LOGITS].map((logit, id) => (kept.includes(id) ? Math.exp(logit / temperature) : 0));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

function expectShares(actual: readonly number[], expected: readonly number[]): void {
  for (const [id, share] of expected.entries()) {
    if (share === 0) expect(actual[id]).toBe(0);
    // five standard errors of a share
    else
      expect(Math.abs(actual[id]! - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / DRAWS));
  }
}

describe('sampling', () => {
  it('takes the most likely token at temperature 0, the first one of equals', () => {
    const sample = createSampler({ temperature: 0, topP: 1, topK: 0 }, Rng.fromSeed(1));
    expect(sample(LOGITS)).toBe(1);
    expect(sample(Float32Array.of(2, 5, 5, 1))).toBe(1);
    expect(sample(Float32Array.of(-7, -9, -Infinity))).toBe(0);
  });

  it.each([0.5, 1, 2])('draws as the softmax at temperature %f says', (temperature) => {
    expectShares(shares({ temperature }), softmax([0, 1, 2, 3, 4], temperature));
  });

  it('draws from the k most likely tokens', () => {
    expectShares(shares({ topK: 2 }), softmax([1, 2]));
    expectShares(shares({ topK: 1 }), softmax([1]));
    expectShares(shares({ topK: 99 }), softmax([0, 1, 2, 3, 4]));
  });

  it('draws from the fewest tokens that together have the share p', () => {
    // probabilities of ids 1, 2, 4, 0, 3: 0.563, 0.207, 0.141, 0.076, 0.010
    expectShares(shares({ topP: 0.5 }), softmax([1]));
    expectShares(shares({ topP: 0.6 }), softmax([1, 2]));
    expectShares(shares({ topP: 0.8 }), softmax([1, 2, 4]));
    expectShares(shares({ topP: 1 }), softmax([0, 1, 2, 3, 4]));
  });

  it('takes the share p of what k leaves', () => {
    // of ids 1 and 2 the first has 0.73
    expectShares(shares({ topK: 2, topP: 0.7 }), softmax([1]));
    expectShares(shares({ topK: 2, topP: 0.75 }), softmax([1, 2]));
  });

  it('repeats with its seed and only with it', () => {
    expect(shares({}, 7)).toEqual(shares({}, 7));
    expect(shares({}, 7)).not.toEqual(shares({}, 8));
  });

  it('survives logits that overflow, and almost no temperature', () => {
    const sample = createSampler({ temperature: 1e-6, topP: 1, topK: 0 }, Rng.fromSeed(1));
    expect(sample(Float32Array.of(3e38, -3e38, 0))).toBe(0);
    expect(sample(Float32Array.of(-Infinity, 5, 4.99))).toBe(1);
  });
});
