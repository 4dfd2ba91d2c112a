/** LFM2 and Qwen3.5: which layers are what, in all spellings; what is refused by name; what decays; layouts in GGUF files. */
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { fromGguf, layoutShape, toGguf } from '../../../../main/engine/models/gguf-layout.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import { ggufArchitecture, readModel } from '../../../../main/engine/models/registry.ts';
import { isDecayed } from '../../../../main/engine/nn/parameters.ts';
import { NEWER, noise, TINY } from '../../../helpers/graphs.ts';

const SIZES = { ...TINY, num_hidden_layers: 3 };
const LFM2: JsonObject = { ...SIZES, model_type: 'lfm2' };
const QWEN: JsonObject = { ...SIZES, ...NEWER['Qwen3.5'] };
const { layer_types: _, ...PLAIN_QWEN } = QWEN;

const shapesOf = (config: JsonObject) => outline(readModel(config)).parameters;
const described = (config: JsonObject) => {
  const model = readModel(config);
  return { config, model, outline: outline(model) };
};

/** A letter for each layer: whether it attends. */
function kindsOf(config: JsonObject): string {
  const names = [...shapesOf(config).keys()];
  const layers = readModel(config).layers;
  return Array.from({ length: layers }, (_, layer) =>
    names.some((name) => name.startsWith(`model.layers.${layer}.self_attn.`)) ? 'a' : '-',
  ).join('');
}

describe('LFM2', () => {
  it.each<[JsonObject, number]>([
    [{ intermediate_size: 12288 }, 8192],
    [{ block_ff_dim: 6656, intermediate_size: 12288 }, 4608],
    [{ intermediate_size: 84, block_ffn_dim_multiplier: 1.3, block_multiple_of: 10 }, 80],
    [{ intermediate_size: 84, block_ffn_dim_multiplier: null, block_multiple_of: 10 }, 60],
    [{ intermediate_size: 84, block_auto_adjust_ff_dim: false }, 84],
  ])('has an MLP with %j as wide as its class makes it', (more, width) => {
    expect(shapesOf({ ...LFM2, ...more }).get('model.layers.0.feed_forward.w1.weight')!.shape).toEqual([
      width,
      16,
    ]);
  });

  it.each<[JsonObject, string]>([
    [{ layer_types: ['conv', 'full_attention', 'conv'] }, '-a-'],
    [{ full_attn_idxs: [2] }, '--a'],
    [{ full_attn_idxs: null }, 'aaa'],
    [{ layer_types: ['conv', 'conv', 'full_attention'], full_attn_idxs: [0] }, '--a'],
    [{}, 'aaa'],
  ])('says with %j which layers attend', (more, kinds) => {
    expect(kindsOf({ ...LFM2, ...more })).toBe(kinds);
  });

  it('is tied as the older key says, where it is there', () => {
    expect(readModel(LFM2).tiedHead).toBe(true);
    expect(readModel({ ...LFM2, tie_embedding: false, tie_word_embeddings: true }).tiedHead).toBe(false);
  });

  it.each<[string, JsonObject]>([
    ['layers of the type "mamba"', { layer_types: ['conv', 'mamba', 'conv'] }],
    ['layer_types lists 1 layers', { layer_types: ['conv'] }],
    ['see a single token (conv_L_cache)', { conv_L_cache: 1 }],
  ])('is refused by name: %s', (what, more) => {
    expect(() => readModel({ ...LFM2, ...more })).toThrow(what);
  });

  it('tells llama.cpp which layers attend by their key-value heads', () => {
    const config = { ...LFM2, layer_types: ['conv', 'full_attention', 'conv'] };
    const { entries } = ggufArchitecture(described(config));
    const values = Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
    expect(values['lfm2.attention.head_count_kv']).toEqual([0, 2, 0]);
    expect(values['lfm2.feed_forward_length']).toBe(256);
    expect(() => ggufArchitecture(described({ ...config, conv_bias: true }))).toThrow('conv_bias');
  });
});

describe('Qwen3.5', () => {
  it.each<[JsonObject, string]>([
    [{}, '---a'],
    [{ full_attention_interval: 2 }, '-a-a'],
    [{ layer_types: ['full_attention', 'linear_attention', 'linear_attention', 'linear_attention'] }, 'a---'],
  ])('says with %j which layers attend', (more, kinds) => {
    expect(kindsOf({ ...PLAIN_QWEN, num_hidden_layers: 4, ...more })).toBe(kinds);
  });

  it('rotates a quarter of each head unless it is told otherwise', () => {
    const width = (more: JsonObject) => readModel({ ...QWEN, ...more }).ropes.get('main')!.width;
    expect([width({}), width({ partial_rotary_factor: 0.5 })]).toEqual([2, 4]);
    expect(width({ rope_parameters: { rope_type: 'default', partial_rotary_factor: 1 } })).toBe(8);
  });

  it.each<[string, JsonObject]>([
    ['3 value heads cannot share 2 key heads', { linear_num_value_heads: 3 }],
    [
      'layers of the type "sliding_attention"',
      { layer_types: ['sliding_attention', 'full_attention', 'full_attention'] },
    ],
    ['see a single token (linear_conv_kernel_dim)', { linear_conv_kernel_dim: 1 }],
  ])('is refused by name: %s', (what, more) => {
    expect(() => readModel({ ...QWEN, ...more })).toThrow(what);
  });

  it('is refused as GGUF where llama.cpp has not what it is', () => {
    expect(() => ggufArchitecture(described(QWEN))).toThrow('wider or narrower than key heads');
    const same = { ...QWEN, linear_value_head_dim: 8 };
    expect(() => ggufArchitecture(described(same))).not.toThrow();
    const odd = { ...same, layer_types: ['full_attention', 'linear_attention', 'full_attention'] };
    expect(() => ggufArchitecture(described(odd))).toThrow('every n-th');
  });
});

it('filters and speeds of decay decay as matrices do, their biases and norms do not', () => {
  const all = [
    ...shapesOf(QWEN),
    ...shapesOf({ ...LFM2, layer_types: ['conv', 'conv', 'conv'], conv_bias: true }),
  ];
  const found = new Map(
    all.flatMap(([name, { kind }]) =>
      name.includes('layers.0.') ? [[name.slice(15), isDecayed(kind)]] : [],
    ),
  );
  const decayed = [...found].flatMap(([name, is]) => (is ? [name] : []));
  expect(decayed).toEqual(
    expect.arrayContaining(['linear_attn.A_log', 'linear_attn.conv1d.weight', 'conv.conv.weight']),
  );
  for (const name of [
    'linear_attn.dt_bias',
    'linear_attn.norm.weight',
    'operator_norm.weight',
    'conv.conv.bias',
  ])
    expect(found.get(name), name).toBe(false);
});

describe('in GGUF files', () => {
  it.each<[string, JsonObject]>([
    ['LFM2', { ...LFM2, layer_types: ['conv', 'full_attention', 'conv'] }],
    ['Qwen3.5', QWEN],
  ])('every parameter of %s has a place of its own, and comes back as it was', (_name, config) => {
    const { model, outline: found } = described(config);
    const names = [...found.parameters.keys()].map((name) => model.ggufSource(name).name);
    expect(new Set(names).size).toBe(names.length);
    for (const [name, { shape }] of found.parameters) {
      const { transform } = model.ggufSource(name);
      const values = noise(sizeOf(shape), 3);
      const stored = toGguf(values, shape, transform);
      const back = fromGguf(stored, layoutShape(shape, transform), transform);
      back.forEach((value, i) => {
        expect(Math.abs(value - values[i]!), `${name} ${i}`).toBeLessThan(1e-6);
      });
    }
  });

  it('value heads that share a key head lie one key head apart', () => {
    const { model } = described(QWEN);
    const { transform } = model.ggufSource('model.layers.0.linear_attn.dt_bias');
    // two for each of two key heads
    expect([...toGguf(Float32Array.of(0, 1, 2, 3), [4], transform)]).toEqual([0, 2, 1, 3]);
    const speeds = model.ggufSource('model.layers.0.linear_attn.A_log');
    expect(speeds.name).toBe('blk.0.ssm_a');
    expect([...toGguf(Float32Array.of(0, 0, 0, 0), [4], speeds.transform)]).toEqual([-1, -1, -1, -1]);
  });
});
