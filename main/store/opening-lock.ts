/**
 * One process at a time opens a store: checks it, repairs it, brings it up to date. The lock is one of SQLite's on a file
 * of its own, which the system gives back however a process ends.
 */
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { AppError } from '../errors.ts';

const NAME = 'opening.lock';
const PATIENCE_MS = 60_000;
const POLL_MS = 20;

/** Does `work` while no other process, and no other call in this one, opens the store in `folder`. */
export async function whileOpening<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = new Sqlite(path.join(folder, NAME), { timeout: 0 });
  try {
    for (let waited = 0; !takes(lock); waited += POLL_MS) {
      if (waited > PATIENCE_MS) throw busy(folder);
      await setTimeout(POLL_MS);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function takes(lock: Sqlite.Database): boolean {
  try {
    lock.exec('begin exclusive');
    return true;
  } catch (error) {
    if (/^SQLITE_(BUSY|LOCKED)/.test((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

function busy(folder: string): AppError {
  return new AppError(
    'store-busy',
    `Another process has been opening the history in ${folder} for a minute.`,
    'It may be repairing a large one: wait for it, or close other windows and commands of Fettle.',
  );
}
