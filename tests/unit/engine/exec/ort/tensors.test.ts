import { afterAll, describe, expect, it } from 'vitest';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import { gather, mul, reduceSum, scalar } from '../../../../../main/engine/ops/functions.ts';

const ELEMENTS = 20 << 20;
const RUNS = 4;

const graph = new Graph();
const x = graph.input('in', 'f32', [ELEMENTS]);
graph.output('sum', reduceSum(x, [0]));
graph.output('out', mul(x, scalar(graph, 0.5)));
const executor = await openExecutor('ort', { threads: 1 });
const program = await executor.compile(graph);
afterAll(() => program.release());

describe('results on the processor', () => {
  it('are written into the tensor that was given, a view into more, and never copied', async () => {
    const around = new Float32Array(ELEMENTS + 20).fill(7);
    const data = new Float32Array(ELEMENTS);
    const out = executor.tensor('f32', [around.length], around).view(10, [ELEMENTS]);
    const before = process.memoryUsage().arrayBuffers;
    for (let run = 1; run <= RUNS; run++) {
      data[0] = data[ELEMENTS - 1] = 4 * run;
      const { outputs } = await program.run({ in: data }, { out });
      expect(Object.keys(outputs)).toEqual(['sum']);
      expect(outputs.sum![0]).toBe(8 * run);
      expect([around[9], around[10], around[9 + ELEMENTS], around[10 + ELEMENTS]]).toEqual([
        7,
        2 * run,
        2 * run,
        7,
      ]);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(ELEMENTS);
    }
  });

  it('are in memory of their own where no tensor was given', async () => {
    const data = new Float32Array(ELEMENTS);
    const results = [];
    for (const value of [2, 6]) {
      data[5] = value;
      results.push((await program.run({ in: data })).outputs.out!);
    }
    expect(results.map((values) => values[5])).toEqual([1, 3]);
  });

  it('fail with what onnxruntime says', async () => {
    const wrong = new Graph();
    const rows = wrong.input('rows', 'i32', [1]);
    const table = wrong.input('table', 'f32', [4, 2]);
    wrong.output('y', gather(table, rows));
    const failing = await executor.compile(wrong);
    await expect(failing.run({ rows: Int32Array.of(9), table: new Float32Array(8) })).rejects.toThrow(
      /out of (data )?bounds/i,
    );
    await failing.release();
  });
});
