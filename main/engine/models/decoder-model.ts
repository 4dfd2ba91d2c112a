/** Makes a `Model` of a Llama-like decoder: what the families that share it need say only once. */
import { internal } from '../../errors.ts';
import { type DecoderConfig, decoder, decoderHead } from '../nn/decoder.ts';
import { withNewRows } from '../nn/table.ts';
import { ACTIVATIONS } from '../ops/functions.ts';
import { type ConfigReader, mismatch, unsupported } from './config-reader.ts';
import type { GgufTransform, Model } from './model.ts';
import { readRope } from './rope-config.ts';

/** Defaults that differ between the families' configuration classes. */
export interface DecoderDefaults {
  readonly vocabSize: number;
  readonly mlpSize: number;
  readonly kvHeads: number | 'heads';
  readonly headDim: number | 'hidden/heads';
  readonly maxPositions: number;
}

/** The settings that all Llama-like configurations spell alike. */
export function readDecoder(
  c: ConfigReader,
  defaults: DecoderDefaults,
): Omit<DecoderConfig, 'qkvBias' | 'outputBias' | 'mlpBias' | 'headNorm' | 'windowOf'> {
  const hiddenSize = c.size('hidden_size', 4096);
  const heads = c.size('num_attention_heads', 32);
  const kvHeads =
    c.optionalSize('num_key_value_heads') ??
    (c.has('num_key_value_heads') || defaults.kvHeads === 'heads' ? heads : defaults.kvHeads);
  if (heads % kvHeads !== 0)
    throw mismatch(`${heads} attention heads cannot share ${kvHeads} key-value heads evenly`);
  const headDim = readHeadDim(c, defaults, hiddenSize, heads);
  const maxPositions = c.size('max_position_embeddings', defaults.maxPositions);
  const activation = c.text('hidden_act', 'silu');
  if (!Object.hasOwn(ACTIVATIONS, activation))
    throw unsupported(`its activation function "${activation}" is not implemented`);
  return {
    vocabSize: c.size('vocab_size', defaults.vocabSize),
    newTokens: null,
    hiddenSize,
    mlpSize: c.size('intermediate_size', defaults.mlpSize),
    layers: c.size('num_hidden_layers', 32, 1000),
    heads,
    kvHeads,
    headDim,
    maxPositions,
    normEps: c.number('rms_norm_eps', 1e-6),
    activation,
    rope: readRope(c, headDim, maxPositions),
    tiedHead: c.flag('tie_word_embeddings', false),
  };
}

function readHeadDim(c: ConfigReader, defaults: DecoderDefaults, hiddenSize: number, heads: number): number {
  const given = c.optionalSize('head_dim');
  if (given !== null) return given;
  if (!c.has('head_dim') && defaults.headDim !== 'hidden/heads') return defaults.headDim;
  if (hiddenSize % heads !== 0)
    throw mismatch(`hidden_size ${hiddenSize} is not a multiple of ${heads} heads`);
  return hiddenSize / heads;
}

/** Layers with a sliding window as Qwen counts them: as `layer_types` lists them, else from `max_window_layers` on. */
export function qwenWindows(c: ConfigReader, layers: number): (layer: number) => number | null {
  const given = c.has('sliding_window') ? c.optionalSize('sliding_window') : 4096;
  const window = c.flag('use_sliding_window', false) ? given : null;
  const types = c.texts('layer_types');
  const from = c.number('max_window_layers', 28);
  if (!types) return (layer) => (layer >= from ? window : null);
  if (types.length !== layers)
    throw mismatch(`layer_types lists ${types.length} layers, the model has ${layers}`);
  const unknown = types.find((type) => !LAYER_TYPES.includes(type));
  if (unknown !== undefined) throw unsupported(`it has layers of the type "${unknown}" (layer_types)`);
  if (window === null && types.includes('sliding_attention'))
    throw mismatch('layer_types lists sliding_attention, but no sliding window is set or used');
  return (layer) => (types[layer] === 'sliding_attention' ? window : null);
}

const LAYER_TYPES = ['full_attention', 'attention', 'sliding_attention'];

/** A model around `config`; `permuted` tells that its GGUF files store q and k for interleaved rotation. */
export function decoderModel(
  family: string,
  modelType: string,
  config: DecoderConfig,
  permuted: boolean,
): Model {
  return {
    family,
    modelType,
    ...pick(config),
    maxPositions: reachOf(config),
    embedding: 'model.embed_tokens.weight',
    transposedLinears: false,
    hidden(p, inputs, attend) {
      if (!inputs.cos || !inputs.sin) throw internal('a decoder needs rotation tables');
      return decoder(
        p,
        config,
        { tokens: inputs.tokens, order: inputs.order, cos: inputs.cos, sin: inputs.sin },
        attend,
      );
    },
    head: (p) => decoderHead(p, config),
    withNewTokens: (first, count) =>
      decoderModel(family, modelType, { ...config, ...withNewRows(config, first, count) }, permuted),
    withLayers: (layers) =>
      hasLikeLayers(config) ? decoderModel(family, modelType, { ...config, layers }, permuted) : null,
    storedNames: (parameter) => [
      parameter,
      parameter.replace(/^model\./, ''),
      ...(config.tiedHead && parameter === 'model.embed_tokens.weight' ? ['lm_head.weight'] : []),
    ],
    isIgnored: (stored) =>
      stored.endsWith('rotary_emb.inv_freq') || (config.tiedHead && stored === 'lm_head.weight'),
    ggufSource: (parameter) => ({
      name: ggufName(parameter),
      transform: ggufTransform(parameter, config, permuted),
    }),
  };
}

/** Whether all layers look equally far back. */
function hasLikeLayers({ layers, windowOf }: DecoderConfig): boolean {
  return Array.from({ length: layers }, (_, layer) => windowOf(layer)).every(
    (window) => window === windowOf(0),
  );
}

/** Tokens that the model reads: dynamic scaling stretches the positions that the configuration names. */
function reachOf({ maxPositions, rope: { scaling } }: DecoderConfig): number {
  return scaling.type === 'dynamic' ? Math.floor(maxPositions * Math.max(1, scaling.factor)) : maxPositions;
}

function pick(config: DecoderConfig) {
  const { vocabSize, newTokens, hiddenSize, layers, heads, kvHeads, headDim, tiedHead, rope } = config;
  return { vocabSize, newTokens, hiddenSize, layers, heads, kvHeads, headDim, tiedHead, rope };
}

const GGUF_PARTS: Readonly<Record<string, string>> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
};

const GGUF_TOP: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
};

function ggufName(parameter: string): string {
  const top = GGUF_TOP[parameter];
  if (top) return top;
  const match = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(parameter);
  const part = match && GGUF_PARTS[match[2]!];
  if (!part) throw internal(`no GGUF name for ${parameter}`);
  return `blk.${match[1]}.${part}.${match[3]}`;
}

function ggufTransform(parameter: string, config: DecoderConfig, permuted: boolean): GgufTransform {
  const match = permuted ? /\.([qk])_proj\.(weight|bias)$/.exec(parameter) : null;
  return match
    ? { kind: 'unpermute', heads: match[1] === 'q' ? config.heads : config.kvHeads }
    : { kind: 'none' };
}
