/**
 * One process at a time works in a run's folder. The lock names its process; a process that is gone, however it ended,
 * leaves a lock that the next one takes over.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import { isRunning } from '../io/running.ts';

const NAME = '.lock';
/** An engine whose command line was killed ends after its current step; wait for that. */
const PATIENCE_MS = 60_000;
const POLL_MS = 200;
/** Where files cannot be linked a lock is empty for a moment, before its process is written into it. */
const EMPTY_MS = 5_000;

export interface LockOptions {
  readonly patienceMs?: number;
  /** Aborted: stop waiting, by throwing its reason. */
  readonly stop?: AbortSignal;
  /** Called once when the folder is taken and waiting begins. */
  readonly onWait?: () => void;
}

/** Takes the lock of `folder`, waiting for a process that is about to end; `release` gives it back. */
export async function lockRun(
  folder: string,
  { patienceMs = PATIENCE_MS, stop, onWait }: LockOptions = {},
): Promise<{ release(): Promise<void> }> {
  const file = path.join(folder, NAME);
  const own = `${process.pid} ${await startOf(process.pid)}\n`;
  const deadline = performance.now() + patienceMs;
  for (let waited = false; !(await take(file, own)); ) {
    const found = await fs.readFile(file, 'utf8').catch(() => null);
    if (found === null) continue;
    if (!(await isHeld(file, found))) {
      await removeStale(file, found);
      continue;
    }
    if (performance.now() > deadline) {
      throw new AppError(
        'run-busy',
        `Another process (number ${Number.parseInt(found, 10)}) is working in ${folder}.`,
        'Wait until it has ended, or stop it.',
      );
    }
    if (!waited) onWait?.();
    waited = true;
    await setTimeout(POLL_MS, undefined, stop && { signal: stop });
  }
  return { release: () => fs.rm(file, { force: true }) };
}

/** Whether `name` is a file of the lock's, which makes no folder a run. */
export function isLockFile(name: string): boolean {
  return name === NAME || name.startsWith(`${NAME}.`);
}

/** Creates the lock with its content in one step; false where it exists. */
async function take(file: string, content: string): Promise<boolean> {
  const temp = `${file}.${randomBytes(6).toString('hex')}`;
  await fs.writeFile(temp, content, { flag: 'wx' });
  try {
    await fs.link(temp, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return await takeUnlinked(file, content);
  } finally {
    await fs.rm(temp, { force: true });
  }
}

/** For file systems without links. */
async function takeUnlinked(file: string, content: string): Promise<boolean> {
  try {
    await fs.writeFile(file, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isHeld(file: string, content: string): Promise<boolean> {
  const [pidText = '', start = ''] = content.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) {
    const stats = await fs.stat(file).catch(() => null);
    return stats !== null && Date.now() - stats.mtimeMs < EMPTY_MS;
  }
  if (!isRunning(pid)) return false;
  // the number of a process that is gone may belong to another one by now
  const now = await startOf(pid);
  if (now === 'gone') return false;
  return start === '' || now === '' ? pid !== process.pid : start === now;
}

/** Moves a stale lock away, so that of several processes that saw it only one removes it, and only that one. */
async function removeStale(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  const moved = await fs.rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  const isOther = (await fs.readFile(aside, 'utf8')) !== content;
  // somebody took the lock in between: it is theirs
  if (isOther) await fs.link(aside, file).catch(() => undefined);
  await fs.rm(aside, { force: true });
}

/**
 * When a process started, in the system's own words; `gone` for one that has ended and that nobody has waited for.
 * Empty where the system does not tell: only Linux does.
 */
async function startOf(pid: number): Promise<string> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // the name before the last parenthesis may contain anything; the state is field 3, the start field 22
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? 'gone' : (fields[18] ?? '');
}
