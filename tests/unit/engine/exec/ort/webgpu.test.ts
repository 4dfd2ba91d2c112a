/** Training on a WebGPU device: whole steps are placed there, state stays there, and what fails is told in sentences. */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { deviceUpdateProgram, productProgram } from '../../../../../main/engine/bench/programs.ts';
import { quantisedProgram } from '../../../../../main/engine/bench/quantised-program.ts';
import { batchFromArrays } from '../../../../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { HOST_ARRAYS, type HostArray, type QuantisedFormat } from '../../../../../main/engine/ir/dtype.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import type { JsonObject } from '../../../../../main/engine/models/config-reader.ts';
import type { Method, Trainable } from '../../../../../main/engine/nn/parameters.ts';
import { type QuantisedPart, quantisedParts } from '../../../../../main/engine/nn/quantised.ts';
import { dequantise, gatherQuantised } from '../../../../../main/engine/ops/functions.ts';
import { BUFFERS } from '../../../../../main/engine/step/device-state.ts';
import type { AdamW } from '../../../../../main/engine/step/moments.ts';
import { TrainState } from '../../../../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../../../main/engine/tasks/feeds.ts';
import { noise, tinyModel } from '../../../../helpers/graphs.ts';
import { webgpuMissing } from '../../../../helpers/webgpu.ts';

const missing = await webgpuMissing();
const lora = (dropout = 0, quantised?: QuantisedFormat): Method => ({
  ...{ kind: 'lora', dropout, adapterOf: () => ({ rank: 3, scale: 2 }) },
  ...(quantised && { quantised }),
});
const onDevice = () => openExecutor('ort', { threads: 1, device: 'webgpu', wholeOnDevice: true });

const SHAPE = { batch: 1, time: 24, labels: 16 };
/** Sizes that can be quantised in blocks. */
const WIDE = { hidden_size: 64, intermediate_size: 96, num_hidden_layers: 1 };

async function place(
  config: JsonObject,
  method: Method,
  recompute: 'none' | 'block' = 'none',
  model = tinyModel(config).model,
) {
  const executor = await onDevice();
  for (const { graph } of [
    gradientStep(model, method, SHAPE, recompute),
    evaluationStep(model, method, SHAPE),
  ]) {
    const zeros = (name: string) => {
      const { dtype, shape } = graph.weights.get(name)!;
      return new HOST_ARRAYS[dtype](shape.reduce((a, b) => a * b, 1)) as Float32Array;
    };
    const program = await executor.compile(graph, {
      weights: (name) => ({ kind: 'memory', data: zeros(name) }),
    });
    await program.release();
  }
}

describe.skipIf(missing !== null)(`on WebGPU${missing ? `: ${missing}` : ''}`, () => {
  it.each([
    ['LoRA, Llama', WIDE, lora(), 'none'],
    ['LoRA, GPT-2', { model_type: 'gpt2', n_layer: 1, n_positions: 512 }, lora(), 'none'],
    ['LoRA, Qwen3', { model_type: 'qwen3', num_hidden_layers: 1 }, lora(), 'none'],
    ['LoRA in windows, Mistral', { model_type: 'mistral', sliding_window: 5 }, lora(), 'none'],
    ['LoRA with values computed again', WIDE, lora(), 'block'],
    ['QLoRA in 4 bits', WIDE, lora(0, 'int4-dq'), 'none'],
    ['QLoRA in 8 bits', WIDE, lora(0, 'int8-dq'), 'none'],
    ['all weights', WIDE, { kind: 'full' } as Method, 'none'],
  ] as const)('no node of a step is computed on the processor: %s', (_, config, method, recompute) =>
    place(config, method, recompute),
  );

  it.each([
    ['behind the table', lora(), 50],
    ['among its rows, in 8 bits', lora(0, 'int8-dq'), 47],
  ])('no node of a step with new tokens %s is computed on the processor', (_, method, first) =>
    place(WIDE, method, 'none', tinyModel(WIDE).model.withNewTokens(first, 2)),
  );

  it('one that is would be found: the bits of dropout', async () => {
    await expect(place(WIDE, lora(0.1))).rejects.toThrow(/fallback/);
  });

  it.each(['int8', 'int8-dq'] as const)(
    'a table of codes is looked up and cut as on the processor: %s',
    async (format) => {
      const [rows, columns, block] = [12, 64, 32];
      const isDouble = format === 'int8-dq';
      const parts = quantisedParts('table', [rows, columns], { type: 'int8', block, isDouble });
      const random = noise(rows * columns, 5, 127);
      const weights: Readonly<Record<string, HostArray>> = {
        [parts.codes.name]: Int8Array.from(random, (x) => Math.round(x)),
        [parts.scales.name]: isDouble ? Int8Array.from(noise(24, 6, 127), Math.round) : noise(24, 6, 0.1),
        ...(parts.steps && { [parts.steps.name]: noise(rows, 7, 0.001) }),
      };
      const graph = new Graph();
      const leaf = ({ name, dtype, shape }: QuantisedPart) => graph.weight(name, shape, dtype);
      const codes = {
        ...{ codes: leaf(parts.codes), scales: leaf(parts.scales) },
        steps: parts.steps && leaf(parts.steps),
      };
      const indices = graph.input('ids', 'i32', [2, 3]);
      graph.output('rows', gatherQuantised(indices, codes, 'int8', block));
      graph.output('piece', dequantise(codes, 'int8', block, [4, 9]));
      const feeds = { ids: Int32Array.of(11, 0, 3, 3, 7, 1) };
      const on = async (device: 'cpu' | 'webgpu') => {
        const executor = await openExecutor('ort', { threads: 1, device, wholeOnDevice: device !== 'cpu' });
        const program = await executor.compile(graph, {
          weights: (name) => ({ kind: 'memory', data: weights[name]! }),
        });
        const { outputs } = await program.run(feeds);
        await program.release();
        return outputs;
      };
      const [own, expected] = [await on('webgpu'), await on('cpu')];
      for (const name of ['rows', 'piece']) {
        expect(own[name]).toHaveLength(expected[name]!.length);
        expected[name]!.forEach((value, i) => {
          expect(own[name]![i]).toBeCloseTo(Number(value), 4);
        });
      }
    },
  );

  const settings: AdamW = {
    ...{ rate: 0.01, weightDecay: 0.1, stayClose: 0.05, beta1: 0.9, beta2: 0.99, eps: 1e-8, maxNorm: 0.5 },
  };
  const trainables = (size: number): Trainable[] =>
    [
      { name: 'w', shape: [size, 8], kind: 'lora_a' },
      { name: 'norm', shape: [13], kind: 'norm' },
    ] as unknown as Trainable[];

  /** The state after `steps` updates with gradients that are written again each time. */
  async function updated(device: 'cpu' | 'webgpu', size: number, steps: number, step = async () => {}) {
    const state = TrainState.create(
      await openExecutor('ort', { threads: 1, device, wholeOnDevice: device !== 'cpu' }),
      trainables(size),
      { anchored: true },
    );
    const fill = (buffer: 'param' | 'grad', seed: number) =>
      state.trainables.forEach(({ name }, i) => {
        const slice = state.slice(buffer, name);
        slice.set(noise(slice.length, seed + i, 0.5));
      });
    fill('param', 1);
    state.anchor();
    await state.commit();
    const norms = [];
    for (let i = 0; i < steps; i++) {
      fill('grad', 10 + i);
      await state.commit(['grad']);
      norms.push(await state.update(settings, 7));
      await step();
    }
    if (device !== 'cpu') {
      await state.fetch();
      // an update leaves no gradient
      expect(state.slice('grad', 'w').every((value) => value === 0)).toBe(true);
    }
    const values = BUFFERS.filter((name) => name !== 'grad').map((buffer) =>
      state.trainables.flatMap(({ name }) => [...state.slice(buffer, name)]),
    );
    await state.release();
    return { norms, values };
  }

  it('updates are those of the processor', async () => {
    const [own, expected] = [await updated('webgpu', 6, 3), await updated('cpu', 6, 3)];
    own.norms.forEach((norm, i) => {
      expect(norm).toBeCloseTo(expected.norms[i]!, 5);
    });
    const worst = own.values.map((values, k) =>
      Math.max(...values.map((value, i) => Math.abs(value - expected.values[k]![i]!))),
    );
    expect(Math.max(...worst)).toBeLessThan(1e-6);
  });

  it('is measured by the benchmark as a training uses it', async () => {
    const executor = await onDevice();
    const small = { batch: 1, rows: 8, inner: 64, columns: 16 } as const;
    for (const program of [
      await deviceUpdateProgram(executor, 4096),
      await productProgram(executor, { type: 'float32', batch: 1, rows: 8, inner: 16, columns: 8 }),
      await quantisedProgram(executor, { ...small, type: 'int8' }, tmpdir()),
      await quantisedProgram(executor, { ...small, type: 'int4' }, tmpdir()),
    ]) {
      await program.run();
      await program.run();
      await program.release();
    }
  });

  it('state takes no more memory from step to step', async () => {
    // 4 tensors of 4 MB: with one of them left behind at each step memory would grow by 120 MB
    const resident: number[] = [];
    await updated('webgpu', 2 ** 17, 40, async () => void resident.push(process.memoryUsage.rss()));
    const growth = resident.at(-1)! - resident[9]!;
    expect(growth).toBeLessThan(40 * 2 ** 20);
  });

  it('tensors that are kept there are fed back, and read through a copy', async () => {
    const { model, source } = tinyModel({ num_hidden_layers: 1 });
    const tokens = Int32Array.from({ length: 9 }, (_, i) => (7 * i + 3) % 50);
    const batch = batchFromArrays({ rowCount: 1, rowLength: 9, tokens, labels: tokens });
    const shape = { batch: 1, time: 9, labels: batch.rows.length };
    const gradients = async (device: 'cpu' | 'webgpu') => {
      const executor = await openExecutor('ort', { threads: 1, device });
      const { graph, trainables: trained } = gradientStep(model, lora(), shape);
      const state = TrainState.create(executor, trained);
      trained.forEach(({ name }, i) => {
        const slice = state.slice('param', name);
        slice.set(noise(slice.length, i + 1, 0.3));
      });
      await state.commit();
      const program = await executor.compile(graph, { weights: source, kept: state.kept });
      const feeds = batchFeeds(model, batch);
      const needed = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.has(name)));
      for (let i = 0; i < 3; i++)
        await program.run({ ...needed, ...state.feeds(true) }, state.gradientTargets());
      await state.fetch(['grad']);
      const all = trained.flatMap(({ name }) => [...state.slice('grad', name)]);
      await program.release();
      await state.release();
      return all;
    };
    const [own, expected] = [await gradients('webgpu'), await gradients('cpu')];
    const worst = Math.max(...own.map((value, i) => Math.abs(value - expected[i]!)));
    expect(worst).toBeLessThan(1e-4);
    expect(own.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  });
});
