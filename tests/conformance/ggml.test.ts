/** ggml on its processor backend beside what executors.test.ts proves: its own quantised formats, what it refuses, and its devices. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CheckedProgram } from '../../main/engine/exec/ggml/checked.ts';
import { packed } from '../../main/engine/exec/ggml/codes.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
import { type GgmlProgram, SLICES } from '../../main/engine/exec/ggml/program.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { allocate } from '../../main/engine/ir/dtype.ts';
import { Graph } from '../../main/engine/ir/graph.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import { dequantise, gather, gatherQuantised } from '../../main/engine/ops/functions.ts';
import { optimise } from '../../main/engine/passes/index.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { Faults } from '../helpers/ggml-faults.ts';
import {
  codedMatrix,
  computedBy,
  type Data,
  deviationOf,
  FORMATS,
  MOST,
  shareOf,
  USE_NAMES,
} from '../helpers/ggml-formats.ts';
import { tinyModel } from '../helpers/graphs.ts';
import { distances, gradients } from '../helpers/half-gradients.ts';
import { bothWeights } from '../helpers/quantised.ts';
import { seeded } from '../helpers/random.ts';
import { expectedOf } from '../helpers/samples.ts';

/** A step of LoRA on a tiny Llama, and zeros for what it is given. */
function smallStep() {
  const { model, weights } = tinyModel({ hidden_size: 32, head_dim: 8, intermediate_size: 48 });
  const method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 4, scale: 2 }) } as const;
  const { graph } = gradientStep(model, method, { batch: 1, time: 16, labels: 8 });
  const random = seeded(3);
  const feeds = Object.fromEntries(
    [...graph.inputs].map(([name, { dtype, shape }]) => {
      const data = allocate(dtype, sizeOf(shape));
      return [name, data instanceof Float32Array ? data.map(() => random() - 0.5) : data];
    }),
  );
  return { graph, feeds, weights: (name: string) => ({ kind: 'memory', data: weights.get(name)! }) as const };
}

describe('ggml', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(
    FORMATS.flatMap((format) => USE_NAMES.map((use) => [use, format.name, format.from, format] as const)),
  )('computes %s with %s (%s)', async (use, name, from, format) => {
    const executor = await openExecutor('ggml', { threads: 1 });
    expect(await deviationOf(executor, format, use)).toBeLessThan(MOST.processor[use](name, from));
  });

  it.each(['adapters', 'all weights'] as const)('computes gradients in float16 (%s)', async (which) => {
    const [ggml, reference] = [
      await openExecutor('ggml', { threads: 1 }),
      await openExecutor('reference', { threads: 1 }),
    ];
    const exact = await gradients(reference, which, 'f32');
    const far = distances(await gradients(ggml, which, 'f16'), exact);
    expect(far[0]).toBeLessThan(0.003);
    expect(far[0]).toBeGreaterThan(1e-7);
    expect(Math.max(...far)).toBeLessThan(0.03);
    // beyond the range of float16, as a step finds it
    expect(
      Math.max(...distances(await gradients(ggml, which, 'f16', { scale: 2 ** 30 }), exact)),
    ).not.toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it('reads some rows of a matrix, and looks rows up', async () => {
    const executor = await openExecutor('ggml', { threads: 1 });
    const distance = async (graph: Graph, data: Data) =>
      shareOf(await computedBy(executor, graph, data), Array.from(expectedOf(graph, data), Number));
    const graph = new Graph();
    const { parts, data } = codedMatrix(graph, 'int8', 32);
    const rows = gather(dequantise(parts, 'int8', 32, [7, 20]), graph.input('places', 'i32', [3]));
    graph.output('y', rows);
    const places = Int32Array.of(12, 0, 5);
    expect(await distance(graph, { ...data, places })).toBeLessThan(0.001);
    const whole = new Graph();
    const table = codedMatrix(whole, 'int4', 32);
    whole.output('y', gatherQuantised(whole.input('places', 'i32', [3]), table.parts, 'int4', 32));
    expect(await distance(whole, { ...table.data, places })).toBeLessThan(0.002);
  });

  it('keeps float32 where a scale is no float16', () => {
    const graph = new Graph();
    const { parts, data } = codedMatrix(graph, 'int8', 32);
    const scales = (data.scales as Float32Array).map((scale) => scale * 1e-6);
    const attrs = { type: 'int8', block: 32 };
    const given = { values: Object.values(parts), data: [data.codes!, scales], attrs };
    expect(packed(given).type).toBe('f32');
  });

  it.each(['f32', 'full', 'int8', 'int4'] as const)('predicts the memory of a step (%s)', async (format) => {
    const { model, weights } = tinyModel({ hidden_size: 64, head_dim: 16, intermediate_size: 96 });
    const lora = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 4, scale: 2 }) } as const;
    const isPlain = format === 'f32' || format === 'full';
    const data = isPlain ? weights : bothWeights(model, weights, format).parts;
    const quantised = { ...lora, quantised: format } as Method;
    const all = format === 'full' ? { kind: format } : isPlain ? lora : quantised;
    const { graph } = gradientStep(model, all, { batch: 2, time: 96, labels: 150 });
    const executor = await openExecutor('ggml', { threads: 1 });
    const program = await executor.compile(graph, {
      weights: (name) => ({ kind: 'memory', data: data.get(name)! }),
    });
    const { workingBytes } = program as GgmlProgram;
    await program.release();
    const priced = await openExecutor('ggml', { threads: 1, pricesOnly: true });
    const { turnBytes } = priced.memoryOf(optimise(graph, priced.fusedOperations), new Set());
    expect(turnBytes).toBe(workingBytes);
  });

  it('refuses a row that is not there, before ggml would end the process', async () => {
    const graph = new Graph();
    const places = graph.input('places', 'i32', [2]);
    graph.output('y', gather(graph.input('table', 'f32', [4, 3]), places));
    const program = await (await openExecutor('ggml', { threads: 1 })).compile(graph);
    const table = new Float32Array(12);
    await expect(program.run({ table, places: Int32Array.of(0, 4) })).rejects.toThrow('not one of 4 rows');
    const { outputs } = await program.run({ table: table.fill(2), places: Int32Array.of(0, 3) });
    expect([...outputs.y!]).toEqual(Array(6).fill(2));
    await program.release();
  });

  it('gives back everything where an allocation fails, and works the next time', async () => {
    const { graph, weights } = smallStep();
    const ggml = openGgml();
    const executor = await openExecutor('ggml', { threads: 1 });
    const held = new Faults(ggml);
    try {
      const whole = await executor.compile(graph, { weights });
      const places = held.asked;
      await whole.release();
      expect(places).toBeGreaterThan(20);
      for (let i = 0; i < 20; i++) {
        held.failAt(Math.floor((i * places) / 20));
        await expect(executor.compile(graph, { weights })).rejects.toMatchObject({ code: 'out-of-memory' });
        expect(held.kept).toBe(0);
      }
      held.failAt(Number.POSITIVE_INFINITY);
      await (await executor.compile(graph, { weights })).release();
      expect(held.kept).toBe(0);
    } finally {
      held.restore();
    }
  });

  it('computes the same in slices as at once', async () => {
    const { graph, weights, feeds } = smallStep();
    const ggml = openGgml();
    const { addNode } = ggml;
    const run = async () => {
      const program = await (await openExecutor('ggml', { threads: 1 })).compile(graph, { weights });
      const { outputs } = await program.run(feeds);
      await program.release();
      return outputs;
    };
    let sliced = 0;
    const whole = await run();
    Object.assign(ggml, {
      addNode: (...given: unknown[]) => {
        sliced++;
        return addNode(...given);
      },
    });
    const { seconds } = SLICES;
    SLICES.seconds = 1e-6;
    const pieces = await run();
    SLICES.seconds = seconds;
    ggml.addNode = addNode;
    expect(sliced).toBeGreaterThan(100);
    expect(pieces).toEqual(whole);
  });

  it('refuses a card by its name whose first results differ from the processor’s', async () => {
    const outputs = (...loss: number[]) => ({ outputs: { loss: Float32Array.from(loss) } });
    let released = 0;
    const programOf = (...loss: number[]) => ({
      run: async () => outputs(...loss),
      release: async () => void released++,
    });
    const usual = async () => programOf(2, 3);
    const right = new CheckedProgram(programOf(2.001, 3), usual, 'A card');
    expect(await right.run({})).toEqual(outputs(2.001, 3));
    expect(released).toBe(1);
    for (const wrong of [
      [2.2, 3],
      [Number.NaN, 3],
      [0, 0],
    ])
      await expect(new CheckedProgram(programOf(...wrong), usual, 'A card').run({})).rejects.toMatchObject({
        ...{ code: 'device-failed', message: expect.stringContaining('A card computes wrong numbers') },
      });
    const later = new CheckedProgram(programOf(2, 3), usual, 'A card');
    await later.run({});
    await later.run({});
    expect(released).toBe(5);
  });

  it('tells of its devices, the processor among them', () => {
    const processor = openGgml()
      .devices()
      .find(({ kind }) => kind === 'processor');
    expect(processor).toMatchObject({ name: 'CPU', description: expect.stringMatching(/./) });
    expect(processor!.totalBytes).toBeGreaterThan(1e9);
  });

  it('says which devices it sees where another was asked for', async () => {
    const { name, description } = openGgml().devices()[0]!;
    const missing = {
      code: 'device-missing',
      message: expect.stringContaining(`It sees ${name} (${description})`),
    };
    await expect(openExecutor('ggml', { threads: 1, card: 'Vulkan7' })).rejects.toMatchObject(missing);
    vi.stubEnv('FETTLE_GGML_DEVICE', 'Vulkan7');
    await expect(openExecutor('ggml', { threads: 1 })).rejects.toMatchObject(missing);
    // what a run names comes first
    await openExecutor('ggml', { threads: 1, card: 'cpu' });
  });

  it('computes on the one of several cards that a run names', async () => {
    const ggml = openGgml();
    const { devices } = ggml;
    const processor = devices().find(({ kind }) => kind === 'processor')!;
    const card = (
      name: string,
      description: string,
      totalBytes: number,
      kind: 'card' | 'integrated' = 'card',
    ) => ({
      ...processor,
      ...{ name, description, kind, totalBytes, freeBytes: totalBytes / 2 },
    });
    const cards = [
      card('Vulkan0', 'AMD Radeon RX 7600', 8e9),
      card('Vulkan1', 'AMD Radeon RX 7900 XTX', 24e9),
      card('Vulkan2', 'Intel(R) UHD Graphics 770', 32e9, 'integrated'),
    ];
    Object.assign(ggml, { devices: () => [...cards, processor] });
    vi.stubEnv('FETTLE_GGML_DEVICE', '');
    try {
      const opened = async (asked?: string) => {
        const { foundCard, deviceWords } = await openExecutor('ggml', { threads: 1, card: asked });
        expect(deviceWords).toBe(foundCard?.name);
        return foundCard;
      };
      expect(await opened()).toEqual({ name: 'AMD Radeon RX 7900 XTX', freeBytes: 12e9, isShared: false });
      expect(await opened('vulkan:0')).toEqual({
        name: 'AMD Radeon RX 7600',
        freeBytes: 4e9,
        isShared: false,
      });
      expect(await opened('uhd graphics')).toMatchObject({ isShared: true });
      expect(await opened('CPU')).toBeUndefined();
      await expect(opened('Radeon')).rejects.toMatchObject({
        code: 'device-missing',
        message: expect.stringMatching(/Vulkan0 \(AMD Radeon RX 7600\).*Vulkan1 \(AMD Radeon RX 7900 XTX\)/),
      });
      const { graph, weights, feeds } = smallStep();
      const program = await (await openExecutor('ggml', { threads: 1, card: 'Vulkan1' })).compile(graph, {
        weights,
      });
      const { outputs } = await program.run(feeds);
      expect(
        Object.values(outputs)
          .flatMap((values) => [...values])
          .every(Number.isFinite),
      ).toBe(true);
      await program.release();
    } finally {
      Object.assign(ggml, { devices });
    }
  });
});
