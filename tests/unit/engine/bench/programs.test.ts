import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  chainProgram,
  copyProgram,
  type HandedOver,
  median,
  medianSeconds,
  outputProgram,
  productProgram,
  softmaxProgram,
  stridedProgram,
  updateProgram,
  weightsOf,
} from '../../../../main/engine/bench/programs.ts';
import { quantisedProgram } from '../../../../main/engine/bench/quantised-program.ts';
import {
  FLOAT_PRODUCTS,
  flopsOf as flopsOfProduct,
  QUANTISED_PRODUCTS,
  UNPACKED_PRODUCTS,
} from '../../../../main/engine/bench/shapes.ts';
import type { Executor } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { Graph } from '../../../../main/engine/ir/graph.ts';
import { sizeOf } from '../../../../main/engine/ir/shape.ts';
import { flopsOf } from '../../../../main/engine/passes/graph-cost.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';

/** An executor that compiles nothing and keeps the graphs as they would run. */
async function looking(): Promise<{ executor: Executor; graphs: Graph[] }> {
  const real = await openExecutor('ort', { threads: 1 });
  const graphs: Graph[] = [];
  const compile = async (graph: Graph) => {
    graphs.push(optimise(graph, real.fusedOperations));
    return { run: async () => ({ outputs: {} }), release: async () => {} };
  };
  return { executor: { ...real, compile }, graphs };
}

describe('what is timed', () => {
  it('every product has the operations that its speed is computed from', async () => {
    const { executor, graphs } = await looking();
    const small = FLOAT_PRODUCTS.filter(({ inner, columns }) => inner * columns < 1e6);
    for (const shape of small) await productProgram(executor, shape);
    expect(graphs.map(flopsOf)).toEqual(small.map((shape) => weightsOf(shape) * flopsOfProduct(shape)));
    expect(new Set(FLOAT_PRODUCTS.map(({ transposed }) => transposed)).size).toBe(3);
  });

  it('a product that is unpacked first has the operations of its products, and unpacks each weight', async () => {
    const { executor, graphs } = await looking();
    const folder = mkdtempSync(path.join(tmpdir(), 'fettle-bench-'));
    for (const shape of UNPACKED_PRODUCTS) {
      const program = await quantisedProgram(executor, shape, folder);
      await program.release();
      const nodes = graphs.at(-1)!.nodes.map(({ op }) => op);
      expect(nodes.filter((op) => op === 'matmul')).toHaveLength(weightsOf(shape));
      expect(nodes.filter((op) => op === 'dequantise').length).toBeGreaterThanOrEqual(weightsOf(shape));
      const products = weightsOf(shape) * flopsOfProduct(shape);
      const flops = flopsOf(graphs.at(-1)!);
      expect(flops).toBeGreaterThanOrEqual(products);
      expect(flops).toBeLessThan(1.1 * products);
    }
    expect(UNPACKED_PRODUCTS.map(({ type }) => type)).toEqual(['int8', 'int8', 'int4', 'int4']);
    rmSync(folder, { recursive: true });
  });

  it('a product meets as many weights as caches do not hold, but not when the way to them does not count', () => {
    const one = { type: 'float32', batch: 1 } as const;
    expect(weightsOf({ ...one, rows: 128, inner: 576, columns: 1536 })).toBe(18);
    expect(weightsOf({ ...one, rows: 1024, inner: 2048, columns: 2048 })).toBe(1);
    expect(weightsOf({ ...one, batch: 8, rows: 128, inner: 64, columns: 128 })).toBe(1);
  });

  it('a chain keeps all its nodes, an exchange too, a copy and a softmax are one, and one number is handed over', async () => {
    const { executor, graphs } = await looking();
    await chainProgram(executor, 16, 350);
    await stridedProgram(executor, [4, 2, 3], 10);
    await copyProgram(executor, 16);
    await softmaxProgram(executor, [2, 3, 4]);
    const counts = graphs.map(
      ({ nodes }) => nodes.filter(({ op }) => op !== 'slice' && op !== 'reshape').length,
    );
    expect(counts).toEqual([350, 10, 1, 1]);
    expect(graphs.every(({ outputs }) => sizeOf(outputs.get('out')!.shape) === 1)).toBe(true);
  });

  it('operands that a step would find in memory are more than caches hold, and at most 64 MiB', async () => {
    const { executor, graphs } = await looking();
    const MIB_OF_FLOATS = 2 ** 18;
    for (const mib of [0.25, 2, 8, 64]) await chainProgram(executor, mib * MIB_OF_FLOATS, 40);
    // the first one and those that are added or multiplied
    expect(graphs.map(({ inputs }) => inputs.size - 1)).toEqual([24, 24, 8, 1]);
    await productProgram(executor, { type: 'float32', batch: 1, rows: 128, inner: 576, columns: 1536 });
    expect(graphs.at(-1)!.inputs.size).toBe(2 * 18);
  });

  it('hands a result over whole or not', async () => {
    const { executor, graphs } = await looking();
    for (const what of ['whole', 'new', 'one'] as const) await outputProgram(executor, 64, what);
    expect(graphs.map(({ outputs }) => sizeOf(outputs.get('out')!.shape))).toEqual([64, 64, 1]);
  });

  it('hands a result over into the same memory or into new memory', async () => {
    const real = await openExecutor('ort', { threads: 1 });
    const given = async (what: HandedOver) => {
      const tensors: unknown[] = [];
      const run = async (_: unknown, into: Readonly<Record<string, unknown>> = {}) => {
        tensors.push(into.out);
        return { outputs: {} };
      };
      const program = await outputProgram(
        { ...real, compile: async () => ({ run, release: async () => {} }) },
        ...([64, what] as const),
      );
      for (let i = 0; i < 3; i++) await program.run();
      return new Set(tensors).size;
    };
    expect(await Promise.all([given('one'), given('whole'), given('new')])).toEqual([1, 1, 3]);
  });

  it('runs on onnxruntime, also with weights of 8 and 4 bits', async () => {
    const executor = await openExecutor('ort', { threads: 1 });
    const shape = { batch: 2, rows: 8, inner: 32, columns: 16, type: 'float32' } as const;
    for (const transposed of [undefined, 'first', 'second'] as const) {
      const program = await productProgram(executor, transposed ? { ...shape, transposed } : shape);
      await program.run();
      await program.release();
    }
    const update = await updateProgram(executor, 64, 2);
    await update.run();
    await update.release();
    const folder = mkdtempSync(path.join(tmpdir(), 'fettle-bench-'));
    for (const type of ['int8', 'int4'] as const) {
      const program = await quantisedProgram(
        executor,
        { type, batch: 1, rows: 8, inner: 64, columns: 16 },
        folder,
      );
      expect(readdirSync(folder)).toHaveLength(1);
      await program.run();
      await program.release();
      expect(readdirSync(folder)).toEqual([]);
    }
    const nowhere = path.join(folder, 'nowhere');
    const unwritten = quantisedProgram(executor, UNPACKED_PRODUCTS[0]!, nowhere);
    await expect(unwritten).rejects.toMatchObject({ code: 'ENOENT' });
    rmSync(folder, { recursive: true });
    expect(QUANTISED_PRODUCTS.every(({ inner }) => inner % 32 === 0)).toBe(true);
    for (const type of ['int8', 'int4'] as const) {
      const program = await executor.quantisedProduct!({ type, rows: 8, inner: 64, columns: 16 });
      await program.run();
      await program.release();
    }
  });
});

const patient = new AbortController().signal;

describe('the time that something takes', () => {
  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 3, 2], 3],
  ])('the middle one of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
    expect(values.length).toBeGreaterThan(0);
  });

  it('leaves the first run out, which is slow', async () => {
    const took: number[] = [];
    const run = async () => {
      const began = performance.now();
      await setTimeout(took.length === 0 ? 150 : 2);
      took.push((performance.now() - began) / 1000);
    };
    const seconds = await medianSeconds(run, 3, patient);
    expect(took.length).toBeGreaterThan(1);
    expect(seconds).toBeCloseTo(median(took.slice(1)), 2);
  });

  it('runs once what takes longer than there is time', async () => {
    let runs = 0;
    const run = () => {
      runs++;
      return setTimeout(30);
    };
    expect(await medianSeconds(run, 0.01, patient)).toBeGreaterThan(0.02);
    expect(runs).toBe(1);
  });

  it('ends between two runs when it is cancelled', async () => {
    const controller = new AbortController();
    let runs = 0;
    const run = async () => {
      if (++runs === 3) controller.abort(new Error('enough'));
    };
    await expect(medianSeconds(run, 5, controller.signal)).rejects.toThrow('enough');
    expect(runs).toBe(3);
  });
});
