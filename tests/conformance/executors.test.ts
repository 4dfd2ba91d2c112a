/** Every operation on every executor against its reference definition. */
import { describe, it } from 'vitest';
import { EXECUTOR_NAMES, openExecutor } from '../../main/engine/exec/registry.ts';
import { OPS } from '../../main/engine/ops/index.ts';
import { checkSample } from '../helpers/check-sample.ts';

const cases = EXECUTOR_NAMES.flatMap((name) =>
  Object.values(OPS).map((def) => [name, def.name, def] as const),
);

describe.each(cases)('%s: %s', (executorName, _, def) => {
  def.samples.forEach((sample, index) => {
    it(`computes sample ${index}`, async () => {
      await checkSample(await openExecutor(executorName, { threads: 1 }), def, sample);
    });
  });
});
