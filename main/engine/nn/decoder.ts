/**
 * The Llama-like decoder that most families are: norms, rotary grouped-query attention and a gated MLP in each block. Families differ in
 * `DecoderConfig`; a value that changes nothing (1, null, no bias) adds no node to the graph.
 */
import { internal } from '../../../common/errors.ts';
import type { Value } from '../ir/graph.ts';
import { activationOf, add, gather, mul, reshape, rope, sigmoid, slice } from '../ops/functions.ts';
import { type Attend, mergeHeads, splitHeads } from './attention.ts';
import { linear, type Norm, normLayer, plainNorm } from './linear-and-norm.ts';
import type { Mixing } from './mixing.ts';
import type { Parameters } from './parameters.ts';
import type { Ropes } from './rope.ts';
import { lookUp, type Table, type TableShape, tableOf } from './table.ts';

export interface DecoderConfig extends TableShape {
  readonly mlpSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly maxPositions: number;
  readonly activation: string;
  readonly tiedHead: boolean;
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** Whether `q_proj` gives each head a gate as well, whose sigmoid what it attends to is multiplied with (Qwen3.5). */
  readonly outputGate: boolean;
  /** Parts of a block, and the last norm, whose names are not Llama's: `self_attn.o_proj` may be `self_attn.out_proj` (LFM2). */
  readonly names: Readonly<Record<string, string>>;
  /** What a layer has instead of attention; null for attention. */
  readonly mixerOf: (layer: number) => Mixer | null;
  /** Whether q, k and v share one matrix, and gate and up (Phi-3). */
  readonly fusedQkv: boolean;
  readonly fusedMlp: boolean;
  readonly norm: Norm;
  readonly placement: Placement;
  /** The norm of queries and keys before they are rotated: of each head (Qwen3), or of all heads together (OLMo 2). */
  readonly headNorm: 'none' | 'each' | 'all';
  readonly ropes: Ropes;
  /** The rotation of a layer by its name in `ropes`, null where queries and keys are not rotated. */
  readonly ropeOf: (layer: number) => string | null;
  /** The rotation of queries, where it scales them as well (Ministral 3); null where it is that of keys. */
  readonly queryRope: string | null;
  /** Attention window of a layer, null where it sees all. */
  readonly windowOf: (layer: number) => number | null;
  /** Where a layer's sizes are not those of the model. */
  readonly sizesOf: (layer: number) => Partial<LayerSizes>;
  /** The earlier layer whose keys and values a layer attends to (Gemma 4), null for its own. */
  readonly sharedOf: (layer: number) => number | null;
  /** Whether values are normed without weights, each head for itself. */
  readonly valueNorm: boolean;
  /** Whether the values of a layer are its keys before their norm. */
  readonly keysAsValues: (layer: number) => boolean;
  /** A second embedding, of which each layer adds its own part; null for none. */
  readonly layerEmbedding: LayerEmbedding | null;
  /** Whether what a layer gives is multiplied with a factor of its own that nothing trains. */
  readonly layerScalar: boolean;
  /** Factors on the embedding, on queries times keys, on what each half of a block adds, and on the logits. */
  readonly embeddingScale: number;
  readonly queryScale: number;
  readonly residualScale: number;
  readonly logitScale: number;
  /** Logits z become c tanh(z / c) for this c, null for none. */
  readonly logitCap: number | null;
}

/** What may differ between the layers of a decoder. */
export type LayerSizes = Pick<DecoderConfig, 'headDim' | 'kvHeads' | 'mlpSize'>;

/** Rows of `width` values for each layer, from a table of `rows` and from the embedding. */
interface LayerEmbedding {
  readonly width: number;
  readonly rows: number;
}

/** What a layer adds to its rows [B*T,H], from the normed rows x; `module` is the path of the layer. */
export type Mixer = (p: Parameters, x: Value, at: MixerPlace) => Value;

interface MixerPlace {
  readonly module: string;
  readonly layer: number;
  readonly batch: number;
  readonly time: number;
  readonly mixing: Mixing;
}

type Placement = 'pre' | 'post' | 'sandwich';

/** The norms around attention and MLP by their names in a block; null where there is none. */
interface BlockNorms {
  readonly beforeAttention: string | null;
  readonly afterAttention: string | null;
  readonly beforeMlp: string | null;
  readonly afterMlp: string | null;
}

const NORMS: Readonly<Record<Placement, BlockNorms>> = {
  pre: {
    beforeAttention: 'input_layernorm',
    afterAttention: null,
    beforeMlp: 'post_attention_layernorm',
    afterMlp: null,
  },
  post: {
    beforeAttention: null,
    afterAttention: 'post_attention_layernorm',
    beforeMlp: null,
    afterMlp: 'post_feedforward_layernorm',
  },
  sandwich: {
    beforeAttention: 'input_layernorm',
    afterAttention: 'post_attention_layernorm',
    beforeMlp: 'pre_feedforward_layernorm',
    afterMlp: 'post_feedforward_layernorm',
  },
};

export interface Rotation {
  readonly cos: Value;
  readonly sin: Value;
}

/** What a decoder reads: tokens [B,T], and the rotation of row order[b,t] of the tables cos and sin [B*T, R/2] of each name. */
interface DecoderInputs {
  readonly tokens: Value;
  readonly order: Value;
  readonly rotations: ReadonlyMap<string, Rotation>;
}

/** Hidden states after the last norm, [B*T,H]. */
export function decoder(p: Parameters, c: DecoderConfig, inputs: DecoderInputs, mixing: Mixing): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const table = tableOf(p, 'model.embed_tokens.weight', c, 'embedding');
  let x = mul(reshape(lookUp(table, inputs.tokens), [batch * time, c.hiddenSize]), c.embeddingScale);
  const norms = NORMS[c.placement];
  const ofLayers = layerInputs(p, c, inputs, x);
  const shared: SharedKeys = new Map();
  for (let layer = 0; layer < c.layers; layer++) {
    const name = `model.layers.${layer}`;
    const normed = (y: Value, part: string | null) =>
      part === null ? y : normLayer(p, y, `${name}.${named(c, part)}`, c.norm);
    const joined = (y: Value, change: Value) =>
      p.graph.scoped(name, () => add(y, mul(change, c.residualScale)));
    const before = normed(x, norms.beforeAttention);
    const mixer = c.mixerOf(layer);
    const mixed = mixer
      ? mixer(p, before, { module: name, layer, batch, time, mixing })
      : selfAttention(p, { ...c, ...c.sizesOf(layer) }, inputs, layer, before, mixing.attend, shared);
    const seen = joined(x, normed(mixed, norms.afterAttention));
    const changed = gatedMlp(p, { ...c, ...c.sizesOf(layer) }, layer, normed(seen, norms.beforeMlp));
    x = scaledLayer(
      p,
      c,
      name,
      withLayerInput(p, c, layer, joined(seen, normed(changed, norms.afterMlp)), ofLayers),
    );
  }
  return mul(normLayer(p, x, `model.${named(c, 'norm')}`, c.norm), c.logitScale);
}

/** What each layer adds of the second embedding, [B*T,L,P]: the rows of its table and a projection of the embedding `x`, each scaled. */
function layerInputs(p: Parameters, c: DecoderConfig, { tokens }: DecoderInputs, x: Value): Value | null {
  if (!c.layerEmbedding) return null;
  const { width, rows } = c.layerEmbedding;
  const count = x.shape[0]!;
  const shape = [count, c.layers, width];
  const table = p.table('model.embed_tokens_per_layer.weight', [rows, c.layers * width], 'embedding');
  const looked = mul(reshape(gather(table, tokens), shape), Math.sqrt(width));
  const module = 'model.per_layer_model_projection';
  const projected = linear(p, x, module, { inputs: c.hiddenSize, outputs: c.layers * width, bias: false });
  const scaled = reshape(mul(projected, c.hiddenSize ** -0.5), shape);
  return mul(add(normLayer(p, scaled, 'model.per_layer_projection_norm', c.norm), looked), Math.SQRT1_2);
}

/** `x` and what the part of layer `layer` of the second embedding lets through a gate. */
function withLayerInput(p: Parameters, c: DecoderConfig, layer: number, x: Value, all: Value | null): Value {
  if (!all) return x;
  const block = `model.layers.${layer}`;
  const width = all.shape[2]!;
  const open = linear(p, x, `${block}.per_layer_input_gate`, {
    inputs: c.hiddenSize,
    outputs: width,
    bias: false,
  });
  const gated = p.graph.scoped(block, () => {
    const own = reshape(slice(all, 1, layer, layer + 1), [all.shape[0]!, width]);
    return mul(activationOf(c.activation)(open), own);
  });
  const back = linear(p, gated, `${block}.per_layer_projection`, {
    inputs: width,
    outputs: c.hiddenSize,
    bias: false,
  });
  const change = normLayer(p, back, `${block}.post_per_layer_input_norm`, c.norm);
  return p.graph.scoped(block, () => add(x, change));
}

function scaledLayer(p: Parameters, c: DecoderConfig, block: string, x: Value): Value {
  if (!c.layerScalar) return x;
  const factor = p.buffer(`${block}.layer_scalar`, [1]);
  return p.graph.scoped(block, () => mul(x, factor));
}

/** Keys and values of the layers so far. */
type SharedKeys = Map<number, { readonly k: Value; readonly v: Value }>;

const named = ({ names }: DecoderConfig, part: string): string => names[part] ?? part;

/** The output head [V,H]: the embedding where they are tied. */
export function decoderHead(p: Parameters, c: DecoderConfig): Table {
  const name = c.tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight';
  const table = tableOf(p, name, c, c.tiedHead ? 'embedding' : 'matrix');
  return c.logitCap === null ? table : { ...table, cap: c.logitCap };
}

function selfAttention(
  p: Parameters,
  c: DecoderConfig,
  inputs: DecoderInputs,
  layer: number,
  x: Value,
  attend: Attend,
  shared: SharedKeys,
): Value {
  const block = `model.layers.${layer}`;
  const module = `${block}.self_attn`;
  const [batch, time] = inputs.tokens.shape as [number, number];
  const outputs = {
    q: (c.outputGate ? 2 : 1) * c.heads * c.headDim,
    k: c.kvHeads * c.headDim,
    v: c.kvHeads * c.headDim,
  };
  const project = projections(p, c, x, {
    block,
    part: 'self_attn',
    outputs,
    fused: c.fusedQkv ? 'qkv_proj' : null,
    bias: c.qkvBias,
  });
  const split = (rows: Value, heads: number) =>
    p.graph.scoped(module, () => splitHeads(rows, batch, time, heads));
  const ropeName = c.ropeOf(layer);
  const rotations = {
    q: rotationOf(ropeName === null ? null : (c.queryRope ?? ropeName), inputs),
    k: rotationOf(ropeName, inputs),
  };
  let gate: Value | null = null;
  // rows of a head's queries, then those of its gate
  const gated = (rows: Value): Value =>
    p.graph.scoped(module, () => {
      const pairs = reshape(rows, [batch * time, c.heads, 2, c.headDim]);
      const half = (i: 0 | 1) => reshape(slice(pairs, 2, i, i + 1), [batch * time, c.heads * c.headDim]);
      gate = sigmoid(half(1));
      return half(0);
    });
  const rotated = (name: 'q' | 'k', heads: number, rows: Value): Value => {
    const norm = (y: Value) => normLayer(p, y, `${block}.${named(c, `self_attn.${name}_norm`)}`, c.norm);
    const y = split(c.headNorm === 'all' ? norm(rows) : rows, heads);
    const z = c.headNorm === 'each' ? norm(y) : y;
    const rotation = rotations[name];
    if (!rotation) return z;
    return p.graph.scoped(module, () => rope(z, inputs.order, rotation.cos, rotation.sin));
  };
  const queries = project('q');
  const q = rotated('q', c.heads, c.outputGate ? gated(queries) : queries);
  const ownKeys = () => {
    const rows = project('k');
    const k = rotated('k', c.kvHeads, rows);
    const v = split(c.keysAsValues(layer) ? rows : project('v'), c.kvHeads);
    return { k, v: c.valueNorm ? p.graph.scoped(module, () => plainNorm(v, c.norm.eps)) : v };
  };
  const source = c.sharedOf(layer);
  const { k, v } = source === null ? ownKeys() : shared.get(source)!;
  shared.set(layer, { k, v });
  const mixed = p.graph.scoped(module, () => {
    const seen = mergeHeads(attend(source ?? layer, q, k, v, c.queryScale, c.windowOf(layer)));
    return gate ? mul(seen, gate) : seen;
  });
  return linear(p, mixed, `${block}.${named(c, 'self_attn.o_proj')}`, {
    inputs: c.heads * c.headDim,
    outputs: c.hiddenSize,
    bias: c.outputBias,
  });
}

function rotationOf(name: string | null, { rotations }: DecoderInputs): Rotation | null {
  if (name === null) return null;
  const found = rotations.get(name);
  if (!found) throw internal(`a decoder needs the tables of the rotation ${name}`);
  return found;
}

interface Projections<Name extends string> {
  readonly block: string;
  readonly part: 'self_attn' | 'mlp';
  readonly outputs: Readonly<Record<Name, number>>;
  /** The one linear layer that has the outputs of all, where they are fused. */
  readonly fused: string | null;
  readonly bias: boolean;
}

/** Linear layers that read the same `x`, each made when it is asked for; fused ones are cut from a single product. */
function projections<Name extends string>(
  p: Parameters,
  c: DecoderConfig,
  x: Value,
  { block, part: of, outputs, fused, bias }: Projections<Name>,
): (name: Name) => Value {
  const shape = { inputs: c.hiddenSize, bias };
  const module = (name: string) => `${block}.${named(c, `${of}.${name}`)}`;
  if (fused === null)
    return (name) => linear(p, x, module(`${name}_proj`), { ...shape, outputs: outputs[name] });
  const parts = Object.entries<number>(outputs);
  const sum = (sizes: typeof parts) => sizes.reduce((total, [, size]) => total + size, 0);
  const all = linear(p, x, module(fused), { ...shape, outputs: sum(parts) });
  return (name) => {
    const start = sum(
      parts.slice(
        0,
        parts.findIndex(([part]) => part === name),
      ),
    );
    return p.graph.scoped(`${block}.${of}`, () => slice(all, 1, start, start + outputs[name]));
  };
}

function gatedMlp(p: Parameters, c: DecoderConfig, layer: number, x: Value): Value {
  const block = `model.layers.${layer}`;
  const module = `${block}.mlp`;
  const outputs = { gate: c.mlpSize, up: c.mlpSize };
  const project = projections(p, c, x, {
    block,
    part: 'mlp',
    outputs,
    fused: c.fusedMlp ? 'gate_up_proj' : null,
    bias: c.mlpBias,
  });
  const [gate, wide] = [project('gate'), project('up')];
  const activated = p.graph.scoped(module, () => mul(activationOf(c.activation)(gate), wide));
  return linear(p, activated, `${block}.${named(c, 'mlp.down_proj')}`, {
    inputs: c.mlpSize,
    outputs: c.hiddenSize,
    bias: c.mlpBias,
  });
}
