/** Preference objectives against values written out in PyTorch; `npm run golden` prints the same comparisons line by line. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { checkPreference } from './check-preference.ts';
import { checkedOn } from './checked.ts';
import { passes } from './compare.ts';

const DATA = path.join(import.meta.dirname, 'data', 'preference');

/** A loss knows nothing of the family: plain loops, which take ten times as long, compute it for one. */
const familiesOn = (name: string) => (name === 'reference' ? ['llama'] : ['qwen3', 'llama']);

describe.each(EXACT_EXECUTORS)('on the executor %s', (executorName) => {
  it.each(familiesOn(executorName))('%s has the losses, gradients and traces of PyTorch', async (name) => {
    const lines = await checkPreference(
      path.join(DATA, name),
      await openExecutor(executorName, { threads: 1 }),
      checkedOn(executorName),
    );
    expect(lines.length).toBeGreaterThan(80);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});
