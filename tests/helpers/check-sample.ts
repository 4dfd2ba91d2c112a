/** One sample of an operation on an executor against the operation's definition. */
import { expect } from 'vitest';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { evaluate } from '../../main/engine/exec/reference/executor.ts';
import type { OpDef } from '../../main/engine/ops/define.ts';
import { decompose } from '../../main/engine/passes/decompose.ts';
import { sampleCase } from './samples.ts';

/** Fails where an element is off by more than 2e-6 of the larger of 1 and its value. */
export async function checkSample(executor: Executor, def: OpDef, sample: OpDef['samples'][number]) {
  const { graph, data } = sampleCase(def, sample);
  const expected = evaluate(decompose(graph, new Set()), ({ source, dtype, shape }) => ({
    dtype,
    shape,
    data:
      source.kind === 'input' || source.kind === 'weight'
        ? data[source.name]!
        : source.kind === 'constant'
          ? source.data
          : new Float32Array(),
  })).get('y')!;
  const program = await executor.compile(graph, {
    weights: (name) => ({ kind: 'memory', data: data[name]! }),
  });
  const { outputs } = await program.run(data);
  await program.release();
  expect(outputs.y).toHaveLength(expected.data.length);
  expected.data.forEach((value, i) => {
    const tolerance = 2e-6 * Math.max(1, Math.abs(value));
    expect(
      Math.abs(outputs.y![i]! - value),
      `element ${i}: ${outputs.y![i]} for ${value}`,
    ).toBeLessThanOrEqual(tolerance);
  });
}
