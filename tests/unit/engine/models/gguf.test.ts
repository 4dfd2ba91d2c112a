/** What a GGUF file's metadata says, as a config.json; and the layouts of its tensors. */
import { describe, expect, it } from 'vitest';
import type { StoredTensor, TensorStore } from '../../../../main/engine/io/tensor-store.ts';
import { fromGguf, toGguf } from '../../../../main/engine/models/gguf-layout.ts';
import { configFromGguf, readModel } from '../../../../main/engine/models/registry.ts';
import { MAIN_ROPE } from '../../../../main/engine/nn/rope.ts';
import { failure } from '../io/fixtures.ts';

function store(metadata: Record<string, unknown>, tensors: Record<string, number[]> = {}): TensorStore {
  const entries = Object.entries({ 'token_embd.weight': [50, 16], ...tensors }).map(
    ([name, shape]): [string, StoredTensor] => [
      name,
      { name, dtype: 'f32', shape, file: 'x.gguf', offset: 0, bytes: 4 * shape.reduce((a, b) => a * b, 1) },
    ],
  );
  return {
    kind: 'gguf',
    metadata: new Map(Object.entries(metadata)),
    tensors: new Map(entries),
    readF32: async () => Float32Array.of(1, 2),
    close: async () => {},
  };
}

const LLAMA = {
  'general.architecture': 'llama',
  'llama.embedding_length': 16,
  'llama.feed_forward_length': 24,
  'llama.block_count': 2,
  'llama.attention.head_count': 4,
  'llama.attention.head_count_kv': 2,
  'llama.context_length': 128n,
  'llama.rope.freq_base': 100000,
  'llama.attention.layer_norm_rms_epsilon': Math.fround(1e-5),
  'tokenizer.ggml.eos_token_id': 2,
};

describe('configFromGguf', () => {
  it('reads a llama file', async () => {
    const config = await configFromGguf(store(LLAMA));
    expect(config).toMatchObject({
      model_type: 'llama',
      hidden_size: 16,
      max_position_embeddings: 128,
      rms_norm_eps: 1e-5,
      rope_theta: 100000,
      vocab_size: 50,
      tie_word_embeddings: true,
      attention_bias: false,
      eos_token_id: 2,
    });
    expect(readModel(config)).toMatchObject({ headDim: 4, kvHeads: 2, layers: 2 });
  });

  it('sees biases, an own head and rotary divisors by their tensors', async () => {
    const config = await configFromGguf(
      store(LLAMA, {
        'output.weight': [50, 16],
        'blk.0.attn_q.bias': [16],
        'blk.0.ffn_up.bias': [24],
        'rope_freqs.weight': [2],
      }),
    );
    expect(config).toMatchObject({ tie_word_embeddings: false, attention_bias: true, mlp_bias: true });
    expect(readModel(config).ropes.get(MAIN_ROPE)!.scaling).toEqual({ type: 'divisors', divisors: [1, 2] });
  });

  it('reads yarn and linear scaling', async () => {
    const scaled = (type: string) => ({
      ...LLAMA,
      'llama.rope.scaling.type': type,
      'llama.rope.scaling.factor': 4,
      'llama.rope.scaling.original_context_length': 32,
    });
    const scalingOf = async (type: string) =>
      readModel(await configFromGguf(store(scaled(type)))).ropes.get(MAIN_ROPE)!.scaling;
    expect(await scalingOf('yarn')).toMatchObject({ type: 'yarn', factor: 4, originalPositions: 32 });
    expect(await scalingOf('linear')).toEqual({ type: 'linear', factor: 4 });
    const own = { ...scaled('yarn'), 'llama.rope.scaling.attn_factor': 1.5 };
    const { scaling } = readModel(await configFromGguf(store(own))).ropes.get(MAIN_ROPE)!;
    expect(scaling).toMatchObject({ attentionFactor: 1.5 * (1 + 0.1 * Math.log(4)) });
    expect(await scalingOf('none')).toEqual({ type: 'default' });
    const older = await configFromGguf(store({ ...LLAMA, 'llama.rope.scale_linear': 2 }));
    expect(readModel(older).ropes.get(MAIN_ROPE)!.scaling).toEqual({ type: 'linear', factor: 2 });
  });

  it('reads Qwen and GPT-2 files', async () => {
    const renamed = (architecture: string) =>
      Object.fromEntries(
        Object.entries(LLAMA).map(([key, value]) => [key.replace(/^llama/, architecture), value]),
      );
    for (const architecture of ['qwen2', 'qwen3']) {
      const metadata = {
        ...renamed(architecture),
        'general.architecture': architecture,
        [`${architecture}.attention.key_length`]: 8,
      };
      expect(readModel(await configFromGguf(store(metadata)))).toMatchObject({
        modelType: architecture,
        headDim: 8,
      });
    }
    const gpt2 = {
      ...renamed('gpt2'),
      'general.architecture': 'gpt2',
      'gpt2.attention.layer_norm_epsilon': Math.fround(1e-5),
    };
    expect(readModel(await configFromGguf(store(gpt2)))).toMatchObject({
      modelType: 'gpt2',
      maxPositions: 128,
    });
  });

  it.each([
    ['architecture "mamba"', { 'general.architecture': 'mamba' }],
    ['architecture "constructor"', { 'general.architecture': 'constructor' }],
    ['mixture of experts (expert_count)', { ...LLAMA, 'llama.expert_count': 8 }],
    [
      'rope.scaling.yarn_attn_factor',
      { ...LLAMA, 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.yarn_attn_factor': 1.2 },
    ],
    ['sliding window', { ...LLAMA, 'llama.attention.sliding_window': 4096 }],
  ])('refuses: %s', async (what, metadata) => {
    const error = await failure(configFromGguf(store(metadata)));
    expect(error.code).toBe('unsupported-model');
    expect(error.message).toContain(what);
  });

  it('says of an encoder what it is for', async () => {
    const error = await failure(configFromGguf(store({ 'general.architecture': 'nomic-bert' })));
    expect(error.message).toContain('reads texts and writes none (general.architecture "nomic-bert")');
    expect(error.hint).toContain('sorting and finding texts');
  });
});

describe('layouts', () => {
  it('puts interleaved rows of q and k back into halves', () => {
    // one head of 6 rows and a second one: rows 0 1 2 3 4 5 are stored as 0 3 1 4 2 5
    const stored = Float32Array.of(0, 3, 1, 4, 2, 5, 10, 13, 11, 14, 12, 15);
    expect([...fromGguf(stored, [12, 1], { kind: 'unpermute', heads: 2 })]).toEqual([
      0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15,
    ]);
  });

  it('does so for biases, which have one axis', () => {
    expect([...fromGguf(Float32Array.of(0, 2, 1, 3), [4], { kind: 'unpermute', heads: 1 })]).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it('transposes GPT-2’s matrices', () => {
    expect([...fromGguf(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], { kind: 'transpose' })]).toEqual([
      1, 4, 2, 5, 3, 6,
    ]);
  });

  it('shift by a number', () => {
    const shifted = { kind: 'shift', by: 1 } as const;
    expect([...toGguf(Float32Array.of(-0.5, 2), [2], shifted)]).toEqual([0.5, 3]);
    expect([...fromGguf(Float32Array.of(0.5, 3), [2], shifted)]).toEqual([-0.5, 2]);
  });

  it('asks for the permutation in llama files only, of q and k only', () => {
    const sources = (model_type: string) =>
      ['q', 'k', 'v', 'o'].map(
        (x) =>
          readModel({
            model_type,
            hidden_size: 16,
            num_attention_heads: 4,
            num_key_value_heads: 2,
          }).ggufSource(`model.layers.3.self_attn.${x}_proj.weight`).transform,
      );
    expect(sources('llama')).toEqual([
      { kind: 'unpermute', heads: 4 },
      { kind: 'unpermute', heads: 2 },
      { kind: 'none' },
      { kind: 'none' },
    ]);
    expect(sources('qwen2').every(({ kind }) => kind === 'none')).toBe(true);
  });
});
