/** GPT-2: learned positions, layer norm, one fused projection for q, k and v, matrices stored [in,out]. */
import { internal } from '../../errors.ts';
import type { Value } from '../ir/graph.ts';
import { type Attend, mergeHeads, splitHeads } from '../nn/attention.ts';
import { linear } from '../nn/linear.ts';
import { layerNormLayer } from '../nn/norm.ts';
import type { Parameters } from '../nn/parameters.ts';
import { lookUp, type TableShape, tableOf, withNewRows } from '../nn/table.ts';
import { ACTIVATIONS, activationOf, add, gather, reshape, slice } from '../ops/functions.ts';
import { type ConfigReader, unsupported } from './config-reader.ts';
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

export function readGpt2(c: ConfigReader): Model {
  return gpt2Model(readConfig(c));
}

function gpt2Model(config: Gpt2Config): Model {
  const { vocabSize, newTokens, hiddenSize, layers, heads, maxPositions, tiedHead } = config;
  return {
    family: 'gpt2',
    modelType: 'gpt2',
    ...{ vocabSize, newTokens, hiddenSize, layers, heads, maxPositions, tiedHead },
    kvHeads: heads,
    headDim: hiddenSize / heads,
    rope: null,
    embedding: 'transformer.wte.weight',
    transposedLinears: true,
    hidden: (p, inputs, attend) => hidden(p, config, inputs, attend),
    head: (p) => {
      const name = tiedHead ? 'transformer.wte.weight' : 'lm_head.weight';
      return tableOf(p, name, config, tiedHead ? 'embedding' : 'matrix');
    },
    withNewTokens: (first, count) => gpt2Model({ ...config, ...withNewRows(config, first, count) }),
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
  const hiddenSize = c.size('n_embd', 768);
  const heads = c.size('n_head', 12);
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
    layers: c.size('n_layer', 12, 1000),
    heads,
    maxPositions: c.size('n_positions', 1024),
    normEps: c.number('layer_norm_epsilon', 1e-5),
    activation,
    scaleOf: (layer) => (byLayer ? scaled / (layer + 1) : scaled),
    tiedHead: c.flag('tie_word_embeddings', true),
  };
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
