/**
 * Whether it was a lack of memory for which the system ended a process. SIGKILL alone does not say: a person can send it.
 * Linux counts its own kills, by control group and for the whole machine, and tells how hard memory is to get.
 */
import { groupsIn, numberAt, readText } from '../processes.ts';

/** Reads a file of the system; null where it is not there. */
type ReadText = (path: string) => string | null;

/** Minutes-old kills and the pressure of a moment ago are told apart by looking before and after. */
interface MemoryWatch {
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
  for (const [controller, group] of groupsIn(read('/proc/self/cgroup') ?? '')) {
    const count = firstCount(placesOf(controller, group), read);
    if (count !== null) return count;
  }
  return firstCount(['/proc/vmstat'], read);
}

/** Files that may have the count for a control group of either version; a container sees its own group as the root. */
function placesOf(controller: string, group: string): string[] {
  if (controller === 'memory')
    return [`${group}/`, '/'].map((within) => `/sys/fs/cgroup/memory${within}memory.oom_control`);
  if (controller !== '' || group === '') return [];
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].flatMap((root) => [
    `${root}${group === '/' ? '' : group}/memory.events`,
    `${root}/memory.events`,
  ]);
}

function firstCount(paths: readonly string[], read: ReadText): number | null {
  for (const path of paths) {
    const count = numberAt(read(path), 'oom_kill');
    if (!Number.isNaN(count)) return count;
  }
  return null;
}

/** Whether memory is so short that a program such as systemd-oomd ends others for it; the kernel does not count those. */
function isScarce(read: ReadText): boolean {
  const pressure = /^some avg10=([\d.]+)/m.exec(read('/proc/pressure/memory') ?? '')?.[1];
  if (pressure !== undefined && Number(pressure) >= PRESSURE_PERCENT) return true;
  const facts = read('/proc/meminfo') ?? '';
  return numberAt(facts, 'MemAvailable') < LITTLE * numberAt(facts, 'MemTotal');
}
