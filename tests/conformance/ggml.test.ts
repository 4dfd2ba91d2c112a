/** ggml on its processor backend beside what executors.test.ts proves: its own quantised formats, what it refuses, and its devices. */
import { describe, expect, it } from 'vitest';
import { packed } from '../../main/engine/exec/ggml/codes.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
import type { GgmlProgram } from '../../main/engine/exec/ggml/program.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import type { HostArray } from '../../main/engine/ir/dtype.ts';
import { Graph, type Value } from '../../main/engine/ir/graph.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import {
  type CodeType,
  codesOf,
  dequantise,
  gather,
  gatherQuantised,
  matmul,
  transpose,
} from '../../main/engine/ops/functions.ts';
import { optimise } from '../../main/engine/passes/index.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { tinyModel } from '../helpers/graphs.ts';
import { bothWeights } from '../helpers/quantised.ts';
import { seeded } from '../helpers/random.ts';
import { expectedOf } from '../helpers/samples.ts';

const [ROWS, COLUMNS, TOKENS] = [48, 128, 9];

/** Parts of a matrix in few bits as weights, and their data. */
function matrixOf(graph: Graph, type: CodeType, block: number, zero?: number) {
  const blocks = COLUMNS / block;
  const { dtype, shape } = codesOf(type, ROWS, blocks, block);
  const random = seeded(5);
  const size = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint16Array.from({ length: size }, () => Math.floor(random() * 65536));
  const codes: HostArray =
    dtype === 'u16' ? bytes : dtype === 'i8' ? Int8Array.from(bytes) : Uint8Array.from(bytes);
  const scales = Float32Array.from({ length: ROWS * blocks }, () => 0.001 + 0.01 * random());
  const data: Record<string, HostArray> = { codes, scales };
  const parts = {
    codes: graph.weight('codes', shape, dtype),
    scales: graph.weight('scales', [ROWS, blocks, 1]),
    ...(type === 'int4' && { zeros: graph.weight('zeros', [ROWS, blocks, 1], 'u8') }),
  };
  if (type === 'int4')
    data.zeros = Uint8Array.from({ length: ROWS * blocks }, () => zero ?? Math.floor(random() * 256));
  return { parts, data };
}

function error(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const norm = (x: number[]) => Math.hypot(...x);
  const exact = Array.from(wanted);
  return norm(exact.map((value, i) => value - got[i]!)) / norm(exact);
}

/** How far an output `y` is from its definition, as a share of its size. */
async function distance(graph: Graph, data: Readonly<Record<string, HostArray>>) {
  const executor = await openExecutor('ggml', { threads: 1 });
  const program = await executor.compile(graph, {
    weights: (name) => ({ kind: 'memory', data: data[name]! }),
  });
  const { outputs } = await program.run(data);
  await program.release();
  return error(outputs.y as Float32Array, Array.from(expectedOf(graph, data), Number));
}

const FORMATS: readonly (readonly [name: string, type: CodeType, block: number, zero?: number])[] = [
  ['q8_0', 'int8', 32],
  ['q8_0', 'int8', 64],
  ['q8_0', 'int8', COLUMNS],
  ['q8_0', 'nf4', 64],
  ['q4_0', 'int4', 32, 128],
  ['q4_1', 'int4', 64],
];

describe('ggml', () => {
  const uses: Readonly<Record<string, readonly [most: number, use: (graph: Graph, w: Value) => Value]>> = {
    // the processor's kernels round rows of the other operand to 8 bits, too
    'products forward': [
      0.02,
      (graph, w) => matmul(graph.input('x', 'f32', [TOKENS, COLUMNS]), w, { transB: true }),
    ],
    'products backward': [0.001, (graph, w) => matmul(graph.input('x', 'f32', [TOKENS, ROWS]), w)],
    'as they are': [0.001, (_, w) => transpose(w, [1, 0])],
  };
  const cases = FORMATS.flatMap((format) =>
    Object.entries(uses).map(([use, row]) => [use, format, row] as const),
  );

  it.each(cases)('computes %s of %s', async (_, [name, type, block, zero], [most, use]) => {
    const graph = new Graph();
    const { parts, data } = matrixOf(graph, type, block, zero);
    graph.output('y', use(graph, dequantise(parts, type, block)));
    const values = Object.values(parts);
    const stored = packed({
      values,
      data: Object.keys(parts).map((key) => data[key]!),
      attrs: { type, block },
    });
    expect(stored.type).toBe(name);
    const random = seeded(9);
    const x = Float32Array.from({ length: TOKENS * COLUMNS }, () => 2 * random() - 1);
    const given = graph.inputs.get('x');
    const size = given?.shape.reduce((a, b) => a * b, 1) ?? 0;
    expect(await distance(graph, { ...data, x: x.subarray(0, size) })).toBeLessThan(most);
  });

  it('reads some rows of a matrix, and looks rows up', async () => {
    const graph = new Graph();
    const { parts, data } = matrixOf(graph, 'int8', 32);
    const rows = gather(dequantise(parts, 'int8', 32, [7, 20]), graph.input('places', 'i32', [3]));
    graph.output('y', rows);
    const places = Int32Array.of(12, 0, 5);
    expect(await distance(graph, { ...data, places })).toBeLessThan(0.001);
    const whole = new Graph();
    const table = matrixOf(whole, 'int4', 32);
    whole.output('y', gatherQuantised(whole.input('places', 'i32', [3]), table.parts, 'int4', 32));
    expect(await distance(whole, { ...table.data, places })).toBeLessThan(0.002);
  });

  it('keeps float32 where a scale is no float16', () => {
    const graph = new Graph();
    const { parts, data } = matrixOf(graph, 'int8', 32);
    const scales = (data.scales as Float32Array).map((scale) => scale * 1e-6);
    const attrs = { type: 'int8', block: 32 };
    const given = { values: Object.values(parts), data: [data.codes!, scales], attrs };
    expect(packed(given).type).toBe('f32');
  });

  it.each(['f32', 'int8', 'int4'] as const)('predicts the memory of a step (%s)', async (format) => {
    const { model, weights } = tinyModel({ hidden_size: 64, head_dim: 16, intermediate_size: 96 });
    const method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 4, scale: 2 }) } as const;
    const isPlain = format === 'f32';
    const data = isPlain ? weights : bothWeights(model, weights, format).parts;
    const all = isPlain ? method : ({ ...method, quantised: format } as Method);
    const { graph } = gradientStep(model, all, { batch: 2, time: 96, labels: 150 });
    const executor = await openExecutor('ggml', { threads: 1 });
    const program = await executor.compile(graph, {
      weights: (name) => ({ kind: 'memory', data: data.get(name)! }),
    });
    const { workingBytes } = program as GgmlProgram;
    await program.release();
    const priced = await openExecutor('ggml', { threads: 1, pricesOnly: true });
    const { turnBytes } = priced.memoryOf(optimise(graph, priced.fusedOperations), new Set());
    expect(Math.abs(turnBytes / workingBytes - 1)).toBeLessThan(0.1);
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

  it('tells of its devices, the processor among them', () => {
    const processor = openGgml()
      .devices()
      .find(({ kind }) => kind === 'processor');
    expect(processor).toMatchObject({ name: 'CPU', description: expect.stringMatching(/./) });
    expect(processor!.totalBytes).toBeGreaterThan(1e9);
  });

  it('says which devices it sees where another was asked for', async () => {
    process.env.FETTLE_GGML_DEVICE = 'Vulkan7';
    await expect(openExecutor('ggml', { threads: 1 })).rejects.toMatchObject({
      code: 'device-missing',
      message: expect.stringContaining('It sees CPU'),
    });
    delete process.env.FETTLE_GGML_DEVICE;
  });
});
