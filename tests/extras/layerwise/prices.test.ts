/** What an update layer by layer takes by its graphs: the work of a step that computes each block again, and the gradients of one layer. */
import { describe, expect, it } from 'vitest';
import type { Phase } from '../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { cutStep } from '../../../main/engine/extras/layerwise/layer-graphs.ts';
import type { Graph } from '../../../main/engine/ir/graph.ts';
import type { JsonObject } from '../../../main/engine/models/config-reader.ts';
import { readModel } from '../../../main/engine/models/registry.ts';
import type { Method } from '../../../main/engine/nn/parameters.ts';
import { optimise } from '../../../main/engine/passes/index.ts';
import { trainingFigures } from '../../../main/engine/pricing/layers.ts';
import { flopsOf } from '../../../main/plan/run-time.ts';

const executor = await openExecutor('ort', { threads: 1 });
const decoder = (layers: number, more: JsonObject = {}): JsonObject => ({
  ...{ model_type: 'llama', num_hidden_layers: layers, hidden_size: 256, intermediate_size: 768 },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 64, max_position_embeddings: 2048 },
  ...{ vocab_size: 4096, tie_word_embeddings: true },
  ...more,
});
const full: Method = { kind: 'full' };
const SHAPE = { batch: 2, time: 256, labels: 128, accumulates: false };

const figuresOf = (config: JsonObject, parts?: number, method = full) =>
  trainingFigures(
    readModel(config),
    method,
    parts === undefined
      ? { ...SHAPE, recompute: 'block' }
      : { ...SHAPE, way: { name: 'layerwise', parts }, accumulates: parts > 1 },
    executor,
  );

type Figures = ReturnType<typeof figuresOf>;
const productFlops = ({ gradient }: Figures) =>
  gradient.work.products.reduce((sum, product) => sum + product.count * flopsOf(product), 0);
const totalOf = ({ gradient, gradientBytes, parameters }: Figures) =>
  gradient.heapBytes + (gradientBytes ?? 4 * parameters);

describe.each([
  ['a tied head', decoder(6)],
  ['a head of its own', decoder(6, { tie_word_embeddings: false })],
  ['GPT-2', { model_type: 'gpt2', n_layer: 6, n_embd: 256, n_head: 4, vocab_size: 4096 }],
])('%s', (_name, config) => {
  const [whole, layered] = [figuresOf(config), figuresOf(config, 1)];

  it('does the work of a step that computes each block again', () => {
    expect(layered.parameters).toBe(whole.parameters);
    expect(layered.trainedBytes).toBe(whole.trainedBytes);
    // a block's last product is not needed again in the backward pass, by either of them
    expect(productFlops(layered) / productFlops(whole)).toBeCloseTo(1, 6);
    expect(layered.gradient.work.runs).toBe(3 + 2 * 6);
  });

  it('has the gradients of one layer or of the ends, and less at the peak', () => {
    expect(layered.gradientBytes).toBeLessThan(0.7 * 4 * whole.parameters);
    expect(totalOf(layered)).toBeLessThan(totalOf(whole));
  });
});

describe('more layers', () => {
  const [few, many] = [figuresOf(decoder(6), 1), figuresOf(decoder(30), 1)];

  it('need nothing but their hidden states', () => {
    expect(many.gradientBytes).toBe(few.gradientBytes);
    const hidden = 24 * 4 * SHAPE.batch * SHAPE.time * 256;
    expect(totalOf(many) - totalOf(few)).toBeCloseTo(hidden, -3);
    expect(many.gradient.sessionBytes).toBe(few.gradient.sessionBytes);
  });
});

it('several micro-batches keep the hidden states of each', () => {
  const [one, four] = [figuresOf(decoder(30), 2), figuresOf(decoder(30), 5)];
  const hidden = 3 * (4 * SHAPE.batch * SHAPE.time * (32 * 256 + SHAPE.time));
  expect(four.gradient.heapBytes - one.gradient.heapBytes).toBeCloseTo(hidden, -3);
});

describe('the heap that graphs share', () => {
  const { kinds, head } = cutStep(readModel(decoder(2)), full, SHAPE, false);
  const [forward, backward] = [kinds[0]!.forward, kinds[0]!.backward].map((graph) =>
    optimise(graph, executor.fusedOperations),
  );
  const phase = (graph: Graph, besideBytes = 0) => ({
    graph,
    donated: new Set(graph.outputs.keys()),
    besideBytes,
  });
  const heapOf = (...phases: Phase[]) => executor.heapInTurn!(phases);

  it('grows to what the largest of them needs, and by what is held beside it', () => {
    expect(head.kind).toBe('whole');
    const [small, large] = [heapOf(phase(forward!)), heapOf(phase(backward!))];
    expect(small).toBeGreaterThan(0);
    expect(large).toBeGreaterThan(small);
    expect(heapOf(phase(backward!, 1e9))).toBe(large + 1e9);
    const both = heapOf(phase(forward!), phase(backward!));
    expect(both).toBeGreaterThanOrEqual(large);
    expect(both).toBeLessThan(large + small);
  });
});

it('weights in 16 bits take half', () => {
  const half = figuresOf(decoder(6), 1, { kind: 'full', masters: 'f16' });
  expect(half.trainedBytes / half.parameters).toBeLessThan(2.01);
  expect(half.parameters).toBe(figuresOf(decoder(6)).parameters);
});
