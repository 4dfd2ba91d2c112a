/** Mixed precision: which products are in float16, how near the gradients stay to those of float32, and what it saves. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import type { Executor } from '../../../../main/engine/exec/executor.ts';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { openExecutor, requireHalfProducts } from '../../../../main/engine/exec/registry.ts';
import type { HostArray } from '../../../../main/engine/ir/dtype.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import type { Method, Precision } from '../../../../main/engine/nn/parameters.ts';
import { matmul } from '../../../../main/engine/ops/functions.ts';
import { peaksOf } from '../../../../main/engine/passes/graph-cost.ts';
import { inHalfPrecision } from '../../../../main/engine/passes/half-precision.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { compute, noise, tinyModel } from '../../../helpers/graphs.ts';
import { distances, gradients, methodFor, SIZES, shape } from '../../../helpers/half-gradients.ts';

const LEAST_SAVED = { adapters: 0.7, 'all weights': 0.7 };
const NO_FUSED = new Set<string>();

const opsOf = (graph: Graph, op: string) => graph.nodes.filter((node) => node.op === op);

/** The products of a graph that are not in float16, which only those of the head may be. */
function floatProducts(graph: Graph) {
  const products = opsOf(optimise(graph, NO_FUSED), 'matmul');
  const floats = products.filter(({ output }) => output.dtype === 'f32');
  return { floats, halves: products.length - floats.length };
}

describe('the pass', () => {
  it.each(['adapters', 'all weights'] as const)(
    'leaves only the head and its loss in float32: %s',
    (which) => {
      const { model, weights } = tinyModel(SIZES);
      const { graph } = gradientStep(model, methodFor(which, 'f16', weights.keys()), shape);
      const { floats, halves } = floatProducts(graph);
      expect(floats.length).toBeGreaterThan(0);
      expect(floats.every(({ scope }) => scope.startsWith('loss'))).toBe(true);
      expect(halves).toBeGreaterThan(30);
      for (const [name, { dtype }] of graph.outputs) expect(dtype, name).toBe('f32');
    },
  );

  it('reaches the products inside of attention that is computed in turn', () => {
    const { model } = tinyModel({ ...SIZES, num_hidden_layers: 1, max_position_embeddings: 2048 });
    const long = { batch: 1, time: 1100, labels: 16 };
    const { graph } = gradientStep(model, { kind: 'full', precision: 'f16' }, long, 'attention');
    const { floats, halves } = floatProducts(graph);
    expect(floats.every(({ scope }) => scope.startsWith('loss'))).toBe(true);
    expect(halves).toBeGreaterThan(30);
  });

  it('widens no frozen matrix of a layer', () => {
    const { model, weights } = tinyModel(SIZES);
    const { graph } = gradientStep(model, methodFor('adapters', 'f16', weights.keys()), shape);
    const widened = opsOf(optimise(graph, NO_FUSED), 'widen').flatMap(({ inputs: [x] }) =>
      x!.source.kind === 'weight' && x!.shape.length > 1 ? [x!.source.name] : [],
    );
    expect([...new Set(widened)]).toEqual(['lm_head.weight']);
  });

  it('moves heads in float16 between two products', () => {
    const { model } = tinyModel(SIZES);
    const { graph } = gradientStep(model, { kind: 'full', precision: 'f16' }, shape);
    const moved = opsOf(optimise(graph, NO_FUSED), 'transpose').filter(({ scope }) =>
      scope.endsWith('layers.0.self_attn'),
    );
    expect(moved.some(({ output }) => output.dtype === 'f16')).toBe(true);
  });

  it('adds long sums up in float32, piece by piece', () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', 'f32', [2, 5000]), graph.input('b', 'f32', [3, 5000])];
    graph.output('y', matmul(a, b, { transB: true, alpha: 0.5 }));
    const half = inHalfPrecision(graph);
    expect(opsOf(half, 'matmul').map(({ inputs: [x] }) => x!.shape[1])).toEqual([1666, 1667, 1667]);
    const data = { a: noise(10_000, 1), b: noise(15_000, 2) };
    const [own, exact] = [compute(half, data).y!, compute(graph, data).y!];
    own.forEach((value, i) => {
      expect(Math.abs(value - exact[i]!)).toBeLessThan(0.02);
    });
  });

  it('scales before the product, so that a large sum with a small factor stays finite', () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', 'f32', [1, 8]), graph.input('b', 'f32', [1, 8])];
    graph.output('y', matmul(a, b, { transB: true, alpha: 2 ** -10 }));
    const large = { a: new Float32Array(8).fill(3000), b: new Float32Array(8).fill(1000) };
    expect(compute(inHalfPrecision(graph), large).y![0]).toBeCloseTo(23437.5, -2);
  });

  it.each(['adapters', 'all weights'] as const)('needs less memory at the peak: %s', (which) => {
    const { model, weights } = tinyModel({ ...SIZES, vocab_size: 50, num_hidden_layers: 4 });
    const peak = (precision: Precision) => {
      const method = methodFor(which, precision, weights.keys());
      const { graph } = gradientStep(model, method, { batch: 1, time: 512, labels: 16 });
      return peaksOf(optimise(graph, NATIVE_FUSED)).highest.bytes;
    };
    expect(peak('f16') / peak('f32')).toBeLessThan(LEAST_SAVED[which]);
  });
});

describe('beside quantised weights', () => {
  it('no matrix is kept in float16 from the way there to the way back', () => {
    // wide layers and few tokens, so that matrices are what memory goes into
    const sizes = { hidden_size: 256, head_dim: 64, intermediate_size: 1024, num_hidden_layers: 6 };
    const { model } = tinyModel(sizes);
    const peak = (precision: Precision) => {
      const adapters = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 4, scale: 2 }) } as const;
      const method: Method = { ...adapters, quantised: 'int4-dq', precision };
      const { graph } = gradientStep(model, method, { batch: 1, time: 32, labels: 16 });
      return peaksOf(optimise(graph, NATIVE_FUSED)).highest.bytes;
    };
    const oneMatrix = 2 * 256 * 1024;
    expect(peak('f16') - peak('f32')).toBeLessThan(4 * oneMatrix);
  });
});

describe.each(['adapters', 'all weights'] as const)('gradients of %s', (which) => {
  it.each([
    ['Llama', {}, 'none'],
    ['Llama with blocks computed again', {}, 'block'],
    ['Qwen3', { model_type: 'qwen3' }, 'none'],
    ['Mistral with windows', { model_type: 'mistral', sliding_window: 5 }, 'none'],
    ['GPT-2', { model_type: 'gpt2', n_embd: 48, n_head: 3, hidden_size: 48 }, 'none'],
  ] as const)(
    'are those of float32 within what float16 rounds, by definition: %s',
    async (_, config, recompute) => {
      const reference = await openExecutor('reference', { threads: 1 });
      const [own, exact] = [
        await gradients(reference, which, 'f16', { config, recompute }),
        await gradients(reference, which, 'f32', { config }),
      ];
      const [loss, ...others] = distances(own, exact);
      expect(loss).toBeLessThan(0.003);
      expect(loss).toBeGreaterThan(1e-6);
      expect(Math.max(...others)).toBeLessThan(0.03);
    },
  );

  it('need the scale where they are small, and are infinite where it is too large', async () => {
    const reference = await openExecutor('reference', { threads: 1 });
    const exact = await gradients(reference, which, 'f32');
    const worst = async (scale: number) =>
      Math.max(...distances(await gradients(reference, which, 'f16', { scale }), exact));
    const [good, small, large] = [await worst(64), await worst(2 ** -20), await worst(2 ** 30)];
    expect(small).toBeGreaterThan(3 * good);
    expect(large).not.toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it('are right on the processor, where onnxruntime computes them in float32', async () => {
    const [ort, reference] = [
      await openExecutor('ort', { threads: 1 }),
      await openExecutor('reference', { threads: 1 }),
    ];
    const far = distances(await gradients(ort, which, 'f16'), await gradients(reference, which, 'f32'));
    expect(far[0]).toBeLessThan(0.003);
    expect(Math.max(...far)).toBeLessThan(0.03);
  });
});

describe('a device', () => {
  it('that computes float16 passes', async () => {
    await requireHalfProducts(await openExecutor('ort', { threads: 1 }));
    await requireHalfProducts(await openExecutor('reference', { threads: 1 }));
  });

  const executorThat = (run: () => Promise<Record<string, HostArray>>) =>
    ({
      device: 'webgpu',
      compile: async () => ({ run: async () => ({ outputs: await run() }), release: async () => {} }),
    }) as unknown as Executor;

  it('that has none, or computes wrongly, is refused in a sentence', async () => {
    const none = executorThat(() => Promise.reject(new AppError('device-failed', 'f16 is required', '')));
    await expect(requireHalfProducts(none)).rejects.toMatchObject({
      code: 'device-unsupported',
      message: expect.stringContaining("The graphics card (webgpu) can't compute in half precision"),
      hint: expect.stringContaining('Use full precision'),
    });
    const wrong = executorThat(async () => ({ y: new Float32Array(16) }));
    await expect(requireHalfProducts(wrong)).rejects.toMatchObject({ code: 'device-unsupported' });
  });

  it('that is lost says so', async () => {
    const lost = executorThat(() => Promise.reject(new AppError('device-lost', 'gone', '')));
    await expect(requireHalfProducts(lost)).rejects.toMatchObject({ code: 'device-lost' });
  });
});
