/** Whether onnxruntime computes through WebGPU here: a small graph shows it. Drivers may hang or end the process: ask in one that may be lost. */

import { Graph } from '../../ir/graph.ts';
import { add } from '../../ops/functions.ts';
import { createOrtExecutor } from './ort-executor.ts';

/** Opens a session as a training does and computes 1.5 + 1.5 there; what went wrong, null: nothing. Never throws. */
export async function webgpuProblem(): Promise<string | null> {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [1]);
  graph.output('y', add(x, x));
  try {
    const executor = createOrtExecutor({ threads: 1, device: 'webgpu', wholeOnDevice: true });
    const program = await executor.compile(graph);
    const { outputs } = await program.run({ x: Float32Array.of(1.5) });
    await program.release();
    const [sum] = outputs.y as Float32Array;
    return sum === 3 ? null : `1.5 + 1.5 became ${sum} there.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
