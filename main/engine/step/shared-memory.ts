/** Whether an executor computes on memory that threads share. */
import type { Executor } from '../exec/executor.ts';
import { Graph } from '../ir/graph.ts';
import { add } from '../ops/functions.ts';
import type { Sharing } from './update-threads.ts';

/** `sharing` where `executor` takes shared memory, else this thread alone: found out by one addition on it. */
export async function sharingOn(executor: Executor, sharing: Sharing): Promise<Sharing> {
  if ((sharing.threads ?? 1) === 1) return sharing;
  return (await takesSharedMemory(executor)) ? sharing : { ...sharing, threads: 1 };
}

async function takesSharedMemory(executor: Executor): Promise<boolean> {
  if (executor.keeps !== 'host') return false;
  const graph = new Graph();
  const x = graph.input('x', 'f32', [1]);
  graph.output('out', add(x, x));
  const program = await executor.compile(graph);
  const shared = executor.tensor('f32', [1], new Float32Array(new SharedArrayBuffer(4)));
  await shared.write(Float32Array.of(1));
  try {
    await program.run({ x: shared }, { out: shared });
    return (await shared.read())[0] === 2;
  } catch {
    // onnxruntime's binding gets nothing but an invalid argument from the Node-API of older Nodes
    return false;
  } finally {
    await program.release();
  }
}
