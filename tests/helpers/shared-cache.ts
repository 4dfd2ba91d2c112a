/**
 * What Fettles under test share in one run of the tests: prices of runs, and the base model's answers, both computed from what is named in
 * their keys. The folder begins empty and ends with the run (vitest.config.ts), so that the first process that asks computes them.
 */
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Gives a new home what other processes of this run of the tests have computed, and them its own. */
export async function shareComputed(home: string): Promise<void> {
  const prices = process.env.FETTLE_TEST_PRICES;
  if (!prices) return;
  const answers = path.join(prices, 'assess');
  const cache = path.join(home, 'cache');
  await Promise.all([answers, cache].map((folder) => mkdir(folder, { recursive: true })));
  await symlink(prices, path.join(cache, 'prices'), 'junction');
  await symlink(answers, path.join(cache, 'assess'), 'junction');
}
