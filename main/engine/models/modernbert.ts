/** ModernBERT (Ettin): rotary positions, norms before each half of a block, a gated MLP; most layers see a window around each token. */
import type { Value } from '../ir/graph.ts';
import { mergeHeads, splitHeads } from '../nn/attention.ts';
import { type AttendBothWays, attendBothWays } from '../nn/both-ways.ts';
import { layerNormLayer, linear } from '../nn/linear-and-norm.ts';
import type { Parameters } from '../nn/parameters.ts';
import { MAIN_ROPE } from '../nn/rope.ts';
import { ACTIVATIONS, activationOf, add, gather, mul, reshape, rope, slice } from '../ops/functions.ts';
import { type ConfigReader, mismatch, readRope, unsupported } from './config-reader.ts';
import { layerKinds } from './decoder-model.ts';
import type { Encoder, EncoderFamily, EncoderInputs } from './encoder.ts';

interface ModernBertConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly mlpSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly normEps: number;
  readonly normBias: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  readonly activation: string;
  readonly maxTokens: number;
  readonly ropes: Encoder['ropes'];
  /** How far a layer sees to both sides; null for all. */
  readonly reachOf: (layer: number) => number | null;
}

const LOCAL = 'local';

export const modernbert: EncoderFamily = {
  type: 'modernbert',
  title: 'ModernBERT',
  read: (c) => modernBertModel(readConfig(c)),
  gguf: {
    architecture: 'modern-bert',
    className: 'ModernBertModel',
    keys: [
      ['block_count', 'num_hidden_layers', 'u32', 22],
      ['context_length', 'max_position_embeddings', 'u32', 8192],
      ['embedding_length', 'hidden_size', 'u32', 768],
      ['feed_forward_length', 'intermediate_size', 'u32', 1152],
      ['attention.head_count', 'num_attention_heads', 'u32', 12],
      ['attention.layer_norm_epsilon', 'norm_eps', 'f32', 1e-5],
      ['attention.sliding_window', 'local_attention', 'u32', 128],
      ['attention.sliding_window_pattern', 'global_attn_every_n_layers', 'u32', 3],
      ['rope.freq_base', 'global_rope_theta', 'f32', 160_000],
      ['rope.freq_base_swa', 'local_rope_theta', 'f32', 10_000],
    ],
    more: ({ read, has }) => ({
      hidden_activation: read('hidden_act') ?? 'gelu',
      norm_bias: has('output_norm.bias'),
      attention_bias: has('blk.0.attn_qkv.bias'),
      mlp_bias: has('blk.0.ffn_up.bias'),
      // llama.cpp's heads of rerankers read the mean
      ...(has('cls.output.weight') && {
        classifier_pooling: 'mean',
        classifier_bias: has('cls.bias'),
      }),
    }),
    names: [
      [/^embeddings\.tok_embeddings/, 'token_embd'],
      [/^embeddings\.norm/, 'token_embd_norm'],
      [/^layers\.(\d+)\.attn_norm/, 'blk.$1.attn_norm'],
      [/^layers\.(\d+)\.attn\.Wqkv/, 'blk.$1.attn_qkv'],
      [/^layers\.(\d+)\.attn\.Wo/, 'blk.$1.attn_output'],
      [/^layers\.(\d+)\.mlp_norm/, 'blk.$1.ffn_norm'],
      [/^layers\.(\d+)\.mlp\.Wi/, 'blk.$1.ffn_up'],
      [/^layers\.(\d+)\.mlp\.Wo/, 'blk.$1.ffn_down'],
      [/^final_norm/, 'output_norm'],
      [/^head\.dense/, 'cls'],
      [/^head\.norm/, 'cls.norm'],
      [/^classifier/, 'cls.output'],
    ],
  },
};

function readConfig(c: ConfigReader): ModernBertConfig {
  const hiddenSize = c.size('hidden_size', 768);
  const heads = c.size('num_attention_heads', 12);
  if (hiddenSize % heads !== 0)
    throw mismatch(`hidden_size ${hiddenSize} is not a multiple of ${heads} heads`);
  const activation = c.text('hidden_activation', 'gelu');
  if (!Object.hasOwn(ACTIVATIONS, activation))
    throw unsupported(`its activation function "${activation}" is not implemented`);
  const layers = c.size('num_hidden_layers', 22, 1000);
  const every = c.size('global_attn_every_n_layers', 3);
  const kinds = layerKinds(c, layers, ['full_attention', 'sliding_attention'], (layer) =>
    layer % every === 0 ? 'full_attention' : 'sliding_attention',
  );
  if (c.raw('rope_scaling') != null) throw unsupported('its positions are stretched (rope_scaling)');
  const maxTokens = c.size('max_position_embeddings', 8192);
  const rotation = (kind: 'full_attention' | 'sliding_attention', thetaKey: string, theta: number) =>
    readRope(c, hiddenSize / heads, maxTokens, { layers: kind, thetaKey, theta });
  // the window to one side, or that to both together
  const reach = c.optionalSize('sliding_window') ?? Math.floor(c.size('local_attention', 128) / 2);
  return {
    hiddenSize,
    heads,
    activation,
    layers,
    maxTokens,
    vocabSize: c.size('vocab_size', 50368),
    mlpSize: c.size('intermediate_size', 1152),
    normEps: c.number('norm_eps', 1e-5),
    normBias: c.flag('norm_bias', false),
    attentionBias: c.flag('attention_bias', false),
    mlpBias: c.flag('mlp_bias', false),
    ropes: new Map([
      [MAIN_ROPE, rotation('full_attention', 'global_rope_theta', 160_000)],
      [LOCAL, rotation('sliding_attention', 'local_rope_theta', 10_000)],
    ]),
    reachOf: (layer) => (kinds[layer] === 'sliding_attention' ? reach : null),
  };
}

function modernBertModel(c: ModernBertConfig): Encoder {
  return {
    modelType: 'modernbert',
    vocabSize: c.vocabSize,
    hiddenSize: c.hiddenSize,
    layers: c.layers,
    maxTokens: c.maxTokens,
    ropes: c.ropes,
    positionsOf: (ids) => ids.map((_, i) => i),
    hidden: (p, inputs) => hidden(p, c, inputs),
    storedNames: (parameter) => [parameter, `model.${parameter}`],
    isIgnored: (stored) => /^(head|decoder|classifier|cls)\./.test(stored),
  };
}

function hidden(p: Parameters, c: ModernBertConfig, inputs: EncoderInputs): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const attend = attendBothWays(inputs);
  const norm = (x: Value, module: string) => layerNormLayer(p, x, module, c.normEps, c.normBias);
  const table = p.table('embeddings.tok_embeddings.weight', [c.vocabSize, c.hiddenSize], 'embedding');
  const words = reshape(gather(table, inputs.tokens), [batch * time, c.hiddenSize]);
  let x = norm(words, 'embeddings.norm');
  for (let layer = 0; layer < c.layers; layer++) {
    const name = `layers.${layer}`;
    // what the first layer reads was normed as the embedding
    const read = layer === 0 ? x : norm(x, `${name}.attn_norm`);
    const mixed = selfAttention(p, c, layer, read, inputs, attend);
    const seen = p.graph.scoped(name, () => add(x, mixed));
    const changed = mlp(p, c, name, norm(seen, `${name}.mlp_norm`));
    x = p.graph.scoped(name, () => add(seen, changed));
  }
  return norm(x, 'final_norm');
}

function selfAttention(
  p: Parameters,
  c: ModernBertConfig,
  layer: number,
  x: Value,
  inputs: EncoderInputs,
  attend: AttendBothWays,
): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const module = `layers.${layer}.attn`;
  const h = c.hiddenSize;
  const qkv = linear(p, x, `${module}.Wqkv`, { inputs: h, outputs: 3 * h, bias: c.attentionBias });
  const reach = c.reachOf(layer);
  const { cos, sin } = inputs.rotations.get(reach === null ? MAIN_ROPE : LOCAL)!;
  const mixed = p.graph.scoped(module, () => {
    const [q, k, v] = [0, 1, 2].map((i) =>
      splitHeads(slice(qkv, 1, i * h, (i + 1) * h), batch, time, c.heads),
    ) as [Value, Value, Value];
    const turned = (z: Value) => rope(z, inputs.order, cos, sin);
    return mergeHeads(attend(turned(q), turned(k), v, (h / c.heads) ** -0.5, reach));
  });
  return linear(p, mixed, `${module}.Wo`, { inputs: h, outputs: h, bias: c.attentionBias });
}

function mlp(p: Parameters, c: ModernBertConfig, name: string, x: Value): Value {
  const module = `${name}.mlp`;
  const wide = { inputs: c.hiddenSize, outputs: 2 * c.mlpSize, bias: c.mlpBias };
  const both = linear(p, x, `${module}.Wi`, wide);
  const gated = p.graph.scoped(module, () => {
    const [input, gate] = [slice(both, 1, 0, c.mlpSize), slice(both, 1, c.mlpSize, 2 * c.mlpSize)];
    return mul(activationOf(c.activation)(input), gate);
  });
  return linear(p, gated, `${module}.Wo`, { inputs: c.mlpSize, outputs: c.hiddenSize, bias: c.mlpBias });
}
