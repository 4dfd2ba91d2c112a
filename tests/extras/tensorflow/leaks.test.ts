/**
 * A step that keeps one small tensor ends a long run: TensorFlow.js frees nothing by itself. Whole trainings are watched on
 * WebAssembly by integration/verify-device.test.ts, and on TensorFlow's library by conformance.integration.test.ts.
 */
import { expect, it } from 'vitest';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { openTensorFlow } from '../../../main/engine/extras/tensorflow/tfjs-executor.ts';
import { Graph } from '../../../main/engine/ir/graph.ts';
import { mul } from '../../../main/engine/ops/functions.ts';
import { leaksOf, STEPS } from './tfjs-leaks.ts';

it.each(Object.keys(STEPS))('keeps no tensor of a step (%s)', async (name) => {
  expect(await leaksOf(name)).toEqual({ betweenRuns: 0, afterRelease: 0 });
});

it('holds a weight once for all programs, until the last is released', async () => {
  const { tf } = (await openTensorFlow(1)).backend;
  const executor = await openExecutor('tfjs', { threads: 1 });
  const data = Float32Array.of(1, 2, 3);
  const programWith = (factor: number, own: Float32Array) => {
    const graph = new Graph();
    graph.output('y', mul(mul(graph.weight('w', [3]), factor), graph.input('x', 'f32', [1])));
    return executor.compile(graph, { weights: () => ({ kind: 'memory', data: own }) });
  };
  const before = tf.memory().numTensors;
  const first = await programWith(2, data);
  const each = tf.memory().numTensors - before;
  const second = await programWith(3, data);
  expect(tf.memory().numTensors - before).toBe(2 * each - 1);
  await first.release();
  await first.release();
  const x = Float32Array.of(1);
  expect([...(await second.run({ x })).outputs.y!]).toEqual([3, 6, 9]);
  const other = await programWith(1.5, Float32Array.of(4, 4, 4));
  expect([...(await other.run({ x })).outputs.y!]).toEqual([6, 6, 6]);
  await second.release();
  await other.release();
  expect(tf.memory().numTensors).toBe(before);
});
