/**
 * The Llama-like decoder that most families are: RMS norm, rotary grouped-query attention and a gated MLP in each block.
 * Families differ in the switches of `DecoderConfig`.
 */
import type { Value } from '../ir/graph.ts';
import { activationOf, add, mul, reshape, rope } from '../ops/functions.ts';
import { type Attend, mergeHeads, splitHeads } from './attention.ts';
import { linear } from './linear.ts';
import { rmsNormLayer } from './norm.ts';
import type { Parameters } from './parameters.ts';
import type { Rope } from './rope.ts';
import { lookUp, type Table, type TableShape, tableOf } from './table.ts';

export interface DecoderConfig extends TableShape {
  readonly mlpSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly maxPositions: number;
  readonly normEps: number;
  readonly activation: string;
  readonly rope: Rope;
  readonly tiedHead: boolean;
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** RMS norm of each query and key head before the rotation (Qwen3). */
  readonly headNorm: boolean;
  /** Attention window of a layer, null where it sees all. */
  readonly windowOf: (layer: number) => number | null;
}

/** What a decoder reads: tokens [B,T], and the rotation of row order[b,t] of the tables cos and sin [B*T, R/2]. */
export interface DecoderInputs {
  readonly tokens: Value;
  readonly order: Value;
  readonly cos: Value;
  readonly sin: Value;
}

/** Hidden states after the last norm, [B*T,H]. */
export function decoder(p: Parameters, c: DecoderConfig, inputs: DecoderInputs, attend: Attend): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const table = tableOf(p, 'model.embed_tokens.weight', c, 'embedding');
  let x = reshape(lookUp(table, inputs.tokens), [batch * time, c.hiddenSize]);
  for (let layer = 0; layer < c.layers; layer++) {
    const name = `model.layers.${layer}`;
    const normed = rmsNormLayer(p, x, `${name}.input_layernorm`, c.normEps);
    const mixed = selfAttention(p, c, inputs, layer, normed, attend);
    const seen = p.graph.scoped(name, () => add(x, mixed));
    const changed = gatedMlp(
      p,
      c,
      layer,
      rmsNormLayer(p, seen, `${name}.post_attention_layernorm`, c.normEps),
    );
    x = p.graph.scoped(name, () => add(seen, changed));
  }
  return rmsNormLayer(p, x, 'model.norm', c.normEps);
}

/** The output head [V,H]: the embedding where they are tied. */
export function decoderHead(p: Parameters, c: DecoderConfig): Table {
  const name = c.tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight';
  return tableOf(p, name, c, c.tiedHead ? 'embedding' : 'matrix');
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
  const project = (name: string, heads: number, turned: boolean): Value => {
    const shape = { inputs: c.hiddenSize, outputs: heads * c.headDim, bias: c.qkvBias };
    const rows = linear(p, x, `${module}.${name}_proj`, shape);
    const split = p.graph.scoped(module, () => splitHeads(rows, batch, time, heads));
    if (!turned) return split;
    const y = c.headNorm ? rmsNormLayer(p, split, `${module}.${name}_norm`, c.normEps) : split;
    return p.graph.scoped(module, () => rope(y, inputs.order, inputs.cos, inputs.sin));
  };
  const [q, k, v] = [
    project('q', c.heads, true),
    project('k', c.kvHeads, true),
    project('v', c.kvHeads, false),
  ];
  const mixed = p.graph.scoped(module, () =>
    mergeHeads(attend(layer, q, k, v, c.headDim ** -0.5, c.windowOf(layer))),
  );
  return linear(p, mixed, `${module}.o_proj`, {
    inputs: c.heads * c.headDim,
    outputs: c.hiddenSize,
    bias: c.outputBias,
  });
}

function gatedMlp(p: Parameters, c: DecoderConfig, layer: number, x: Value): Value {
  const module = `model.layers.${layer}.mlp`;
  const up = { inputs: c.hiddenSize, outputs: c.mlpSize, bias: c.mlpBias };
  const gate = linear(p, x, `${module}.gate_proj`, up);
  const wide = linear(p, x, `${module}.up_proj`, up);
  const activated = p.graph.scoped(module, () => mul(activationOf(c.activation)(gate), wide));
  return linear(p, activated, `${module}.down_proj`, {
    inputs: c.mlpSize,
    outputs: c.hiddenSize,
    bias: c.mlpBias,
  });
}
