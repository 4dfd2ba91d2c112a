/** GPT-2: learned positions, layer norm, one fused projection for q, k and v, matrices stored [in,out]. */
import { internal } from '../../../common/errors.ts';
import type { Value } from '../ir/graph.ts';
import { type Attend, mergeHeads, splitHeads } from '../nn/attention.ts';
import { layerNormLayer, linear } from '../nn/linear-and-norm.ts';
import type { Parameters } from '../nn/parameters.ts';
import { lookUp, type TableShape, tableOf, withNewRows } from '../nn/table.ts';
import { ACTIVATIONS, activationOf, add, gather, reshape, slice } from '../ops/functions.ts';
import { ConfigReader, mismatch, unsupported } from './config-reader.ts';
import type { Family, PublishedModel } from './family.ts';
import { f32, notInGguf, requireActivation, u32 } from './gguf.ts';
import type { Model, ModelInputs } from './model.ts';

interface Gpt2Config extends TableShape {
  readonly mlpSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly maxPositions: number;
  readonly normEps: number;
  readonly activation: string;
  readonly scaleOf: (layer: number) => number;
  readonly tiedHead: boolean;
}

/** All have 1,024 positions, and an MLP four times as wide as the model. */
const published = (name: string, layers: number, width: number, heads: number): PublishedModel => [
  name,
  layers,
  width,
  heads,
  heads,
  4 * width,
  50_257,
  true,
  1024,
];

const PUBLISHED = {
  'distilbert/distilgpt2': published('DistilGPT-2', 6, 768, 12),
  'openai-community/gpt2': published('GPT-2', 12, 768, 12),
  'openai-community/gpt2-medium': published('GPT-2 medium', 24, 1024, 16),
  'openai-community/gpt2-large': published('GPT-2 large', 36, 1280, 20),
  'openai-community/gpt2-xl': published('GPT-2 xl', 48, 1600, 25),
};

export const gpt2: Family = {
  type: 'gpt2',
  titles: ['GPT-2'],
  read: (c) => gpt2Model(readConfig(c)),
  gguf: {
    architecture: 'gpt2',
    config: ({ read, has }) => ({
      architectures: ['GPT2LMHeadModel'],
      n_embd: read('embedding_length'),
      n_layer: read('block_count'),
      n_head: read('attention.head_count'),
      n_inner: read('feed_forward_length'),
      n_positions: read('context_length'),
      layer_norm_epsilon: read('attention.layer_norm_epsilon'),
      tie_word_embeddings: !has('output.weight'),
    }),
    metadata({ model, config, outline }) {
      const c = new ConfigReader(config);
      const activation = c.text('activation_function', 'gelu_new');
      requireActivation(activation, ['gelu_new', 'gelu_pytorch_tanh', 'gelu_fast']);
      if (!c.flag('scale_attn_weights', true))
        throw notInGguf('attention without scaling (scale_attn_weights)');
      if (c.flag('scale_attn_by_inverse_layer_idx', false))
        throw notInGguf('attention scaled by layer (scale_attn_by_inverse_layer_idx)');
      return {
        entries: [
          ['vocab_size', u32(model.vocabSize)],
          ['context_length', u32(model.maxPositions)],
          ['embedding_length', u32(model.hiddenSize)],
          ['block_count', u32(model.layers)],
          ['feed_forward_length', u32(outline.linears.get('transformer.h.0.mlp.c_fc')!.outputs)],
          ['attention.head_count', u32(model.heads)],
          ['attention.layer_norm_epsilon', f32(c.number('layer_norm_epsilon', 1e-5))],
        ],
        ropeTensors: new Map(),
        notes: [],
      };
    },
  },
  planner: {
    published: { float32: PUBLISHED },
    typical: Object.keys(PUBLISHED),
    configOf: (shape) => ({
      model_type: 'gpt2',
      vocab_size: shape.vocabulary,
      tie_word_embeddings: shape.tied,
      dtype: shape.stored,
      n_layer: shape.layers,
      n_embd: shape.width,
      n_head: shape.heads,
      n_inner: shape.feedForward,
      n_positions: shape.positions,
    }),
    // queries, keys and values are one matrix, and two matrices end with c_proj
    targets: { attention: ['c_attn', 'attn.c_proj'], 'query-value': ['c_attn'] },
  },
};

function gpt2Model(config: Gpt2Config): Model {
  const { vocabSize, newTokens, hiddenSize, layers, heads, maxPositions, tiedHead } = config;
  return {
    family: 'gpt2',
    modelType: 'gpt2',
    vocabSize,
    newTokens,
    hiddenSize,
    layers,
    heads,
    maxPositions,
    tiedHead,
    kvHeads: heads,
    headDim: hiddenSize / heads,
    ropes: new Map(),
    embedding: 'transformer.wte.weight',
    categories: null,
    transposedLinears: true,
    hidden: (p, inputs, { attend }) => hidden(p, config, inputs, attend),
    head: (p) => {
      const name = tiedHead ? 'transformer.wte.weight' : 'lm_head.weight';
      return tableOf(p, name, config, tiedHead ? 'embedding' : 'matrix');
    },
    withNewTokens: (first, count) => gpt2Model({ ...config, ...withNewRows(config, first, count) }),
    attendsOnly: true,
    separateLayers: true,
    withLayers: (count) =>
      config.scaleOf(1) === config.scaleOf(0) ? gpt2Model({ ...config, layers: count }) : null,
    storedNames: (parameter) => [
      parameter,
      parameter.replace(/^transformer\./, ''),
      ...(tiedHead && parameter === 'transformer.wte.weight' ? ['lm_head.weight'] : []),
    ],
    isIgnored: (stored) =>
      /(^|\.)h\.\d+\.attn\.(bias|masked_bias)$/.test(stored) || (tiedHead && stored === 'lm_head.weight'),
    ggufSource: (parameter) => ({
      name: ggufName(parameter),
      transform: { kind: isMatrix(parameter) ? 'transpose' : 'none' },
    }),
  };
}

function readConfig(c: ConfigReader): Gpt2Config {
  const hiddenSize = sizeOfEither(c, 'n_embd', 'hidden_size', 768);
  const heads = sizeOfEither(c, 'n_head', 'num_attention_heads', 12);
  if (hiddenSize % heads !== 0)
    throw unsupported(`n_embd ${hiddenSize} is not a multiple of n_head ${heads}`);
  if (c.flag('add_cross_attention', false))
    throw unsupported('it attends to an encoder (add_cross_attention)');
  const activation = c.text('activation_function', 'gelu_new');
  if (!Object.hasOwn(ACTIVATIONS, activation))
    throw unsupported(`its activation function "${activation}" is not implemented`);
  const scaled = c.flag('scale_attn_weights', true) ? (hiddenSize / heads) ** -0.5 : 1;
  const byLayer = c.flag('scale_attn_by_inverse_layer_idx', false);
  return {
    vocabSize: c.size('vocab_size', 50257),
    newTokens: null,
    hiddenSize,
    mlpSize: c.optionalSize('n_inner') ?? 4 * hiddenSize,
    layers: sizeOfEither(c, 'n_layer', 'num_hidden_layers', 12, 1000),
    heads,
    maxPositions: sizeOfEither(c, 'n_positions', 'max_position_embeddings', 1024),
    normEps: c.number('layer_norm_epsilon', 1e-5),
    activation,
    scaleOf: (layer) => (byLayer ? scaled / (layer + 1) : scaled),
    tiedHead: c.flag('tie_word_embeddings', true),
  };
}

/** A size under GPT-2's name or the one of newer families, which mean the same. */
function sizeOfEither(
  c: ConfigReader,
  name: string,
  newer: string,
  fallback: number,
  limit?: number,
): number {
  const size = c.size(name, c.size(newer, fallback, limit), limit);
  if (c.size(newer, size, limit) === size) return size;
  throw mismatch(`${name} and ${newer} differ`);
}

function hidden(p: Parameters, c: Gpt2Config, inputs: ModelInputs, attend: Attend): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const words = lookUp(tableOf(p, 'transformer.wte.weight', c, 'embedding'), inputs.tokens);
  const places = gather(
    p.base('transformer.wpe.weight', [c.maxPositions, c.hiddenSize], 'embedding'),
    inputs.positions,
  );
  let x = reshape(add(words, places), [batch * time, c.hiddenSize]);
  for (let layer = 0; layer < c.layers; layer++) {
    const name = `transformer.h.${layer}`;
    const mixed = selfAttention(p, c, layer, layerNormLayer(p, x, `${name}.ln_1`, c.normEps), batch, attend);
    const seen = p.graph.scoped(name, () => add(x, mixed));
    const changed = mlp(p, c, layer, layerNormLayer(p, seen, `${name}.ln_2`, c.normEps));
    x = p.graph.scoped(name, () => add(seen, changed));
  }
  return layerNormLayer(p, x, 'transformer.ln_f', c.normEps);
}

function selfAttention(
  p: Parameters,
  c: Gpt2Config,
  layer: number,
  x: Value,
  batch: number,
  attend: Attend,
): Value {
  const module = `transformer.h.${layer}.attn`;
  const h = c.hiddenSize;
  const qkv = linear(p, x, `${module}.c_attn`, { inputs: h, outputs: 3 * h, bias: true, layout: 'in_out' });
  const time = x.shape[0]! / batch;
  const mixed = p.graph.scoped(module, () => {
    const [q, k, v] = [0, 1, 2].map((i) =>
      splitHeads(slice(qkv, 1, i * h, (i + 1) * h), batch, time, c.heads),
    ) as [Value, Value, Value];
    return mergeHeads(attend(layer, q, k, v, c.scaleOf(layer), null));
  });
  return linear(p, mixed, `${module}.c_proj`, { inputs: h, outputs: h, bias: true, layout: 'in_out' });
}

function mlp(p: Parameters, c: Gpt2Config, layer: number, x: Value): Value {
  const module = `transformer.h.${layer}.mlp`;
  const wide = linear(p, x, `${module}.c_fc`, {
    inputs: c.hiddenSize,
    outputs: c.mlpSize,
    bias: true,
    layout: 'in_out',
  });
  const activated = p.graph.scoped(module, () => activationOf(c.activation)(wide));
  return linear(p, activated, `${module}.c_proj`, {
    inputs: c.mlpSize,
    outputs: c.hiddenSize,
    bias: true,
    layout: 'in_out',
  });
}

const GGUF_PARTS: Readonly<Record<string, string>> = {
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
  ln_1: 'attn_norm',
  ln_2: 'ffn_norm',
};

const GGUF_TOP: Readonly<Record<string, string>> = {
  'transformer.wte.weight': 'token_embd.weight',
  'transformer.wpe.weight': 'position_embd.weight',
  'transformer.ln_f.weight': 'output_norm.weight',
  'transformer.ln_f.bias': 'output_norm.bias',
  'lm_head.weight': 'output.weight',
};

function ggufName(parameter: string): string {
  const top = GGUF_TOP[parameter];
  if (top) return top;
  const match = /^transformer\.h\.(\d+)\.(.+)\.(weight|bias)$/.exec(parameter);
  const part = match && GGUF_PARTS[match[2]!];
  if (!part) throw internal(`no GGUF name for ${parameter}`);
  return `blk.${match[1]}.${part}.${match[3]}`;
}

// converters write GPT-2's matrices as [out,in], like those of every other family
function isMatrix(parameter: string): boolean {
  return /\.c_(attn|proj|fc)\.weight$/.test(parameter);
}
