/** One sample of an operation on an executor against the operation's definition. */
import { expect } from 'vitest';
import type { Executor } from '../../main/engine/exec/executor.ts';
import type { OpDef } from '../../main/engine/ops/define.ts';
import { expectedOf, sampleCase } from './samples.ts';

/** Fails where an element is off by more than `most` of the larger of 1 and its value. */
export async function checkSample(
  executor: Executor,
  def: OpDef,
  sample: OpDef['samples'][number],
  most = 2e-6,
) {
  const { graph, data } = sampleCase(def, sample);
  const expected = expectedOf(graph, data);
  const program = await executor.compile(graph, {
    weights: (name) => ({ kind: 'memory', data: data[name]! }),
  });
  const { outputs } = await program.run(data);
  await program.release();
  expect(outputs.y).toHaveLength(expected.length);
  Array.from(expected, Number).forEach((value, i) => {
    const tolerance = most * Math.max(1, Math.abs(value));
    expect(
      Math.abs(outputs.y![i]! - value),
      `element ${i}: ${outputs.y![i]} for ${value}`,
    ).toBeLessThanOrEqual(tolerance);
  });
}
