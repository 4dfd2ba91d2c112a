/** Every operation on every executor against its reference definition. */
import { describe, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { OPS } from '../../main/engine/ops/functions.ts';
import { checkSample } from '../helpers/check-sample.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';

const cases = EXACT_EXECUTORS.flatMap((name) =>
  Object.values(OPS).map((def) => [name, def.name, def] as const),
);

describe.each(cases)('%s: %s', (executorName, _, def) => {
  def.samples.forEach((sample, index) => {
    it(`computes sample ${index}`, async () => {
      await checkSample(await openExecutor(executorName, { threads: 1 }), def, sample);
    });
  });
});
