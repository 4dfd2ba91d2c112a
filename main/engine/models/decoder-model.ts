/** Makes a `Model` of a Llama-like decoder: what the families that share it need say only once. */
import { internal } from '../../../common/errors.ts';
import { type DecoderConfig, decoder, decoderHead } from '../nn/decoder.ts';
import { MAIN_ROPE } from '../nn/rope.ts';
import { withNewRows } from '../nn/table.ts';
import { ACTIVATIONS } from '../ops/functions.ts';
import {
  type ConfigReader,
  type JsonObject,
  mismatch,
  type RopeOptions,
  readRope,
  unsupported,
} from './config-reader.ts';
import type { ModelShape } from './family.ts';
import type { GgufTransform } from './gguf-layout.ts';
import type { Model } from './model.ts';

/** Defaults that differ between the families' configuration classes. */
export interface DecoderDefaults {
  readonly vocabSize: number;
  readonly mlpSize: number;
  readonly kvHeads: number | 'heads';
  readonly headDim: number | 'hidden/heads';
  readonly maxPositions: number;
  readonly tiedHead?: boolean;
  readonly normEps?: number;
  readonly activation?: string;
  /** Where it is not called `hidden_act`. */
  readonly activationKey?: string;
  readonly rope?: RopeOptions;
}

/** The settings that all Llama-like configurations spell alike; what else a decoder may have is as in Llama. */
export function readDecoder(c: ConfigReader, defaults: DecoderDefaults): DecoderConfig {
  const hiddenSize = c.size('hidden_size', 4096);
  const heads = c.size('num_attention_heads', 32);
  const kvHeads =
    c.optionalSize('num_key_value_heads') ??
    (c.has('num_key_value_heads') || defaults.kvHeads === 'heads' ? heads : defaults.kvHeads);
  if (heads % kvHeads !== 0)
    throw mismatch(`${heads} attention heads cannot share ${kvHeads} key-value heads evenly`);
  const headDim = readHeadDim(c, defaults, hiddenSize, heads);
  const maxPositions = c.size('max_position_embeddings', defaults.maxPositions);
  const activation = c.text(defaults.activationKey ?? 'hidden_act', defaults.activation ?? 'silu');
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
    activation,
    tiedHead: c.flag('tie_word_embeddings', defaults.tiedHead ?? false),
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    fused: false,
    norm: { kind: 'rms', eps: c.number('rms_norm_eps', defaults.normEps ?? 1e-6), offset: 0 },
    placement: 'pre',
    headNorm: 'none',
    ropes: new Map([[MAIN_ROPE, readRope(c, headDim, maxPositions, defaults.rope)]]),
    ropeOf: () => MAIN_ROPE,
    windowOf: () => null,
    embeddingScale: 1,
    queryScale: headDim ** -0.5,
    residualScale: 1,
    logitScale: 1,
    logitCap: null,
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

/** The model of a family around `config`; `permuted` tells that its GGUF files store q and k for interleaved rotation. */
export function decoderModel(type: string, config: DecoderConfig, permuted: boolean): Model {
  const { vocabSize, newTokens, hiddenSize, layers, heads, kvHeads, headDim, tiedHead, ropes } = config;
  const withChange = (change: Partial<DecoderConfig>) =>
    decoderModel(type, { ...config, ...change }, permuted);
  return {
    family: type,
    modelType: type,
    vocabSize,
    newTokens,
    hiddenSize,
    layers,
    heads,
    kvHeads,
    headDim,
    tiedHead,
    ropes,
    maxPositions: reachOf(config),
    embedding: 'model.embed_tokens.weight',
    transposedLinears: false,
    hidden: (p, inputs, attend) => decoder(p, config, inputs, attend),
    head: (p) => decoderHead(p, config),
    withNewTokens: (first, count) => withChange(withNewRows(config, first, count)),
    withLayers: (count) => (hasLikeLayers(config) ? withChange({ layers: count }) : null),
    storedNames: (parameter) => [
      parameter,
      parameter.replace(/^model\./, ''),
      ...(tiedHead && parameter === 'model.embed_tokens.weight' ? ['lm_head.weight'] : []),
    ],
    isIgnored: (stored) =>
      stored.endsWith('rotary_emb.inv_freq') || (tiedHead && stored === 'lm_head.weight'),
    ggufSource: (parameter) => ({
      name: ggufName(parameter, config.placement),
      transform: ggufTransform(parameter, config, permuted),
    }),
  };
}

/** Whether all layers look equally far back and are rotated alike. */
function hasLikeLayers({ layers, windowOf, ropeOf }: DecoderConfig): boolean {
  return Array.from({ length: layers }, (_, layer) => layer).every(
    (layer) => windowOf(layer) === windowOf(0) && ropeOf(layer) === ropeOf(0),
  );
}

/** Tokens that the model reads: dynamic scaling stretches the positions that the configuration names. */
function reachOf({ maxPositions, ropes }: DecoderConfig): number {
  const scaling = ropes.get(MAIN_ROPE)?.scaling;
  return scaling?.type === 'dynamic' ? Math.floor(maxPositions * Math.max(1, scaling.factor)) : maxPositions;
}

const GGUF_PARTS: Readonly<Record<string, string>> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.qkv_proj': 'attn_qkv',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.gate_up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  input_layernorm: 'attn_norm',
  pre_feedforward_layernorm: 'ffn_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
};

const GGUF_TOP: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
};

function ggufName(parameter: string, placement: DecoderConfig['placement']): string {
  const top = GGUF_TOP[parameter];
  if (top) return top;
  // in a pre-norm block this is the norm before the MLP, in others that after attention
  const afterAttention = placement === 'pre' ? 'ffn_norm' : 'post_attention_norm';
  const match = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(parameter);
  const part = match?.[2] === 'post_attention_layernorm' ? afterAttention : match && GGUF_PARTS[match[2]!];
  if (!part) throw internal(`no GGUF name for ${parameter}`);
  return `blk.${match![1]}.${part}.${match![3]}`;
}

function ggufTransform(parameter: string, config: DecoderConfig, permuted: boolean): GgufTransform {
  const { offset } = config.norm;
  if (offset !== 0 && parameter.endsWith('norm.weight')) return { kind: 'shift', by: offset };
  const match = permuted ? /\.([qk])_proj\.(weight|bias)$/.exec(parameter) : null;
  return match
    ? { kind: 'unpermute', heads: match[1] === 'q' ? config.heads : config.kvHeads }
    : { kind: 'none' };
}

/** The config.json of a Llama-like model of that shape. */
export function decoderConfigOf(shape: ModelShape): JsonObject {
  return {
    model_type: shape.kind,
    vocab_size: shape.vocabulary,
    tie_word_embeddings: shape.tied,
    dtype: shape.stored,
    num_hidden_layers: shape.layers,
    hidden_size: shape.width,
    intermediate_size: shape.feedForward,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyHeads,
    head_dim: shape.headWidth,
    max_position_embeddings: shape.positions,
  };
}

/** The linear layers of a Llama-like decoder that adapters on parts of attention go to. */
export const DECODER_TARGETS = {
  attention: ['q_proj', 'k_proj', 'v_proj', 'o_proj'],
  'query-value': ['q_proj', 'v_proj'],
} as const;
