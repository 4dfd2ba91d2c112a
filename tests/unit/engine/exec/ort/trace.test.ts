import { describe, expect, it } from 'vitest';
import { ON_CPU } from '../../../../../main/engine/exec/onnx/lower.ts';
import { ON_WEBGPU } from '../../../../../main/engine/exec/ort/lower-gpu.ts';
import { type Lowered, traced } from '../../../../../main/engine/exec/ort/trace.ts';
import { readModel } from '../../../../../main/engine/models/registry.ts';
import { type Method, onBase } from '../../../../../main/engine/nn/parameters.ts';
import { optimise } from '../../../../../main/engine/passes/index.ts';
import { gradientStep } from '../../../../../main/engine/step/step-graphs.ts';

const MODEL = readModel({
  ...{
    model_type: 'llama',
    num_hidden_layers: 3,
    hidden_size: 128,
    intermediate_size: 256,
    vocab_size: 2048,
  },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 32, max_position_embeddings: 2048 },
});
const LORA: Method = { kind: 'lora', dropout: 0.1, adapterOf: () => ({ rank: 8, scale: 2 }) };

/** Asks for all again. */
class Forgetful extends Map<never, never> {
  override get() {
    return undefined;
  }
}

describe('what a graph becomes', () => {
  it.each([
    ['the processor', ON_CPU],
    ['WebGPU', ON_WEBGPU],
  ])('is the same whether or not nodes with the same attributes are lowered once, on %s', (_, dialect) => {
    const lowered: Lowered = new Map();
    for (const method of [LORA, onBase(LORA, 'int4-dq', new Map())])
      for (const time of [64, 256])
        for (const degree of ['none', 'block'] as const) {
          const step = gradientStep(MODEL, method, { batch: 2, time, labels: 64 }, degree);
          const graph = optimise(step.graph, dialect.fused);
          const lists = (known: Lowered) => {
            const { ops, scopes, starts, operands, results, types, shapes, outputs } = traced(
              graph,
              dialect,
              known,
            );
            return { ops, scopes, starts, operands, results, types, shapes, outputs };
          };
          const each = lists(new Forgetful());
          expect(lists(lowered)).toEqual(each);
          // and once more, now that all of it is known
          expect(lists(lowered)).toEqual(each);
        }
    expect(lowered.size).toBeGreaterThan(100);
  });
});
