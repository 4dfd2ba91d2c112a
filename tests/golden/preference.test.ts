/** Preference objectives against values written out in PyTorch; `npm run golden` prints the same comparisons line by line. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { checkPreference } from './check-preference.ts';
import { passes } from './compare.ts';

const DATA = path.join(import.meta.dirname, 'data', 'preference');

describe.each(EXACT_EXECUTORS)('on the executor %s', (executorName) => {
  it.each(['qwen3', 'llama'])('%s has the losses, gradients and traces of PyTorch', async (name) => {
    const lines = await checkPreference(
      path.join(DATA, name),
      await openExecutor(executorName, { threads: 1 }),
    );
    expect(lines.length).toBeGreaterThan(90);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});
