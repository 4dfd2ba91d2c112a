import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { Graph, Value } from '../../../../main/engine/ir/graph.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import { readModel } from '../../../../main/engine/models/registry.ts';
import { type Method, onBase } from '../../../../main/engine/nn/parameters.ts';
import { simplify } from '../../../../main/engine/passes/index.ts';
import { PERIOD, type Recompute } from '../../../../main/engine/passes/recompute.ts';
import { lengthened } from '../../../../main/engine/pricing/lengthen.ts';
import { evaluationStep, gradientStep } from '../../../../main/engine/step/step-graphs.ts';

const { fusedOperations } = await openExecutor('ort', { threads: 1 });

const decoder = (model_type: string, more: JsonObject = {}): JsonObject => ({
  ...{ model_type, num_hidden_layers: 12, hidden_size: 256, intermediate_size: 768, vocab_size: 4096 },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 64, max_position_embeddings: 4096 },
  ...more,
});
const wide = { hidden_size: 576, intermediate_size: 1536, vocab_size: 49_152, tie_word_embeddings: true };
const MODELS: Readonly<Record<string, JsonObject>> = {
  llama: decoder('llama'),
  'llama, tied, large vocabulary': decoder('llama', wide),
  mistral: decoder('mistral', { sliding_window: 100 }),
  qwen2: decoder('qwen2', { tie_word_embeddings: true }),
  qwen3: decoder('qwen3'),
  'gpt-2': { model_type: 'gpt2', n_embd: 256, n_head: 4, n_layer: 12, n_positions: 4096 },
};

function methodsOf(config: JsonObject): Readonly<Record<string, Method>> {
  const lora = (dropout = 0, more = {}): Method => ({
    ...{ kind: 'lora', dropout, adapterOf: () => ({ rank: 8, scale: 2 }), ...more },
  });
  const halves = new Map(
    [...outline(readModel(config)).parameters.keys()].map((name) => [name, 'bf16'] as const),
  );
  return {
    LoRA: lora(0.1),
    'LoRA of two modules': {
      ...{ kind: 'lora', dropout: 0 },
      adapterOf: (module) => (/[qv]_proj$|c_attn$/.test(module) ? { rank: 4, scale: 1 } : null),
    },
    DoRA: lora(0, { adapterOf: () => ({ rank: 8, scale: 2, dora: 'trained' }) }),
    '16 bits': onBase(lora(), 16, halves),
    QLoRA: onBase(lora(), 'nf4-dq', halves),
    'mixed precision': lora(0, { precision: 'f16', halves }),
    full: { kind: 'full' },
    'full in 16 bits': { kind: 'full', masters: 'f16' } as never,
  };
}

const DEGREES: readonly (Recompute | 'evaluation')[] = [
  ...(['none', 'attention', 'third', 'half', 'block', 'evaluation'] as const),
];
const SHAPES = [
  { batch: 1, time: 1024, labels: 256 },
  { batch: 3, time: 96, labels: 64 },
  { batch: 1, time: 1216, labels: 64 },
];

/** All of a graph that a price depends on, in the order of its nodes: what they do, on what, and where they lie. */
function described(graph: Graph): unknown {
  const places = new Map(graph.nodes.map(({ output }, i) => [output, i]));
  const named = (value: Value): string => {
    const { source, dtype, shape } = value;
    if (source.kind === 'node') return `%${places.get(value)}`;
    return `${source.kind === 'constant' ? [...source.data.slice(0, 8)] : source.name} ${dtype}[${shape}]`;
  };
  return {
    nodes: graph.nodes.map(({ op, inputs, output, attrs, scope }) => {
      // numbers that dropout draws by
      const { stream: _, ...rest } = attrs;
      return `${op} ${inputs.map(named)} ${output.dtype}[${output.shape}] ${JSON.stringify(rest)} ${scope}`;
    }),
    outputs: [...graph.outputs].map(([name, value]) => `${name} ${named(value)}`),
    leaves: [...graph.inputs.values(), ...graph.weights.values()].map(named).sort(),
  };
}

describe('a lengthened graph', () => {
  for (const [name, config] of Object.entries(MODELS))
    it.each(Object.entries(methodsOf(config)))(`is that of a deeper model: ${name}, %s`, (how, method) => {
      const own = readModel(config);
      // new tokens are trained beside adapters
      const isMore = name === 'mistral' && method.kind === 'lora';
      const model = isMore ? own.withNewTokens(own.vocabSize, 3) : own;
      // the others change how weights lie and are trained, of which a shape knows nothing
      const isEach = name === 'llama' && ['LoRA', 'full'].includes(how);
      for (const [i, degree] of DEGREES.entries())
        for (const shape of isEach ? SHAPES : [SHAPES[i % SHAPES.length]!]) {
          const period = degree === 'evaluation' ? 1 : PERIOD[degree];
          const graphOf = (layers: number) => {
            const copy = model.withLayers(layers)!;
            const step =
              degree === 'evaluation'
                ? evaluationStep(copy, method, shape)
                : gradientStep(copy, method, shape, degree, shape.batch === 1);
            return simplify(step.graph, fusedOperations);
          };
          const longer = lengthened(graphOf(period + 2), period);
          expect(longer, `${degree} ${JSON.stringify(shape)}`).not.toBeNull();
          expect(described(longer!), `${degree} ${JSON.stringify(shape)}`).toEqual(
            described(graphOf(2 * period + 2)),
          );
        }
    });

  it('is none where the layers differ', () => {
    const method: Method = {
      ...{ kind: 'lora', dropout: 0 },
      adapterOf: (module) => (module.includes('.1.') ? { rank: 4, scale: 1 } : null),
    };
    const copy = readModel(MODELS.llama!).withLayers(3)!;
    const { graph } = gradientStep(copy, method, SHAPES[1]!);
    expect(lengthened(simplify(graph, fusedOperations), 1)).toBeNull();
  });
});
