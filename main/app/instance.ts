/** One host at a time works with a data folder: two supervisors would take each other's jobs for lost ones. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Holder as Process, takeLock, thisProcess } from '../locks.ts';
import { isStillRunning } from '../processes.ts';

/** The process that has a data folder. */
export interface Holder extends Process {
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
const MODE = 0o600;

/** Takes the folder that `folder` gives (it may move later), or says who has it. */
export function takeFolder(folder: () => string, kind: Holder['kind']): Hold | { readonly holder: Holder } {
  const file = () => path.join(folder(), NAME);
  const own: Holder = { ...thisProcess(), kind, address: null };
  const isHeld = (content: string) => {
    const holder = parsed(content);
    return holder !== null && isStillRunning(holder.pid, holder.start);
  };
  const found = takeLock(file(), JSON.stringify(own), isHeld, MODE);
  return found === null ? holdOf(file, own) : { holder: parsed(found) ?? own };
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

function writeWhole(file: string, own: Holder): void {
  const temporary = `${file}.${own.pid}`;
  writeFileSync(temporary, JSON.stringify(own), { mode: MODE });
  renameSync(temporary, file);
}

function holderIn(file: string): Holder | null {
  try {
    return parsed(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function parsed(content: string): Holder | null {
  try {
    const found = JSON.parse(content) as Holder;
    return Number.isInteger(found.pid) && found.pid > 0 ? found : null;
  } catch {
    return null;
  }
}
