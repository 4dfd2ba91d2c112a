/** The command line measures nothing beside a training, whoever started it, and is not stopped by what a crash left behind. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { refuseBesideTraining } from '../../../main/app/probe.ts';
import { type RunStore, runStore } from '../../helpers/run-store.ts';

let runs: RunStore;
beforeEach(async () => {
  runs = await runStore();
});
afterEach(() => runs.close());

/** A run whose folder is locked by the process `pid`. */
function lockedRun(name: string, state: 'running' | 'paused', pid: number): void {
  const { id, folder } = runs.run(name);
  runs.store.runs.update(id, { state });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, '.lock'), `${pid}`);
}

it('refuses while a process computes a run', () => {
  refuseBesideTraining(runs.store);
  lockedRun('first', 'running', process.pid);
  expect(() => refuseBesideTraining(runs.store)).toThrow(
    expect.objectContaining({
      code: 'computer-busy',
      message: expect.stringContaining(`“first” is using the computer (process ${process.pid})`),
    }),
  );
});

it('does not for runs that a crash has left as running, and for those that rest', () => {
  // above every number that Linux gives
  lockedRun('lost', 'running', 2 ** 22 + 1);
  lockedRun('resting', 'paused', process.pid);
  runs.store.runs.update(runs.run('unlocked').id, { state: 'running' });
  expect(() => refuseBesideTraining(runs.store)).not.toThrow();
});
