/** What is predicted of a step's memory is what TensorFlow.js counts while the step runs. */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { openTensorFlow } from '../../../main/engine/extras/tensorflow/tfjs-executor.ts';
import { allocate, type HostArray } from '../../../main/engine/ir/dtype.ts';
import { bytesOf, Graph } from '../../../main/engine/ir/graph.ts';
import { sizeOf } from '../../../main/engine/ir/shape.ts';
import { broadcastTo, reduceSum } from '../../../main/engine/ops/functions.ts';
import { optimise } from '../../../main/engine/passes/index.ts';
import { liveBytes } from '../../helpers/graphs.ts';
import { formatFor, STEPS, weightsWith } from './tfjs-leaks.ts';

const executor = await openExecutor('tfjs', { threads: 1 });
const { tf } = (await openTensorFlow(1)).backend;

/** What the module's allocator is asked for, without what its own code takes. */
interface Allocator {
  _malloc(bytes: number): number;
  _free(offset: number): void;
}

/** The most bytes of tensors at once in a run, without those that were there before it. */
async function measuredBytes(graph: Graph, name: string): Promise<number> {
  const all = weightsWith(formatFor(name));
  const program = await executor.compile(graph, {
    weights: (name) => ({ kind: 'memory', data: all.get(name)! }),
  });
  const feeds: Record<string, HostArray> = {};
  for (const [name, { dtype, shape }] of graph.inputs) feeds[name] = allocate(dtype, sizeOf(shape));
  const { wasm } = tf.backend() as unknown as { wasm: Allocator };
  const own = { _malloc: wasm._malloc, _free: wasm._free };
  const sizes = new Map<number, number>();
  let [now, most] = [0, 0];
  wasm._malloc = (bytes) => {
    const offset = own._malloc(bytes);
    sizes.set(offset, bytes);
    now += bytes;
    most = Math.max(most, now);
    return offset;
  };
  wasm._free = (offset) => {
    now -= sizes.get(offset) ?? 0;
    sizes.delete(offset);
    own._free(offset);
  };
  try {
    await program.run(feeds);
  } finally {
    wasm._malloc = own._malloc;
    wasm._free = own._free;
    await program.release();
  }
  return most;
}

function largestRight({ nodes }: Graph): number {
  return Math.max(...nodes.filter(({ op }) => op === 'matmul').map(({ inputs }) => bytesOf(inputs[1]!)));
}

describe.each(Object.keys(STEPS))('%s', (name) => {
  it('takes what was predicted', async () => {
    const { graph } = STEPS[name as keyof typeof STEPS]();
    const ready = optimise(graph, executor.fusedOperations);
    const predicted = liveBytes(executor.memoryOf(ready, new Set()));
    const measured = await measuredBytes(graph, name);
    expect(measured).toBeGreaterThan(10_000);
    expect(measured).toBeLessThanOrEqual(predicted);
    // a product packs its right operand with an allocation of the module's own, which is not seen from here
    expect(predicted - measured).toBeLessThanOrEqual(largestRight(ready));
  });
});

it('counts bytes by the shapes of values', () => {
  const { graph } = STEPS.evaluation();
  const largest = Math.max(
    ...optimise(graph, executor.fusedOperations).nodes.map(({ output }) => bytesOf(output)),
  );
  expect(liveBytes(executor.memoryOf(graph, new Set()))).toBeGreaterThanOrEqual(largest);
});

it('refuses 4 GB, and goes on', async () => {
  const graph = new Graph();
  const row = graph.input('x', 'f32', [1, 2 ** 15]);
  graph.output('y', reduceSum(broadcastTo(row, [2 ** 15, 2 ** 15]), [1]));
  const program = await executor.compile(graph);
  const x = new Float32Array(2 ** 15).fill(1);
  const tensors = tf.memory().numTensors;
  await expect(program.run({ x })).rejects.toMatchObject({ code: 'out-of-memory' });
  expect(tf.memory().numTensors).toBe(tensors);
  await program.release();
});
