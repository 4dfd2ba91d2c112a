/** Every operation on every executor against its reference definition. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../main/engine/exec/reference/executor.ts';
import { EXECUTOR_NAMES, openExecutor } from '../../main/engine/exec/registry.ts';
import { OPS } from '../../main/engine/ops/index.ts';
import { decompose } from '../../main/engine/passes/decompose.ts';
import { sampleCase } from '../helpers/samples.ts';

const cases = EXECUTOR_NAMES.flatMap((name) =>
  Object.values(OPS).map((def) => [name, def.name, def] as const),
);

describe.each(cases)('%s: %s', (executorName, _, def) => {
  def.samples.forEach((sample, index) => {
    it(`computes sample ${index}`, async () => {
      const { graph, data } = sampleCase(def, sample);
      const expected = evaluate(decompose(graph, new Set()), ({ source, dtype, shape }) => ({
        dtype,
        shape,
        data:
          source.kind === 'input'
            ? data[source.name]!
            : source.kind === 'constant'
              ? source.data
              : new Float32Array(),
      })).get('y')!;
      const executor = await openExecutor(executorName, { threads: 1 });
      const program = await executor.compile(graph);
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
    });
  });
});
