/** Reading config.json: defaults of the classes, both spellings, and what is refused by name. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { type Model, modelInputs, outline } from '../../../../main/engine/models/model.ts';
import { readModel } from '../../../../main/engine/models/registry.ts';
import { FLAT_MIXING } from '../../../../main/engine/nn/mixing.ts';
import { Parameters } from '../../../../main/engine/nn/parameters.ts';
import { MAIN_ROPE } from '../../../../main/engine/nn/rope.ts';
import { TINY, TINY_GPT2 } from '../../../helpers/graphs.ts';

/** Attention window and scale of each layer, as the model asks for them. */
function attentionOf(model: Model): { windows: (number | null)[]; scales: number[] } {
  const graph = new Graph();
  const windows: (number | null)[] = [];
  const scales: number[] = [];
  model.hidden(new Parameters(graph, { kind: 'frozen' }), modelInputs(graph, model, 1, 2), {
    ...FLAT_MIXING,
    attend: (_, q, _k, _v, s, w) => {
      windows.push(w);
      scales.push(s);
      return q;
    },
  });
  return { windows, scales };
}

const without = (config: JsonObject, ...keys: string[]): JsonObject =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));

function refusal(config: JsonObject): AppError {
  try {
    readModel(config);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('what is refused, by name', () => {
  const cases: [what: string, config: JsonObject][] = [
    ['"bloom" are not among gpt2, llama', { ...TINY, model_type: 'bloom' }],
    ['"constructor" are not among', { ...TINY, model_type: 'constructor' }],
    ['mixture of experts (num_local_experts)', { ...TINY, num_local_experts: 8 }],
    ['mixture of experts (n_routed_experts)', { ...TINY, n_routed_experts: 64 }],
    ['mixture of experts (num_experts)', { ...TINY, model_type: 'qwen3', num_experts: 128 }],
    ['reads images (vision_config)', { ...TINY, vision_config: {} }],
    ['encoder-decoder', { ...TINY, is_encoder_decoder: true }],
    ['rotary scaling "su" is not implemented', { ...TINY, rope_scaling: { type: 'su' } }],
    ['rotary scaling "toString"', { ...TINY, rope_scaling: { rope_type: 'toString' } }],
    ['differ by layer', { ...TINY, rope_parameters: { full_attention: { rope_type: 'default' } } }],
    [
      '(partial_rotary_factor) with the scaling "linear"',
      { ...TINY, partial_rotary_factor: 0.5, rope_scaling: { type: 'linear', factor: 2 } },
    ],
    ['activation function "laplace"', { ...TINY, hidden_act: 'laplace' }],
    ['activation function "valueOf"', { ...TINY_GPT2, activation_function: 'valueOf' }],
    ['attends to an encoder', { ...TINY_GPT2, add_cross_attention: true }],
    [
      'layers of the type "linear_attention"',
      { ...TINY, model_type: 'qwen3', layer_types: ['linear_attention', 'full_attention'] },
    ],
  ];

  it.each(cases)('%s', (what, config) => {
    const error = refusal(config);
    expect(error.code).toBe('unsupported-model');
    expect(error.message).toContain(what);
    expect(error.hint).toContain('dense');
  });

  it.each<[what: string, hint: string, config: JsonObject]>([
    ['quantised with gptq', 'has no GPTQ', { ...TINY, quantization_config: { quant_method: 'gptq' } }],
    [
      'quantised with fp8',
      'ends in BF16',
      { model_type: 'mistral3', text_config: TINY, quantization_config: { quant_method: 'fp8' } },
    ],
    ['quantised with an unknown scheme', 'that it was made from', { ...TINY, quantization_config: {} }],
    ['a mixture of experts', 'Qwen3 4B', { ...TINY, model_type: 'qwen3_moe' }],
    ['(num_local_experts)', 'Granite 4.0 1B', { ...TINY, model_type: 'granitemoehybrid' }],
    [
      'state-space layers (layer_types)',
      'Granite 4.0 1B',
      { ...TINY, model_type: 'granitemoehybrid', num_local_experts: 0, layer_types: ['mamba', 'attention'] },
    ],
    ['state-space layers', 'LFM2 350M', { ...TINY, model_type: 'mamba2' }],
    ['reads texts and writes none (model_type "bert")', 'sorting and finding', { model_type: 'bert' }],
    ['reads texts and writes none', 'a model that writes', { model_type: 'distilbert' }],
    ['encoder-decoder', 'Gemma 3 270M', { model_type: 't5', is_encoder_decoder: true }],
    [
      'use_bidirectional_attention',
      'Gemma 3 270M',
      { ...TINY, model_type: 'gemma3_text', use_bidirectional_attention: true },
    ],
    [
      'attn_logit_softcapping',
      'Gemma 3 270M',
      { ...TINY, model_type: 'gemma3_text', attn_logit_softcapping: 50 },
    ],
    [
      'enable_moe_block',
      'Gemma 4 E2B',
      { model_type: 'gemma4', text_config: { ...TINY, model_type: 'gemma4_text', enable_moe_block: true } },
    ],
  ])('%s, and the nearest that is not: %s', (what, hint, config) => {
    const error = refusal(config);
    expect(error.code).toBe('unsupported-model');
    expect(error.message).toContain(what);
    expect(error.hint).toContain(hint);
  });

  it('takes counts of experts that are 0 or null for a dense model', () => {
    expect(readModel({ ...TINY, num_local_experts: 0, num_experts_per_tok: null }).family).toBe('llama');
  });
});

describe('what makes no sense', () => {
  const cases: [what: string, config: JsonObject][] = [
    ['“model_type” should be a text, but is nothing', without(TINY, 'model_type')],
    ['“hidden_size” should be a whole number', { ...TINY, hidden_size: '16' }],
    ['“hidden_size” should be a whole number', { ...TINY, hidden_size: 16.5 }],
    ['“hidden_size” should be a whole number from 1 to 16777216', { ...TINY, hidden_size: 1e15 }],
    ['“num_hidden_layers” should be a whole number from 1 to 1000', { ...TINY, num_hidden_layers: 1e6 }],
    ['“num_hidden_layers” should be', { ...TINY, num_hidden_layers: 0 }],
    ['“vocab_size” should be', { ...TINY, vocab_size: -5 }],
    ['“tie_word_embeddings” should be true or false, but is "yes"', { ...TINY, tie_word_embeddings: 'yes' }],
    ['“rms_norm_eps” should be a number', { ...TINY, rms_norm_eps: null }],
    ['“rope_scaling” should be an object, but is [1]', { ...TINY, rope_scaling: [1] }],
    ['“factor” should be a number, but is nothing', { ...TINY, rope_scaling: { type: 'linear' } }],
    ['factor is 0', { ...TINY, rope_scaling: { type: 'linear', factor: 0 } }],
    ['rope_theta is -1', { ...TINY, rope_theta: -1 }],
    ['5 dimensions of a head of 5 cannot be rotated in pairs', { ...TINY, head_dim: 5 }],
    [
      'hidden_size 16 is not a multiple of 3 heads',
      { ...without(TINY, 'head_dim'), num_attention_heads: 3, num_key_value_heads: 3 },
    ],
    ['4 attention heads cannot share 3 key-value heads', { ...TINY, num_key_value_heads: 3 }],
    ['n_embd 12 is not a multiple of n_head 5', { ...TINY_GPT2, n_head: 5 }],
    [
      'layer_types lists 1 layers, the model has 2',
      { ...TINY, model_type: 'qwen2', layer_types: ['full_attention'] },
    ],
    [
      'it has layers with sliding attention, but no sliding window',
      { ...TINY, model_type: 'qwen2', layer_types: ['sliding_attention', 'full_attention'] },
    ],
    [
      'short_factor should list 2 numbers above 0, but lists 3',
      {
        ...TINY,
        rope_scaling: { type: 'longrope', short_factor: [1, 1, 1], long_factor: [1, 1], factor: 2 },
      },
    ],
  ];
  it.each(cases)('%s', (what, config) => {
    const error = refusal(config);
    expect(error.message).toContain(what);
    expect(error.hint).not.toBe('');
  });
});

describe('defaults of the classes', () => {
  it.each([
    ['llama', 4, { vocab: 32000, positions: 2048 }],
    ['mistral', 8, { vocab: 32000, positions: 131072 }],
    ['qwen2', 32, { vocab: 151936, positions: 32768 }],
    ['qwen3', 32, { vocab: 151936, positions: 32768 }],
  ])('%s: absent sizes', (type, kvHeads, { vocab, positions }) => {
    const heads = type === 'llama' ? 4 : kvHeads;
    const model = readModel({ model_type: type, hidden_size: 8 * heads, num_attention_heads: heads });
    expect(model).toMatchObject({
      kvHeads,
      vocabSize: vocab,
      maxPositions: positions,
      layers: 32,
      tiedHead: false,
    });
    expect(model.headDim).toBe(type === 'qwen3' ? 128 : 8);
    expect(model.ropes.get(MAIN_ROPE)).toMatchObject({ theta: 10000, scaling: { type: 'default' } });
  });

  it('null means "as many as heads" and "hidden over heads", absent the class’s number', () => {
    const asNull = { ...TINY, model_type: 'qwen3', num_key_value_heads: null, head_dim: null };
    expect(readModel(asNull)).toMatchObject({ kvHeads: 4, headDim: 4 });
    expect(readModel({ ...without(asNull, 'head_dim') }).headDim).toBe(128);
  });

  it('gpt2: sizes, tied head, four times as wide in between', () => {
    const model = readModel({ model_type: 'gpt2' });
    expect(model).toMatchObject({
      vocabSize: 50257,
      hiddenSize: 768,
      layers: 12,
      heads: 12,
      maxPositions: 1024,
    });
    expect(model.tiedHead).toBe(true);
    expect(outline(model).parameters.get('transformer.h.0.mlp.c_fc.weight')!.shape).toEqual([768, 3072]);
  });

  it('counts the parameters of GPT-2 and Llama-3.2-1B as they are known', () => {
    expect(outline(readModel({ model_type: 'gpt2' })).parameterCount).toBe(124_439_808);
    const llama = {
      model_type: 'llama',
      vocab_size: 128256,
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 16,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      tie_word_embeddings: true,
    };
    expect(outline(readModel(llama)).parameterCount).toBe(1_235_814_400);
  });
});

describe('biases and norms', () => {
  const names = (config: JsonObject) => [...outline(readModel({ ...TINY, ...config })).parameters.keys()];
  const parts = (config: JsonObject, end: string) =>
    names(config)
      .filter((name) => name.startsWith('model.layers.0.') && name.endsWith(end))
      .map((name) => name.split('.').at(-2));

  it.each([
    ['llama', {}, []],
    ['llama', { attention_bias: true }, ['q_proj', 'k_proj', 'v_proj', 'o_proj']],
    ['llama', { mlp_bias: true }, ['gate_proj', 'up_proj', 'down_proj']],
    ['mistral', { attention_bias: true }, []],
    ['qwen2', {}, ['q_proj', 'k_proj', 'v_proj']],
    ['qwen3', {}, []],
    ['qwen3', { attention_bias: true }, ['q_proj', 'k_proj', 'v_proj', 'o_proj']],
  ])('%s with %j', (model_type, more, expected) => {
    expect(parts({ model_type, ...more }, '.bias').sort()).toEqual([...expected].sort());
  });

  it('Qwen3, Gemma and OLMo norm queries and keys', () => {
    const types = [
      'llama',
      'mistral',
      'qwen2',
      'qwen3',
      'smollm3',
      'gemma3_text',
      'phi3',
      'granite',
      'olmo2',
      'olmo3',
    ];
    const normed = types.filter((model_type) =>
      names({ model_type }).some((name) => name.endsWith('q_norm.weight')),
    );
    expect(normed).toEqual(['qwen3', 'gemma3_text', 'olmo2', 'olmo3']);
  });
});

describe('sliding windows', () => {
  const windows = (config: JsonObject) =>
    attentionOf(readModel({ ...TINY, num_hidden_layers: 3, ...config })).windows;
  it.each<[JsonObject, (number | null)[]]>([
    [{ model_type: 'llama', sliding_window: 7 }, [null, null, null]],
    [{ model_type: 'mistral' }, [4096, 4096, 4096]],
    [{ model_type: 'mistral', sliding_window: null }, [null, null, null]],
    [{ model_type: 'mistral', sliding_window: 7 }, [7, 7, 7]],
    [{ model_type: 'qwen2', sliding_window: 7, max_window_layers: 1 }, [null, null, null]],
    [
      { model_type: 'qwen2', use_sliding_window: true, sliding_window: 7, max_window_layers: 1 },
      [null, 7, 7],
    ],
    [{ model_type: 'qwen3', use_sliding_window: true, max_window_layers: 2 }, [null, null, 4096]],
    [
      { model_type: 'qwen3', use_sliding_window: true, sliding_window: null, max_window_layers: 0 },
      [null, null, null],
    ],
    [
      {
        model_type: 'qwen2',
        use_sliding_window: true,
        sliding_window: 7,
        layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],
      },
      [7, null, 7],
    ],
  ])('%j', (config, expected) => expect(windows(config)).toEqual(expected));
});

describe('GPT-2’s attention scale', () => {
  it.each<[JsonObject, number[]]>([
    [{}, [0.5, 0.5]],
    [{ scale_attn_weights: false }, [1, 1]],
    [{ scale_attn_by_inverse_layer_idx: true }, [0.5, 0.25]],
    [{ reorder_and_upcast_attn: true }, [0.5, 0.5]],
  ])('%j', (config, expected) =>
    expect(attentionOf(readModel({ ...TINY_GPT2, ...config })).scales).toEqual(expected),
  );
});

describe('rotary settings', () => {
  const rope = (config: JsonObject) =>
    readModel({ ...TINY, max_position_embeddings: 128, ...config }).ropes.get(MAIN_ROPE)!;

  it('come in both spellings', () => {
    const scaling = { rope_type: 'linear', factor: 4 };
    const newer = rope({ rope_parameters: { ...scaling, rope_theta: 500000 } });
    expect(newer).toEqual({ width: 4, theta: 500000, scaling: { type: 'linear', factor: 4 } });
    expect(rope({ rope_theta: 500000, rope_scaling: scaling })).toEqual(newer);
    expect(rope({ rope_theta: 500000, rope_scaling: { type: 'linear', factor: 4 } })).toEqual(newer);
  });

  it('follow rope_scaling where both spellings stand side by side, unless it is empty', () => {
    const rope_parameters = { rope_type: 'linear', factor: 4 };
    expect(rope({ rope_parameters, rope_scaling: { type: 'linear', factor: 2 } }).scaling).toMatchObject({
      factor: 2,
    });
    expect(rope({ rope_parameters, rope_scaling: null }).scaling).toMatchObject({ factor: 4 });
    expect(rope({ rope_parameters, rope_scaling: {} }).scaling).toMatchObject({ factor: 4 });
  });

  it('ignore a partial factor without scaling, as the classes of these families do', () => {
    expect(rope({ partial_rotary_factor: 0.5 }).width).toBe(4);
  });

  it('of yarn: defaults, attention factor from the factor or from two scales', () => {
    const yarn = (more: JsonObject) => rope({ rope_scaling: { type: 'yarn', factor: 4, ...more } }).scaling;
    expect(yarn({})).toEqual({
      type: 'yarn',
      factor: 4,
      originalPositions: 128,
      betaFast: 32,
      betaSlow: 1,
      truncate: true,
      attentionFactor: 0.1 * Math.log(4) + 1,
    });
    expect(yarn({ attention_factor: 1.5, mscale: 2, mscale_all_dim: 1 })).toMatchObject({
      attentionFactor: 1.5,
    });
    const both = (0.1 * 2 * Math.log(4) + 1) / (0.1 * Math.log(4) + 1);
    expect(yarn({ mscale: 2, mscale_all_dim: 1 })).toMatchObject({ attentionFactor: both });
    expect(yarn({ mscale: 2 })).toMatchObject({ attentionFactor: 0.1 * Math.log(4) + 1 });
    expect(yarn({ factor: null, original_max_position_embeddings: 16 })).toMatchObject({ factor: 8 });
    expect(yarn({ beta_fast: 0, truncate: null })).toMatchObject({ betaFast: 32, truncate: false });
  });

  it('take the original length from beside the settings before that in them', () => {
    const inside = { type: 'yarn', factor: 4, original_max_position_embeddings: 32 };
    expect(rope({ rope_scaling: inside }).scaling).toMatchObject({ originalPositions: 32 });
    const beside = rope({ rope_scaling: inside, original_max_position_embeddings: 64 });
    expect(beside.scaling).toMatchObject({ originalPositions: 64 });
  });

  it('of dynamic scaling let the model read on', () => {
    const model = readModel({
      ...TINY,
      max_position_embeddings: 128,
      rope_scaling: { type: 'dynamic', factor: 4 },
    });
    expect(model.maxPositions).toBe(512);
    expect(model.ropes.get(MAIN_ROPE)!.scaling).toEqual({
      type: 'dynamic',
      factor: 4,
      originalPositions: 128,
    });
  });
});
