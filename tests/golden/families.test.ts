/** All reference cases beside this file on both executors; `npm run golden` prints the same comparisons line by line. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXECUTOR_NAMES, openExecutor } from '../../main/engine/exec/registry.ts';
import { checkFamily } from './check-family.ts';
import { passes } from './compare.ts';

const cases = ['families', 'variations'].flatMap((group) => {
  const folder = path.join(import.meta.dirname, 'data', group);
  const entries = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => [name, path.join(folder, name)] as const);
});

it('finds the six families and the variations', () => expect(cases.length).toBeGreaterThanOrEqual(10));

describe.each(EXECUTOR_NAMES)('on the executor %s', (executorName) => {
  it.each(cases)('%s equals Transformers and PEFT', async (_, folder) => {
    const lines = await checkFamily(folder, await openExecutor(executorName, { threads: 1 }));
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});
