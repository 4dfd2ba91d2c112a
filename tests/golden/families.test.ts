/** All reference cases beside this file on every executor; `npm run golden` prints the same comparisons line by line. */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { referenceCases } from './case.ts';
import { checkFamily } from './check-family.ts';
import { checkedOn } from './checked.ts';
import { passes } from './compare.ts';

const cases = referenceCases();

describe.each(EXACT_EXECUTORS)('on the executor %s', (executorName) => {
  it.each(cases)('%s equals Transformers and PEFT', async (_, folder) => {
    const lines = await checkFamily(
      folder,
      await openExecutor(executorName, { threads: 1 }),
      checkedOn(executorName),
    );
    expect(lines.length).toBeGreaterThan(17);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});
