import { describe, expect, it } from 'vitest';
import {
  chainProgram,
  copyProgram,
  productProgram,
  softmaxProgram,
} from '../../../../main/engine/bench/programs.ts';
import { FLOAT_PRODUCTS, flopsOf, QUANTISED_PRODUCTS } from '../../../../main/engine/bench/shapes.ts';
import type { Executor } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { Graph } from '../../../../main/engine/ir/graph.ts';
import { costOf } from '../../../../main/engine/passes/cost.ts';
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
    expect(graphs.map((graph) => costOf(graph).total.flops)).toEqual(small.map(flopsOf));
    expect(new Set(FLOAT_PRODUCTS.map(({ transposed }) => transposed)).size).toBe(3);
  });

  it('a chain keeps all its nodes, a copy and a softmax are one', async () => {
    const { executor, graphs } = await looking();
    await chainProgram(executor, 16, 350);
    await copyProgram(executor, 16);
    await softmaxProgram(executor, [2, 3, 4]);
    expect(graphs.map((graph) => graph.nodes.length)).toEqual([350, 1, 1]);
  });

  it('runs on onnxruntime, also with weights of 8 and 4 bits', async () => {
    const executor = await openExecutor('ort', { threads: 1 });
    const shape = { batch: 2, rows: 8, inner: 32, columns: 16, type: 'float32' } as const;
    for (const transposed of [undefined, 'first', 'second'] as const) {
      const program = await productProgram(executor, transposed ? { ...shape, transposed } : shape);
      await program.run();
      await program.release();
    }
    expect(QUANTISED_PRODUCTS.every(({ inner }) => inner % 32 === 0)).toBe(true);
    for (const type of ['int8', 'int4'] as const) {
      const program = await executor.quantisedProduct!({ type, rows: 8, inner: 64, columns: 16 });
      await program.run();
      await program.release();
    }
  });
});
