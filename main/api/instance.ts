/**
 * One host at a time works with a data folder: two supervisors would take each other's jobs for lost ones. A file names the
 * process that has it; one that is gone, however it ended, leaves a file that the next one takes over.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The process that has a data folder. */
export interface Holder {
  readonly pid: number;
  /** When it started, in the system's own count, where that can be known: numbers of processes are used again. */
  readonly start: string | null;
  readonly kind: 'electron' | 'web';
  /** Where a browser finds it; null for a window, and before it listens. */
  readonly address: string | null;
}

/** The data folder is ours until `release`. */
export interface Hold {
  tell(address: string): void;
  release(): void;
}

const NAME = 'host.lock';
const ATTEMPTS = 5;

/** Takes the folder that `folder` gives (it may move later), or says who has it. */
export function takeFolder(folder: () => string, kind: Holder['kind']): Hold | { readonly holder: Holder } {
  const file = () => path.join(folder(), NAME);
  const own: Holder = { pid: process.pid, start: startOf(process.pid), kind, address: null };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (place(file(), own)) return holdOf(file, own);
    const holder = holderIn(file());
    if (holder && isAlive(holder)) return { holder };
    removeStale(file(), holder);
  }
  return { holder: holderIn(file()) ?? own };
}

function holdOf(file: () => string, own: Holder): Hold {
  const isOurs = () => holderIn(file())?.pid === own.pid;
  return {
    tell(address) {
      if (isOurs()) writeWhole(file(), { ...own, address });
    },
    release() {
      if (isOurs()) rmSync(file(), { force: true });
    },
  };
}

/** Puts the file in place where there is none, all at once; false where there is one. */
function place(file: string, own: Holder): boolean {
  const temporary = temporaryFor(file);
  writeFileSync(temporary, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    return placeWithoutLinks(file, own);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** For disks that know no links, such as those of cameras and some networks. */
function placeWithoutLinks(file: string, own: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function writeWhole(file: string, own: Holder): void {
  const temporary = temporaryFor(file);
  writeFileSync(temporary, JSON.stringify(own), { mode: 0o600 });
  renameSync(temporary, file);
}

const temporaryFor = (file: string) => `${file}.${randomBytes(4).toString('hex')}`;

function holderIn(file: string): Holder | null {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return Number.isInteger(found.pid) && found.pid > 0 ? found : null;
  } catch {
    return null;
  }
}

/** Takes away the file of a process that is gone, unless another one has put its own there meanwhile. */
function removeStale(file: string, stale: Holder | null): void {
  const aside = temporaryFor(file);
  try {
    renameSync(file, aside);
    const found = holderIn(aside);
    if (found !== null && found.pid !== stale?.pid) linkSync(aside, file);
  } catch {
    // somebody else was quicker; the next attempt sees what is there
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now === null || start === null || now === start;
}

/** When a process started, in ticks since the computer did; null where that cannot be known. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
