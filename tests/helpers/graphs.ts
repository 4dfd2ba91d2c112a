/** Runs graphs by the definitions of their operations, and makes tiny models with seeded weights in memory. */

import type { WeightSource, WorkingMemory } from '../../main/engine/exec/executor.ts';
import { evaluate } from '../../main/engine/exec/reference/reference-executor.ts';
import { HOST_ARRAYS } from '../../main/engine/ir/dtype.ts';
import type { Graph } from '../../main/engine/ir/graph.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { type Model, outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { type Method, withoutDropout } from '../../main/engine/nn/parameters.ts';
import { logits } from '../../main/engine/nn/table.ts';
import { gather } from '../../main/engine/ops/functions.ts';
import { decompose } from '../../main/engine/passes/index.ts';
import { forward, type StepGraph } from '../../main/engine/step/step-graphs.ts';
import type { BatchShape } from '../../main/engine/tasks/feeds.ts';
import { seeded } from './random.ts';

export type Data = Readonly<Record<string, ArrayLike<number>>>;

/** Outputs of `graph` for inputs and weights by name; `precise` computes in float64. */
export function compute(graph: Graph, data: Data, precise = false): Record<string, number[]> {
  const plain = decompose(graph, new Set());
  const results = evaluate(
    plain,
    ({ source, dtype, shape }) => {
      if (source.kind === 'node') throw new Error('a node is no leaf');
      const raw = source.kind === 'constant' ? source.data : data[source.name];
      if (raw?.length !== sizeOf(shape))
        throw new Error(`no data of shape [${shape}] for ${JSON.stringify(source)}`);
      const make = dtype === 'f32' && precise ? Float64Array : HOST_ARRAYS[dtype];
      return { dtype, shape, data: make.from(raw) };
    },
    precise,
  );
  return Object.fromEntries([...results].map(([name, tensor]) => [name, [...tensor.data]]));
}

/** `count` numbers in [-scale, scale). */
export function noise(count: number, seed: number, scale = 1): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({ length: count }, () => scale * (2 * random() - 1));
}

/** A small configuration that every Llama-like family accepts. */
export const TINY: JsonObject = {
  model_type: 'llama',
  vocab_size: 50,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 512,
  head_dim: 4,
};

export const TINY_GPT2: JsonObject = {
  model_type: 'gpt2',
  vocab_size: 50,
  n_embd: 12,
  n_layer: 2,
  n_head: 3,
  n_positions: 64,
};

const LOCAL_BUT_LAST = ['sliding_attention', 'sliding_attention', 'full_attention'];

/** What makes the newer families of three layers of `TINY`, what is special about each switched on. */
export const NEWER: Readonly<Record<string, JsonObject>> = {
  SmolLM3: { model_type: 'smollm3', no_rope_layers: [1, 0, 1] },
  'Gemma 3': {
    ...{ model_type: 'gemma3_text', layer_types: LOCAL_BUT_LAST, sliding_window: 5 },
    ...{ query_pre_attn_scalar: 5, final_logit_softcapping: 4 },
  },
  'Phi-3': { model_type: 'phi3', partial_rotary_factor: 0.5 },
  'Ministral 3': {
    model_type: 'ministral3',
    rope_parameters: {
      ...{ rope_type: 'yarn', rope_theta: 1000, factor: 4, original_max_position_embeddings: 4 },
      llama_4_scaling_beta: 0.3,
    },
  },
  Granite: { model_type: 'granite', embedding_multiplier: 3, residual_multiplier: 0.6, logits_scaling: 2 },
  'Granite 4': {
    ...{ model_type: 'granitemoehybrid', num_local_experts: 0, shared_intermediate_size: 20 },
    layer_types: ['attention', 'attention', 'attention'],
  },
  'OLMo 2': { model_type: 'olmo2' },
  'EXAONE 4': { model_type: 'exaone4', layer_types: LOCAL_BUT_LAST, sliding_window: 5 },
  'OLMo 3': { model_type: 'olmo3', layer_types: LOCAL_BUT_LAST, sliding_window: 5 },
  LFM2: {
    ...{ model_type: 'lfm2', layer_types: ['conv', 'full_attention', 'conv'], conv_bias: true },
    block_auto_adjust_ff_dim: false,
  },
  'Qwen3.5': {
    ...{
      model_type: 'qwen3_5_text',
      layer_types: ['linear_attention', 'linear_attention', 'full_attention'],
    },
    ...{ head_dim: 8, linear_num_key_heads: 2, linear_num_value_heads: 4 },
    ...{ linear_key_head_dim: 8, linear_value_head_dim: 6 },
  },
};

/** Gemma 4 of four layers, whose upper two attend to the keys of the lower ones. */
export const GEMMA4: JsonObject = {
  ...{ model_type: 'gemma4_text', num_hidden_layers: 4, global_head_dim: 8, num_kv_shared_layers: 2 },
  layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
  ...{ sliding_window: 5, use_double_wide_mlp: true },
  ...{ hidden_size_per_layer_input: 6, vocab_size_per_layer_input: 50 },
};

/** Seeded weights of `model` by name; norm weights lie around 1. */
export function tinyWeights(model: Model, seed = 1): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  let next = seed;
  for (const [name, { shape, kind }] of outline(model).parameters) {
    const values = noise(sizeOf(shape), next++, 0.5);
    weights.set(name, kind === 'norm' ? values.map((x) => 1 + x / 2) : values);
  }
  return weights;
}

/** A tiny model and its weights in memory. */
export function tinyModel(config: JsonObject = {}): {
  model: Model;
  weights: Map<string, Float32Array>;
  source: WeightSource;
} {
  const model = readModel({ ...(config.model_type === 'gpt2' ? TINY_GPT2 : TINY), ...config });
  const weights = tinyWeights(model);
  return { model, weights, source: (name) => ({ kind: 'memory', data: weights.get(name)! }) };
}

/** The largest sum of values alive at once in a whole graph. */
export const liveBytes = ({ turnBytes, afterBytes }: WorkingMemory): number =>
  Math.max(turnBytes, afterBytes);

/** (batch, trainables) -> logits [labels, V] of the listed rows. */
export function logitsStep(model: Model, method: Method, shape: BatchShape): StepGraph {
  const { graph, p, hidden, inputs } = forward(model, withoutDropout(method), shape);
  graph.output('logits', logits(gather(hidden, inputs.rows), model.head(p)));
  return { graph, trainables: [...p.trainables.values()] };
}
