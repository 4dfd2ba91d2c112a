/**
 * Lock files: one process at a time works in a run's folder, has a data folder, brings a pack. A lock names its process; one that is gone,
 * however it ended, leaves a lock that the next one takes over. (Opening a store has a lock of SQLite's: store/connection.ts.)
 */
import { randomBytes } from 'node:crypto';
import { linkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../common/errors.ts';
import { say } from '../common/words/language.ts';
import { isStillRunning, ownStart, readText } from './processes.ts';
import { renameAtOnce } from './rename.ts';

/** The process that a lock names. */
export interface Holder {
  readonly pid: number;
  /** When it started, where that can be known: numbers of processes are used again. */
  readonly start: string | null;
}

export const thisProcess = (): Holder => ({ pid: process.pid, start: ownStart() });

/** Of locks that others took over meanwhile, so many are looked at before the last one counts. */
const ATTEMPTS = 5;
/** Where files cannot be linked a lock is empty for a moment, before its process is written into it. */
const EMPTY_MS = 5_000;

/** Takes the lock `file` by writing `own` there; null: it is ours. Else what is written there by a process that `isHeld` finds. */
export function takeLock(
  file: string,
  own: string,
  isHeld: (content: string) => boolean,
  mode = 0o666,
): string | null {
  let found: string | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (place(file, own, mode)) return null;
    found = readText(file);
    if (found !== null && (isHeld(found) || isBeingWritten(file, found))) return found;
    if (found !== null) removeStale(file, found);
  }
  return found ?? '';
}

/** `takeLock` for locks of the text `<pid> <start>`; the number of the process that has it, null where it is ours. */
export function takeOwnLock(file: string): number | null {
  const { pid, start } = thisProcess();
  const found = takeLock(file, `${pid} ${start ?? ''}\n`, (content) => isHeldBy(holderIn(content)));
  return found === null ? null : holderIn(found).pid;
}

/** Where no start is known, a lock with our own number is one that an earlier process of that number left. */
function isHeldBy({ pid, start }: Holder): boolean {
  if (pid === process.pid) return start !== null && start === ownStart();
  return isStillRunning(pid, start);
}

function holderIn(content: string): Holder {
  const [pid, start] = content.trim().split(' ');
  return { pid: Number(pid), start: start || null };
}

/** Creates the lock with its content in one step; false where it exists. */
function place(file: string, content: string, mode: number): boolean {
  const temporary = temporaryFor(file);
  writeFileSync(temporary, content, { flag: 'wx', mode });
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST' && placeUnlinked(file, content, mode);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** For disks that know no links, such as those of cameras and some networks. */
function placeUnlinked(file: string, content: string, mode: number): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock away, so that of several processes that saw it only one removes it, and only that one. */
function removeStale(file: string, content: string): void {
  const aside = temporaryFor(file);
  try {
    renameAtOnce(file, aside);
    // somebody took the lock in between: it is theirs
    if (readText(aside) !== content) linkSync(aside, file);
  } catch {
    // somebody else was quicker; the next attempt sees what is there
  } finally {
    rmSync(aside, { force: true });
  }
}

function isBeingWritten(file: string, content: string): boolean {
  if (content.trim() !== '') return false;
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs < EMPTY_MS;
}

const temporaryFor = (file: string) => `${file}.${randomBytes(6).toString('hex')}`;

const RUN_LOCK = '.lock';
/** An engine whose command line was killed ends after its current step; wait for that. */
const PATIENCE_MS = 60_000;
const POLL_MS = 200;

interface LockOptions {
  readonly patienceMs?: number;
  /** Aborted: stop waiting, by throwing its reason. */
  readonly stop?: AbortSignal;
  /** Called once when the folder is taken and waiting begins. */
  readonly onWait?: () => void;
}

/** Takes the lock of a run's folder, waiting for a process that is about to end; `release` gives it back. */
export async function lockRun(
  folder: string,
  { patienceMs = PATIENCE_MS, stop, onWait }: LockOptions = {},
): Promise<{ release(): void }> {
  const file = path.join(folder, RUN_LOCK);
  const deadline = performance.now() + patienceMs;
  for (let pid = takeOwnLock(file), waited = false; pid !== null; pid = takeOwnLock(file)) {
    if (performance.now() > deadline)
      throw new AppError(
        'run-busy',
        say`Another program is working in ${folder} (process ${pid}).`,
        say`Wait until it has ended, or stop it.`,
      );
    if (!waited) onWait?.();
    waited = true;
    await setTimeout(POLL_MS, undefined, stop && { signal: stop });
  }
  return { release: () => rmSync(file, { force: true }) };
}

/** The process that works in a run's folder; null for none. */
export function workingProcess(folder: string): number | null {
  const { pid, start } = holderIn(readText(path.join(folder, RUN_LOCK)) ?? '');
  return isStillRunning(pid, start) ? pid : null;
}

/** Whether `name` is a file of a run's lock, which makes no folder a run. */
export function isLockFile(name: string): boolean {
  return name === RUN_LOCK || name.startsWith(`${RUN_LOCK}.`);
}
