/**
 * Whether it was a lack of memory for which the system ended a process. SIGKILL alone does not say: a person can send it.
 * Linux counts its own kills, by control group and for the whole machine, and tells how hard memory is to get.
 */
import { readFileSync } from 'node:fs';

/** Reads a file of the system; null where it is not there. */
export type ReadText = (path: string) => string | null;

/** Minutes-old kills and the pressure of a moment ago are told apart by looking before and after. */
export interface MemoryWatch {
  /** Whether memory was the reason, as far as the system tells since the watch began; null where it tells nothing. */
  wasKilled(): boolean | null;
}

/** Share of time in the last ten seconds, in percent, that something waited for memory: user-space killers act at such values. */
const PRESSURE_PERCENT = 10;
/** A share of memory that is as good as none. */
const LITTLE = 0.03;

/** Begins to watch the kills of this process's control group, or of the machine where groups are not counted. */
export function watchMemory(read: ReadText = readText): MemoryWatch {
  const before = killCount(read);
  return {
    wasKilled() {
      const after = killCount(read);
      if (before === null || after === null) return null;
      return after > before || isScarce(read);
    },
  };
}

/** Processes that the kernel has ended for lack of memory so far; null on a system that does not count them. */
export function killCount(read: ReadText = readText): number | null {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n');
  for (const line of groups) {
    const [, controllers = '', ...rest] = line.split(':');
    const group = rest.join(':');
    if (controllers === '' && group !== '') {
      // a container sees its own group as the root
      const found = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].flatMap((root) => [
        `${root}${group === '/' ? '' : group}/memory.events`,
        `${root}/memory.events`,
      ]);
      const count = firstCount(found, read);
      if (count !== null) return count;
    }
    if (controllers.split(',').includes('memory')) {
      const root = '/sys/fs/cgroup/memory';
      const count = firstCount([`${root}${group}/memory.oom_control`, `${root}/memory.oom_control`], read);
      if (count !== null) return count;
    }
  }
  return firstCount(['/proc/vmstat'], read);
}

function firstCount(paths: readonly string[], read: ReadText): number | null {
  for (const path of paths) {
    const count = /^oom_kill (\d+)$/m.exec(read(path) ?? '')?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

/** Whether memory is so short that a program such as systemd-oomd ends others for it; the kernel does not count those. */
function isScarce(read: ReadText): boolean {
  const pressure = /^some avg10=([\d.]+)/m.exec(read('/proc/pressure/memory') ?? '')?.[1];
  if (pressure !== undefined && Number(pressure) >= PRESSURE_PERCENT) return true;
  const facts = read('/proc/meminfo') ?? '';
  const [total, free] = ['MemTotal', 'MemAvailable'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(facts)?.[1]),
  );
  return free! < LITTLE * total!;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
