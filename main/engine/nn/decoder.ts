/**
 * The Llama-like decoder that most families are: norms, rotary grouped-query attention and a gated MLP in each block.
 * Families differ in `DecoderConfig`; a value that changes nothing (1, null, no bias) adds no node to the graph.
 */
import { internal } from '../../../common/errors.ts';
import type { Value } from '../ir/graph.ts';
import { activationOf, add, mul, reshape, rope, slice } from '../ops/functions.ts';
import { type Attend, mergeHeads, splitHeads } from './attention.ts';
import { linear } from './linear.ts';
import { type Norm, normLayer } from './norm.ts';
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
  /** One matrix for q, k and v, and one for gate and up (Phi-3). */
  readonly fused: boolean;
  readonly norm: Norm;
  readonly placement: Placement;
  /** The norm of queries and keys before they are rotated: of each head (Qwen3), or of all heads together (OLMo 2). */
  readonly headNorm: 'none' | 'each' | 'all';
  readonly ropes: Ropes;
  /** The rotation of a layer by its name in `ropes`, null where queries and keys are not rotated. */
  readonly ropeOf: (layer: number) => string | null;
  /** Attention window of a layer, null where it sees all. */
  readonly windowOf: (layer: number) => number | null;
  /** Factors on the embedding, on queries times keys, on what each half of a block adds, and on the logits. */
  readonly embeddingScale: number;
  readonly queryScale: number;
  readonly residualScale: number;
  readonly logitScale: number;
  /** Logits z become c tanh(z / c) for this c, null for none. */
  readonly logitCap: number | null;
}

export type Placement = 'pre' | 'post' | 'sandwich';

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
export interface DecoderInputs {
  readonly tokens: Value;
  readonly order: Value;
  readonly rotations: ReadonlyMap<string, Rotation>;
}

/** Hidden states after the last norm, [B*T,H]. */
export function decoder(p: Parameters, c: DecoderConfig, inputs: DecoderInputs, attend: Attend): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const table = tableOf(p, 'model.embed_tokens.weight', c, 'embedding');
  let x = mul(reshape(lookUp(table, inputs.tokens), [batch * time, c.hiddenSize]), c.embeddingScale);
  const norms = NORMS[c.placement];
  for (let layer = 0; layer < c.layers; layer++) {
    const name = `model.layers.${layer}`;
    const normed = (y: Value, part: string | null) =>
      part === null ? y : normLayer(p, y, `${name}.${part}`, c.norm);
    const joined = (y: Value, change: Value) =>
      p.graph.scoped(name, () => add(y, mul(change, c.residualScale)));
    const mixed = selfAttention(p, c, inputs, layer, normed(x, norms.beforeAttention), attend);
    const seen = joined(x, normed(mixed, norms.afterAttention));
    const changed = gatedMlp(p, c, layer, normed(seen, norms.beforeMlp));
    x = joined(seen, normed(changed, norms.afterMlp));
  }
  return mul(normLayer(p, x, 'model.norm', c.norm), c.logitScale);
}

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
): Value {
  const module = `model.layers.${layer}.self_attn`;
  const [batch, time] = inputs.tokens.shape as [number, number];
  const outputs = { q: c.heads * c.headDim, k: c.kvHeads * c.headDim, v: c.kvHeads * c.headDim };
  const project = projections(p, c, x, { module, outputs, fused: 'qkv_proj', bias: c.qkvBias });
  const split = (rows: Value, heads: number) =>
    p.graph.scoped(module, () => splitHeads(rows, batch, time, heads));
  const rotation = rotationOf(c.ropeOf(layer), inputs);
  const rotated = (name: 'q' | 'k', heads: number): Value => {
    const norm = (y: Value) => normLayer(p, y, `${module}.${name}_norm`, c.norm);
    const rows = project(name);
    const y = split(c.headNorm === 'all' ? norm(rows) : rows, heads);
    const z = c.headNorm === 'each' ? norm(y) : y;
    if (!rotation) return z;
    return p.graph.scoped(module, () => rope(z, inputs.order, rotation.cos, rotation.sin));
  };
  const [q, k, v] = [rotated('q', c.heads), rotated('k', c.kvHeads), split(project('v'), c.kvHeads)];
  const mixed = p.graph.scoped(module, () =>
    mergeHeads(attend(layer, q, k, v, c.queryScale, c.windowOf(layer))),
  );
  return linear(p, mixed, `${module}.o_proj`, {
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
  readonly module: string;
  readonly outputs: Readonly<Record<Name, number>>;
  /** The one linear layer that has the outputs of all, where they are fused. */
  readonly fused: string;
  readonly bias: boolean;
}

/** Linear layers that read the same `x`, each made when it is asked for; fused ones are cut from a single product. */
function projections<Name extends string>(
  p: Parameters,
  c: DecoderConfig,
  x: Value,
  { module, outputs, fused, bias }: Projections<Name>,
): (name: Name) => Value {
  const shape = { inputs: c.hiddenSize, bias };
  if (!c.fused) return (name) => linear(p, x, `${module}.${name}_proj`, { ...shape, outputs: outputs[name] });
  const parts = Object.entries<number>(outputs);
  const sum = (sizes: typeof parts) => sizes.reduce((total, [, size]) => total + size, 0);
  const all = linear(p, x, `${module}.${fused}`, { ...shape, outputs: sum(parts) });
  return (name) => {
    const start = sum(
      parts.slice(
        0,
        parts.findIndex(([part]) => part === name),
      ),
    );
    return p.graph.scoped(module, () => slice(all, 1, start, start + outputs[name]));
  };
}

function gatedMlp(p: Parameters, c: DecoderConfig, layer: number, x: Value): Value {
  const module = `model.layers.${layer}.mlp`;
  const outputs = { gate: c.mlpSize, up: c.mlpSize };
  const project = projections(p, c, x, { module, outputs, fused: 'gate_up_proj', bias: c.mlpBias });
  const [gate, wide] = [project('gate'), project('up')];
  const activated = p.graph.scoped(module, () => mul(activationOf(c.activation)(gate), wide));
  return linear(p, activated, `${module}.down_proj`, {
    inputs: c.mlpSize,
    outputs: c.hiddenSize,
    bias: c.mlpBias,
  });
}
