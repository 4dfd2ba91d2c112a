/** Many prompts at once against one at a time: the answers must be the same whatever shares a batch with them. */
import { afterAll, describe, expect, it, test } from 'vitest';
import type { AppError } from '../../../../common/errors.ts';
import { Decoders, generateAll } from '../../../../main/engine/eval/batch-generator.ts';
import { drawnFrom, Generator, likeliest } from '../../../../main/engine/eval/generator.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { Rng, streamSeed } from '../../../../main/rows/rng.ts';
import { NEWER, noise, tinyModel } from '../../../helpers/graphs.ts';

const executor = await openExecutor('ort', { threads: 1 });

function ids(count: number, seed: number): number[] {
  return [...noise(count, seed)].map((x) => Math.floor((x + 1) * 25));
}

function start(config: JsonObject = {}) {
  const { model, source } = tinyModel(config);
  return { executor, model, weights: source, method: { kind: 'frozen' as const }, trained: {} };
}

/** One for each model: what it has compiled stays, and what it has read is forgotten. */
const generators = new Map<object, Generator>();
afterAll(async () => {
  for (const generator of generators.values()) await generator.release();
});

async function oneByOne(parts: ReturnType<typeof start>, prompt: readonly number[], most: number) {
  const generator = generators.get(parts) ?? new Generator(parts);
  generators.set(parts, generator);
  generator.reset();
  const answer: number[] = [];
  let logits = await generator.advance(prompt);
  for (;;) {
    const id = likeliest(logits);
    if (STOPS.includes(id)) break;
    answer.push(id);
    if (answer.length === most) break;
    logits = await generator.advance([id]);
  }
  return answer;
}

/** A tenth of the vocabulary, so that the tiny models end some answers and not others. */
const STOPS = [3, 7, 19, 28, 44];

/** Prompts of more than 40 tokens turn otherwise from their first token on. */
const LONGROPE = {
  rope_type: 'longrope',
  rope_theta: 10000,
  original_max_position_embeddings: 40,
  short_factor: Array(2).fill(1),
  long_factor: Array(2).fill(8),
};

/** Phi, whose keys are all made again where a sequence passes these 40 tokens. */
const PHI = { model_type: 'phi3', original_max_position_embeddings: 40, rope_parameters: LONGROPE };

describe.each<[string, JsonObject]>([
  ['llama', {}],
  ['gpt2', { model_type: 'gpt2', n_positions: 512 }],
  [
    'windows in some layers',
    { model_type: 'qwen2', use_sliding_window: true, sliding_window: 9, max_window_layers: 1 },
  ],
  ['rotation that depends on the length', { rope_parameters: LONGROPE }],
  ['rotation whose keys are read again past a length', PHI],
  ['short convolutions', NEWER.LFM2!],
  ['delta rules', NEWER['Qwen3.5']!],
])('%s', (_, config) => {
  it('gives each prompt the answer that it gets alone', async () => {
    const parts = start({
      max_position_embeddings: 512,
      num_hidden_layers: config.layer_types ? 3 : 2,
      ...config,
    });
    // more prompts than slots, of different lengths, so that slots are used again and blocks end anywhere
    const requests = Array.from({ length: 40 }, (_, i) => ({
      prompt: ids(1 + ((i * 37) % 150), i),
      maxNewTokens: 1 + (i % 9),
    }));
    const answers = await generateAll(parts, requests, { stopIds: STOPS });
    for (const [i, { prompt, maxNewTokens }] of requests.entries())
      expect(answers[i]!.ids, `prompt ${i}`).toEqual(await oneByOne(parts, prompt, maxNewTokens));
    expect(new Set(answers.map(({ stopReason }) => stopReason))).toEqual(new Set(['end', 'length']));
  });
});

it('has two programs at a time, each of which maps all weights', async () => {
  const parts = start({ max_position_embeddings: 512 });
  let [alive, most, compiled] = [0, 0, 0];
  const compile: typeof executor.compile = async (...args) => {
    const program = await executor.compile(...args);
    compiled++;
    most = Math.max(most, ++alive);
    const release = async () => {
      alive--;
      await program.release();
    };
    return { run: program.run.bind(program), release };
  };
  const requests = Array.from({ length: 60 }, (_, i) => ({
    prompt: [...ids(20, 9), ...ids(1 + ((i * 37) % 60), i)],
    maxNewTokens: 1 + (i % 9),
  }));
  const answers = await generateAll({ ...parts, executor: { ...executor, compile } }, requests, {
    stopIds: STOPS,
  });
  expect([most, alive]).toEqual([2, 0]);
  expect(compiled).toBeGreaterThan(2);
  for (const i of [0, 17, 42])
    expect(answers[i]!.ids).toEqual(await oneByOne(parts, requests[i]!.prompt, requests[i]!.maxNewTokens));
});

describe('a beginning that all prompts share', () => {
  it.each<[string, JsonObject]>([
    ['keys and values', {}],
    ['states', { num_hidden_layers: 3, ...NEWER['Qwen3.5'] }],
    ['a rotation by length', { rope_parameters: { ...LONGROPE, original_max_position_embeddings: 110 } }],
  ])('changes nothing: %s', async (_, config) => {
    const parts = start({ max_position_embeddings: 512, ...config });
    const common = ids(100, 99);
    const requests = Array.from({ length: 35 }, (_, i) => ({
      prompt: [...common, ...ids(1 + (i % 20), i)],
      maxNewTokens: 6,
    }));
    const answers = await generateAll(parts, requests, { stopIds: STOPS });
    for (const i of [0, 1, 19, 20, 33, 34])
      expect(answers[i]!.ids).toEqual(await oneByOne(parts, requests[i]!.prompt, 6));
  });

  it('may be the whole of the shortest prompt', async () => {
    const parts = start({ max_position_embeddings: 512 });
    const prompt = ids(40, 3);
    const [a, b] = await generateAll(
      parts,
      [
        { prompt, maxNewTokens: 5 },
        { prompt, maxNewTokens: 5 },
      ],
      { stopIds: [] },
    );
    expect(a).toEqual(b);
    expect(a!.ids).toHaveLength(5);
  });
});

describe('answers that are decided', () => {
  it('end there, and are what the whole ones begin with', async () => {
    const parts = start({ max_position_embeddings: 512 });
    const requests = Array.from({ length: 50 }, (_, i) => ({
      prompt: ids(3 + (i % 40), i),
      maxNewTokens: 20,
    }));
    const whole = await generateAll(parts, requests, { stopIds: STOPS });
    const decided = requests.map((request, i) => ({
      ...request,
      isDecided: (said: readonly number[]) => i % 3 !== 0 && said.length >= i % 7,
    }));
    const cut = await generateAll(parts, decided, { stopIds: STOPS });
    const most = (i: number) => (i % 3 === 0 ? 20 : Math.max(1, i % 7));
    expect(cut.map(({ ids: said }) => said)).toEqual(whole.map(({ ids: said }, i) => said.slice(0, most(i))));
    expect(new Set(cut.map(({ stopReason }) => stopReason))).toEqual(new Set(['end', 'length', 'decided']));
  });
});

describe('answers that are drawn', () => {
  const parts = start({ max_position_embeddings: 512 });
  const requests = (seed: number, temperature: number) =>
    Array.from({ length: 12 }, (_, i) => ({
      ...{ prompt: ids(9, 5), maxNewTokens: 12 },
      choose: drawnFrom(temperature, Rng.fromSeed(streamSeed(seed, i))),
    }));
  const said = async (...asked: Parameters<typeof requests>) =>
    (await generateAll(parts, requests(...asked), { stopIds: [] })).map((one) => one.ids.join(' '));

  it('differ by their seeds, and are the same again by the same ones', async () => {
    const first = await said(1, 1);
    expect(new Set(first).size).toBeGreaterThan(6);
    expect(await said(1, 1)).toEqual(first);
    expect(await said(2, 1)).not.toEqual(first);
  });

  it('are the likeliest where the temperature is next to nothing', async () => {
    const [greedy] = await generateAll(parts, [{ prompt: ids(9, 5), maxNewTokens: 12 }], { stopIds: [] });
    expect(new Set(await said(1, 1e-4))).toEqual(new Set([greedy!.ids.join(' ')]));
  });
});

test('tokens are drawn as often as they are likely', () => {
  const draw = drawnFrom(2, Rng.fromSeed(3));
  const logits = Float32Array.from([0, 2 * Math.log(3), Number.NEGATIVE_INFINITY]);
  const drawn = Array.from({ length: 4000 }, () => draw(logits));
  expect(drawn.filter((id) => id === 1).length / 4000).toBeCloseTo(0.75, 1);
  expect(drawn).not.toContain(2);
});

describe('batch after batch', () => {
  it('answers as each would alone, whatever was kept of the one before', async () => {
    const parts = start({ max_position_embeddings: 512 });
    const decoders = new Decoders(parts);
    const common = ids(30, 77);
    const batches = [
      Array.from({ length: 33 }, (_, i) => [...common, ...ids(1 + (i % 9), i)]),
      Array.from({ length: 5 }, (_, i) => ids(20 + i, i)),
      Array.from({ length: 20 }, (_, i) => [...common, ...ids(150 + i, i)]),
    ];
    for (const prompts of [...batches, batches[0]!]) {
      const answers = await decoders.answer(
        prompts.map((prompt) => ({ prompt, maxNewTokens: 5 })),
        { stopIds: STOPS },
      );
      for (const i of [0, 3, prompts.length - 1])
        expect(answers[i]!.ids).toEqual(await oneByOne(parts, prompts[i]!, 5));
    }
    await decoders.release();
  });
});

describe('limits', () => {
  it('ends where the model reads no further', async () => {
    const parts = start({ max_position_embeddings: 64 });
    const [answer] = await generateAll(parts, [{ prompt: ids(60, 1), maxNewTokens: 50 }], { stopIds: [] });
    // the token after the last position is said and not read
    expect(answer).toMatchObject({ stopReason: 'length', ids: { length: 5 } });
  });

  it.each([
    ['empty-prompt', []],
    ['context-full', ids(65, 1)],
  ])('refuses a prompt: %s', async (code, prompt) => {
    const parts = start({ max_position_embeddings: 64 });
    const error = await generateAll(parts, [{ prompt, maxNewTokens: 1 }], { stopIds: [] }).catch((e) => e);
    expect((error as AppError).code).toBe(code);
  });

  it('stops when asked', async () => {
    const stop = new AbortController();
    const requests = Array.from({ length: 4 }, (_, i) => ({ prompt: ids(5, i), maxNewTokens: 500 }));
    const onProgress = () => stop.abort();
    const short = { prompt: ids(3, 9), maxNewTokens: 1 };
    const going = generateAll(start({ max_position_embeddings: 512 }), [short, ...requests], {
      stopIds: [],
      stop: stop.signal,
      onProgress,
    });
    await expect(going).rejects.toThrow();
  });
});
