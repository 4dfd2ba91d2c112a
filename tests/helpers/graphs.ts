/** Runs graphs by the definitions of their operations, and makes tiny models with seeded weights in memory. */

import type { WeightSource } from '../../main/engine/exec/executor.ts';
import { evaluate } from '../../main/engine/exec/reference/reference-executor.ts';
import { HOST_ARRAYS } from '../../main/engine/ir/dtype.ts';
import type { Graph } from '../../main/engine/ir/graph.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { type Model, outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { decompose } from '../../main/engine/passes/simplify.ts';
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
