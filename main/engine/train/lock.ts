/**
 * One process at a time works in a run's folder. The lock names its process; a process that is gone, however it ended,
 * leaves a lock that the next one takes over.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../../errors.ts';

const NAME = '.lock';
/** An engine whose command line was killed ends after its current step; wait for that. */
const PATIENCE_MS = 60_000;
const POLL_MS = 200;

/** Takes the lock of `folder`, waiting for a process that is about to end; `release` gives it back. */
export async function lockRun(
  folder: string,
  patienceMs = PATIENCE_MS,
): Promise<{ release(): Promise<void> }> {
  const file = path.join(folder, NAME);
  const deadline = performance.now() + patienceMs;
  while (!(await take(file))) {
    const holder = await holderOf(file);
    if (holder === null || !isAlive(holder)) {
      await fs.rm(file, { force: true });
      continue;
    }
    if (performance.now() > deadline) {
      throw new AppError(
        'run-busy',
        `Another process (number ${holder}) is working in ${folder}.`,
        'Wait until it has ended, or stop it.',
      );
    }
    await setTimeout(POLL_MS);
  }
  return { release: () => fs.rm(file, { force: true }) };
}

async function take(file: string): Promise<boolean> {
  try {
    await fs.writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function holderOf(file: string): Promise<number | null> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 && pid !== process.pid ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
