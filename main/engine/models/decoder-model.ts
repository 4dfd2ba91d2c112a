/** Makes a `Model` of a Llama-like decoder: what the families that share it need say only once. */
import { AppError, internal } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { type DecoderConfig, decoder, decoderHead, type LayerSizes } from '../nn/decoder.ts';
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
import { isOutside, type ModelShape, namesInside } from './family.ts';
import type { GgufTransform } from './gguf-layout.ts';
import type { Model } from './model.ts';

/** Defaults that differ between the families' configuration classes. */
export interface DecoderDefaults {
  readonly vocabSize: number;
  readonly hiddenSize?: number;
  readonly layers?: number;
  readonly heads?: number;
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
  const hiddenSize = c.size('hidden_size', defaults.hiddenSize ?? 4096);
  const heads = c.size('num_attention_heads', defaults.heads ?? 32);
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
    layers: c.size('num_hidden_layers', defaults.layers ?? 32, 1000),
    heads,
    kvHeads,
    headDim,
    maxPositions,
    activation,
    tiedHead: c.flag('tie_word_embeddings', defaults.tiedHead ?? false),
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    outputGate: false,
    names: {},
    mixerOf: () => null,
    sizesOf: () => ({}),
    sharedOf: () => null,
    valueNorm: false,
    keysAsValues: () => false,
    layerEmbedding: null,
    layerScalar: false,
    fusedQkv: false,
    fusedMlp: false,
    norm: { kind: 'rms', eps: c.number('rms_norm_eps', defaults.normEps ?? 1e-6), offset: 0 },
    placement: 'pre',
    headNorm: 'none',
    ropes: new Map([[MAIN_ROPE, readRope(c, headDim, maxPositions, defaults.rope)]]),
    ropeOf: () => MAIN_ROPE,
    queryRope: null,
    windowOf: () => null,
    embeddingScale: 1,
    queryScale: headDim ** -0.5,
    residualScale: 1,
    logitScale: 1,
    logitCap: null,
  };
}

/** Whether the projections of attention have biases. */
export function attentionBias(c: ConfigReader): Pick<DecoderConfig, 'qkvBias' | 'outputBias'> {
  const bias = c.flag('attention_bias', false);
  return { qkvBias: bias, outputBias: bias };
}

function readHeadDim(c: ConfigReader, defaults: DecoderDefaults, hiddenSize: number, heads: number): number {
  const given = c.optionalSize('head_dim');
  if (given !== null) return given;
  if (!c.has('head_dim') && defaults.headDim !== 'hidden/heads') return defaults.headDim;
  if (hiddenSize % heads !== 0)
    throw mismatch(`hidden_size ${hiddenSize} is not a multiple of ${heads} heads`);
  return hiddenSize / heads;
}

/** What each layer is, of `known` kinds: as `layer_types` lists them, else as `usual` says. */
export function layerKinds(
  c: ConfigReader,
  layers: number,
  known: readonly string[],
  usual: (layer: number) => string,
): readonly string[] {
  const types = c.texts('layer_types') ?? Array.from({ length: layers }, (_, layer) => usual(layer));
  if (types.length !== layers)
    throw mismatch(`layer_types lists ${types.length} layers, the model has ${layers}`);
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined) throw unsupported(`it has layers of the type "${unknown}" (layer_types)`);
  return types;
}

const LOCAL = 'sliding_attention';

/** The attention window of each layer: `window` in those of sliding attention, which `layer_types` lists or else `isLocal` names. */
export function readWindows(
  c: ConfigReader,
  layers: number,
  isLocal: (layer: number) => boolean,
  window: number | null,
): (layer: number) => number | null {
  const known = ['full_attention', 'attention', LOCAL];
  const kinds = layerKinds(c, layers, known, (layer) => (isLocal(layer) ? LOCAL : known[0]!));
  if (window === null && kinds.includes(LOCAL))
    throw mismatch('it has layers with sliding attention, but no sliding window is set or used');
  return (layer) => (kinds[layer] === LOCAL ? window : null);
}

/** Where the GGUF files of a family are not as Llama's: names of parts of a layer or of tensors outside, and layouts. */
interface GgufOwn {
  readonly names?: Readonly<Record<string, string>>;
  readonly transformOf?: (parameter: string) => GgufTransform | null;
  /** Whether gate and up are a matrix each, where they share one in the model. */
  readonly apart?: boolean;
}

/** The model of a family around `config`; `permuted` tells that its GGUF files store q and k for interleaved rotation. */
export function decoderModel(
  type: string,
  config: DecoderConfig,
  permuted: boolean,
  own: GgufOwn = {},
): Model {
  const { vocabSize, newTokens, hiddenSize, layers, heads, kvHeads, headDim, tiedHead, ropes } = config;
  const withChange = (change: Partial<DecoderConfig>) =>
    decoderModel(type, { ...config, ...change }, permuted, own);
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
    embedding: EMBEDDING,
    categories: null,
    transposedLinears: false,
    hidden: (p, inputs, mixing) => decoder(p, config, inputs, mixing),
    head: (p) => decoderHead(p, config),
    withNewTokens: (first, count) => {
      if (config.layerEmbedding) throw noNewTokens();
      return withChange(withNewRows(config, first, count));
    },
    attendsOnly: Array.from({ length: config.layers }, (_, i) => config.mixerOf(i)).every(
      (own) => own === null,
    ),
    separateLayers: areSeparate(config),
    withLayers: (count) => (hasLikeLayers(config) ? withChange({ layers: count }) : null),
    storedNames: (parameter) => [
      parameter,
      parameter.replace(/^model\./, ''),
      ...namesInside(parameter),
      ...(tiedHead && parameter === EMBEDDING ? HEADS : []),
    ],
    isIgnored: (stored) =>
      stored.endsWith('rotary_emb.inv_freq') ||
      isOutside(stored) ||
      (tiedHead && HEADS.includes(stored)) ||
      isOfShared(config, stored),
    ggufSource(parameter) {
      const name = ggufName(parameter, config, own.names ?? {});
      const isApart = own.apart && config.fusedMlp && name.endsWith('.ffn_up.weight');
      return {
        name,
        transform: own.transformOf?.(parameter) ?? ggufTransform(parameter, config, permuted),
        ...(isApart && { parts: [name.replace('ffn_up', 'ffn_gate'), name] }),
      };
    },
  };
}

const EMBEDDING = 'model.embed_tokens.weight';
const HEADS: readonly string[] = ['lm_head.weight', ...namesInside('lm_head.weight')];

/** Whether a tensor makes keys or values for a layer that attends to those of another: some files hold them nevertheless. */
function isOfShared({ sharedOf, layers }: DecoderConfig, stored: string): boolean {
  const layer = /\.layers\.(\d+)\.self_attn\.[kv]_(?:proj|norm)\./.exec(stored)?.[1];
  return layer !== undefined && Number(layer) < layers && sharedOf(Number(layer)) !== null;
}

/** Whether all layers mix their tokens alike, have the same sizes, look equally far back and are rotated alike. */
function hasLikeLayers(config: DecoderConfig): boolean {
  const { layers, windowOf, ropeOf, mixerOf, sizesOf } = config;
  const kindOf = (layer: number) => [
    windowOf(layer),
    ropeOf(layer),
    mixerOf(layer),
    ...sizesIn(sizesOf(layer)),
  ];
  const first = kindOf(0);
  return (
    areSeparate(config) &&
    Array.from({ length: layers }, (_, layer) => kindOf(layer)).every((kind) =>
      kind.every((value, i) => value === first[i]),
    )
  );
}

const sizesIn = ({ headDim, kvHeads, mlpSize }: Partial<LayerSizes>) => [headDim, kvHeads, mlpSize];

/** Whether layers read neither keys of others nor a second embedding. */
function areSeparate({ layers, sharedOf, layerEmbedding }: DecoderConfig): boolean {
  return (
    !layerEmbedding && Array.from({ length: layers }, (_, i) => sharedOf(i)).every((own) => own === null)
  );
}

function noNewTokens(): AppError {
  return new AppError(
    'unsupported-model',
    say`New tokens can't be added to this model: each of its layers has an embedding of its own for every token.`,
    say`Train without new tokens, or choose another model.`,
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
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};

function ggufName(
  parameter: string,
  { names, placement }: DecoderConfig,
  own: Readonly<Record<string, string>>,
): string {
  // a buffer of Gemma 4 is a weight there
  const stored = parameter.endsWith('.layer_scalar') ? `${parameter}.weight` : parameter;
  const [, place, layer, named, end] =
    /^(model\.(?:layers\.(\d+)\.)?)?(.+)\.(weight|bias|[A-Za-z_]+)$/.exec(stored) ?? [];
  const part = Object.keys(names).find((key) => names[key] === named) ?? named!;
  // in a pre-norm block this is the norm before the MLP, in others that after attention
  const afterAttention = placement === 'pre' ? 'ffn_norm' : 'post_attention_norm';
  const inBlock = part === 'post_attention_layernorm' ? afterAttention : GGUF_PARTS[part];
  const whole = own[`${part}.${end}`];
  if (whole !== undefined && layer !== undefined) return `blk.${layer}.${whole}`;
  const found = own[part] ?? (layer === undefined ? GGUF_TOP[`${place ?? ''}${part}`] : inBlock);
  if (found === undefined) throw internal(`no GGUF name for ${parameter}`);
  return layer === undefined ? `${found}.${end}` : `blk.${layer}.${found}.${end}`;
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

/** What the planner needs of most Llama-like decoders. */
export const DECODER_PLANNER = {
  configOf: decoderConfigOf,
  targets: { attention: ['q_proj', 'k_proj', 'v_proj', 'o_proj'], 'query-value': ['q_proj', 'v_proj'] },
} as const;
