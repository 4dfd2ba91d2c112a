/** How fast this computer multiplies matrices, measured: what the time of a training step is mostly made of. */
import type { Executor } from '../exec/executor.ts';
import { Graph } from '../ir/graph.ts';
import { matmul } from '../ops/functions.ts';

/** Rows, inner size and columns: a micro-batch of 1,024 tokens through a layer of a small model. */
const [ROWS, INNER, COLUMNS] = [1024, 768, 768];

/** Floating point operations per second of float32 matrix products: the median of runs over about `seconds`. */
export async function measureRate(executor: Executor, seconds = 1): Promise<number> {
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'f32', [ROWS, INNER]), graph.input('b', 'f32', [INNER, COLUMNS])];
  graph.output('c', matmul(a, b));
  const program = await executor.compile(graph);
  const feeds = {
    a: new Float32Array(ROWS * INNER).fill(0.5),
    b: new Float32Array(INNER * COLUMNS).fill(0.25),
  };
  try {
    await program.run(feeds);
    const times: number[] = [];
    const end = performance.now() + 1000 * seconds;
    while (performance.now() < end || times.length < 3) {
      const start = performance.now();
      await program.run(feeds);
      times.push(performance.now() - start);
    }
    times.sort((x, y) => x - y);
    const median = times[Math.floor(times.length / 2)]! / 1000;
    return (2 * ROWS * INNER * COLUMNS) / median;
  } finally {
    await program.release();
  }
}
