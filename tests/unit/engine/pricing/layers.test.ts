import { describe, expect, it, vi } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { type Model, outline } from '../../../../main/engine/models/model.ts';
import { readModel } from '../../../../main/engine/models/registry.ts';
import { type LoraShape, type Method, onBase } from '../../../../main/engine/nn/parameters.ts';
import type { Recompute } from '../../../../main/engine/passes/recompute.ts';
import {
  affine,
  evaluationFigures,
  type PricedShapes,
  type StepFigures,
  shallowCopies,
  trainingFigures,
} from '../../../../main/engine/pricing/layers.ts';
import { priceStep } from '../../../../main/engine/pricing/pricing.ts';

const executor = await openExecutor('ort', { threads: 1 });

const decoder = (model_type: string, layers: number, more: JsonObject = {}): JsonObject => ({
  ...{ model_type, num_hidden_layers: layers, hidden_size: 256, intermediate_size: 768, vocab_size: 4096 },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 64, max_position_embeddings: 2048 },
  ...more,
});
const wide = { hidden_size: 576, intermediate_size: 1536, vocab_size: 49_152, tie_word_embeddings: true };
const adapters = (shapeOf: (module: string) => LoraShape | null, dropout = 0): Method => ({
  ...{ kind: 'lora', dropout, adapterOf: shapeOf },
});
const all = adapters(() => ({ rank: 16, scale: 2 }));
const full: Method = { kind: 'full' };
/** Adapters beside a model of which every parameter rests in 16 bits, or only those of some layers. */
const halved = (config: JsonObject, isHalf: (name: string) => boolean = () => true): Method => {
  const names = [...outline(readModel(config)).parameters.keys()].filter(isHalf);
  return onBase(all, 16, new Map(names.map((name) => [name, 'bf16'])));
};
const shape = (batch: number, time: number, labels: number, recompute?: Recompute): PricedShapes => ({
  training: { batch, time, labels, ...(recompute && { recompute }) },
  evaluation: { batch, time, labels: labels / 2 },
});

const CASES: readonly [name: string, JsonObject, Method, PricedShapes][] = [
  ['Llama, LoRA, one long row', decoder('llama', 16), all, shape(1, 1024, 256)],
  ['Llama, LoRA, short rows', decoder('llama', 14), all, shape(8, 64, 64)],
  ['Llama, LoRA, few tokens', decoder('llama', 13, wide), all, shape(1, 128, 64)],
  ['Llama, full, tied and a large vocabulary', decoder('llama', 15, wide), full, shape(1, 1024, 256)],
  ['Llama, full, few tokens', decoder('llama', 12, wide), full, shape(1, 128, 64)],
  [
    'Mistral, windows, dropout',
    decoder('mistral', 12, { sliding_window: 100 }),
    adapters(() => ({ rank: 8, scale: 2 }), 0.1),
    shape(2, 256, 128),
  ],
  ['Mistral, full', decoder('mistral', 14), full, shape(4, 256, 512)],
  ['Qwen2, LoRA, tied', decoder('qwen2', 12, { tie_word_embeddings: true }), all, shape(4, 256, 512)],
  ['Qwen2, full', decoder('qwen2', 16), full, shape(2, 512, 256)],
  [
    'Qwen3, two layers of each block',
    decoder('qwen3', 13),
    adapters((module) => (/[qv]_proj$/.test(module) ? { rank: 4, scale: 1 } : null)),
    shape(1, 512, 128),
  ],
  ['Qwen3, full', decoder('qwen3', 12), full, shape(1, 256, 256)],
  ['GPT-2, LoRA', { model_type: 'gpt2', n_embd: 256, n_head: 4, n_layer: 14 }, all, shape(2, 256, 128)],
  ['Llama, attention again', decoder('llama', 16), all, shape(1, 1024, 256, 'attention')],
  ['Llama, blocks again', decoder('llama', 16), all, shape(1, 1024, 256, 'block')],
  ['Llama, every second block again', decoder('llama', 16), all, shape(1, 1024, 256, 'half')],
  [
    'Llama, full, every second of an odd number',
    decoder('llama', 15, wide),
    full,
    shape(1, 1024, 256, 'half'),
  ],
  ['Qwen2, every second block, few tokens', decoder('qwen2', 12), all, shape(1, 128, 64, 'half')],
  ['Llama, every third block', decoder('llama', 15, wide), all, shape(1, 1024, 256, 'third')],
  ['Llama, full, every third of 16', decoder('llama', 16), full, shape(1, 512, 256, 'third')],
  ['Qwen3, every third of 14, few tokens', decoder('qwen3', 14), all, shape(1, 128, 64, 'third')],
  ['Llama, 16 bits', decoder('llama', 13, wide), halved(decoder('llama', 13, wide)), shape(1, 1024, 256)],
  ['Llama, blocks again, few tokens', decoder('llama', 13, wide), all, shape(1, 128, 64, 'block')],
  ['Llama, full, tied, blocks again', decoder('llama', 15, wide), full, shape(1, 1024, 256, 'block')],
  ['Qwen2, full, attention again', decoder('qwen2', 12), full, shape(2, 512, 256, 'attention')],
  [
    'Mistral, dropout, blocks again',
    decoder('mistral', 12, { sliding_window: 100 }),
    adapters(() => ({ rank: 8, scale: 2 }), 0.1),
    shape(2, 256, 128, 'block'),
  ],
  ['Qwen3, full, blocks again', decoder('qwen3', 12), full, shape(1, 256, 256, 'block')],
  [
    'GPT-2, blocks again',
    { model_type: 'gpt2', n_embd: 256, n_head: 4, n_layer: 14 },
    all,
    shape(2, 256, 128, 'block'),
  ],
  [
    'GPT-2, full, untied',
    { model_type: 'gpt2', n_embd: 256, n_head: 4, n_layer: 12, vocab_size: 4096, tie_word_embeddings: false },
    full,
    shape(1, 512, 64),
  ],
];

/** Of what is compared to the last one: everything but bytes of memory while the step runs. */
function counts({ parameters, gradient, evaluation }: StepFigures): unknown {
  return {
    parameters,
    graphs: [gradient, evaluation].map((graph) => ({
      ...{ work: graph?.work, flops: graph?.flops, weightBytes: graph?.weightBytes },
      sessionBytes: graph?.sessionBytes,
    })),
  };
}

/** The figures of a step from the given copies of the model, or from those that are taken by themselves. */
function stepFigures(
  model: Model,
  method: Method,
  { training, evaluation }: PricedShapes,
  copies?: readonly [Model],
): StepFigures {
  return {
    ...trainingFigures(model, method, training, executor, copies),
    evaluation: evaluation && evaluationFigures(model, method, evaluation, executor, copies),
  };
}

const wholeFigures = (model: Model, method: Method, shapes: PricedShapes) =>
  stepFigures(model, method, shapes, [model]);

function memory({ gradient, evaluation }: StepFigures): Record<string, number> {
  return {
    live: Math.max(gradient.turnBytes, gradient.afterBytes),
    byGraph: Math.max(gradient.turn.bytes, gradient.after.bytes),
    heap: gradient.heapBytes,
    evaluation: Math.max(evaluation!.turnBytes, evaluation!.afterBytes),
  };
}

describe('the price of a deep model', () => {
  it.each(CASES)('is that of its whole graph: %s', (_, config, method, shapes) => {
    const model = readModel(config);
    const [quick, whole] = [stepFigures(model, method, shapes), wholeFigures(model, method, shapes)];
    expect(counts(quick)).toEqual(counts(whole));
    const expected = memory(whole);
    for (const [name, bytes] of Object.entries(memory(quick)))
      expect(Math.abs(bytes / expected[name]! - 1), name).toBeLessThan(0.01);
  });

  it.each([
    ['behind its tables', all, 4096, 'none'],
    ['among unused rows, blocks again', all, 4000, 'block'],
    ['and all its weights', full, 4096, 'none'],
  ] as const)('is that of its whole graph with new tokens %s', (_, method, first, recompute) => {
    const plain = readModel(decoder('llama', 14));
    const model = plain.withNewTokens(first, 5);
    const shapes = shape(2, 256, 128, recompute);
    const [quick, whole] = [stepFigures(model, method, shapes), wholeFigures(model, method, shapes)];
    expect(counts(quick)).toEqual(counts(whole));
    const expected = memory(whole);
    for (const [name, bytes] of Object.entries(memory(quick)))
      expect(Math.abs(bytes / expected[name]! - 1), name).toBeLessThan(0.01);
    // an embedding and a head for each
    const more = whole.parameters - wholeFigures(plain, method, shapes).parameters;
    expect(more).toBe(2 * 5 * 256);
  });

  it('is not remembered as that of the model without new tokens', () => {
    const config = decoder('llama', 9);
    const opened = (model: Model) => ({ config, model, outline: outline(model), halves: new Map() });
    const plain = readModel(config);
    const price = (model: Model) => priceStep(opened(model), all, shape(1, 64, 64), executor);
    // the same rows of the tables, of which some are trained
    const [before, after] = [price(plain), price(plain.withNewTokens(4090, 3))];
    expect(after.trainableParameters - before.trainableParameters).toBe(2 * 3 * 256);
  });

  it('is that of its whole graph where layers differ', () => {
    const types = Array.from({ length: 12 }, (_, i) => (i % 2 ? 'sliding_attention' : 'full_attention'));
    const windows = { layer_types: types, use_sliding_window: true, sliding_window: 32 };
    const model = readModel(decoder('qwen2', 12, windows));
    expect(shallowCopies(model, all)).toBeNull();
    expect(stepFigures(model, all, shape(1, 64, 64)).gradient.work).toEqual(
      wholeFigures(model, all, shape(1, 64, 64)).gradient.work,
    );
  });

  it('is not told by copies where adapters differ from layer to layer', () => {
    const model = readModel(decoder('llama', 12));
    const some = adapters((module) => (module.includes('.7.') ? { rank: 8, scale: 1 } : null));
    expect(shallowCopies(model, some)).toBeNull();
    expect(shallowCopies(model, all)!.map(({ layers }) => layers)).toEqual([3, 4]);
  });

  it('is not told by copies where some layers rest in 16 bits and others do not', () => {
    const config = decoder('llama', 12);
    expect(
      shallowCopies(
        readModel(config),
        halved(config, (name) => !name.includes('.7.')),
      ),
    ).toBeNull();
    expect(shallowCopies(readModel(config), halved(config))).toHaveLength(2);
  });

  it('is computed once for the same graphs', () => {
    const config = decoder('llama', 10, { vocab_size: 1111 });
    const model = readModel(config);
    const memoryOf = vi.fn(executor.memoryOf);
    const opened = () => ({ config, model, outline: outline(model), halves: new Map() });
    const price = (method: Method, anchored = false) =>
      priceStep(opened(), method, shape(1, 64, 64), { ...executor, memoryOf }, { anchored });
    const first = price(all);
    const graphs = memoryOf.mock.calls.length;
    expect(graphs).toBe(4);
    expect(price(all)).toEqual(first);
    expect(price(all, true).stateBytes).toBeGreaterThan(first.stateBytes);
    expect(memoryOf).toHaveBeenCalledTimes(graphs);
    price(adapters(() => ({ rank: 8, scale: 2 })));
    expect(memoryOf).toHaveBeenCalledTimes(2 * graphs);
    // each device has lowerings and buffers of its own
    priceStep(opened(), all, shape(1, 64, 64), { ...executor, device: 'cuda', memoryOf });
    expect(memoryOf).toHaveBeenCalledTimes(3 * graphs);
  });
});

describe('affine', () => {
  it('lays a line through numbers wherever they are, and leaves the rest', () => {
    const at = (count: number) => ({ list: [{ kind: 'a', size: 8, count }], none: null, flag: true });
    expect(affine([at(5), at(7)], [3, 4], 10)).toEqual(at(19));
  });

  it('refuses what does not match', () => {
    expect(() => affine([{ list: [1] }, { list: [1, 2] }], [3, 4], 10)).toThrow('do not match');
    expect(() => affine([{ kind: 'a' }, { kind: 'b' }], [3, 4], 10)).toThrow('do not match');
  });
});
