import { afterAll, expect, it } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { mul, scalar } from '../../../../main/engine/ops/functions.ts';

const ELEMENTS = 20 << 20;
const RUNS = 6;

const graph = new Graph();
graph.output('out', mul(graph.input('in', 'f32', [ELEMENTS]), scalar(graph, 0.5)));
const executor = await openExecutor('ort', { threads: 1 });
const program = await executor.compile(graph);
afterAll(() => program.release());

it('the copies of large outputs of one run are gone in the next one', async () => {
  const [feeds, into] = [
    { in: executor.tensor('f32', [ELEMENTS]) },
    { out: executor.tensor('f32', [ELEMENTS]) },
  ];
  const kept: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    await program.run(feeds, into);
    kept.push(process.memoryUsage().arrayBuffers);
  }
  // one copy at a time, whatever the number of runs
  expect(Math.max(...kept)).toBeLessThan(kept[0]! + 4 * ELEMENTS);
});
