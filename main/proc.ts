/**
 * What Linux tells in /proc of processes, processors and control groups; see proc(5). Reading is apart from
 * parsing, so that a recorded computer can be asked, too.
 */
import { readFileSync } from 'node:fs';

/** The text of a file of the system; null where it cannot be read. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** The number behind `name` in a list of "name: 12 kB" or "name 12"; NaN where it is not there. */
export function numberAt(text: string | null | undefined, name: string): number {
  return Number(new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(text ?? '')?.[1]);
}

/** What /proc/cpuinfo says of each processor, by names in small letters. */
export function processorsIn(cpuinfo: string): readonly ReadonlyMap<string, string>[] {
  return cpuinfo
    .split(/\n\s*\n/)
    .map((block) => {
      const pairs = [...block.matchAll(/^([\w ]+?)\s*:[ \t]*(.*?)\s*$/gm)];
      return new Map(pairs.map(([, key, value]) => [key!.toLowerCase(), value!]));
    })
    .filter((lines) => lines.has('processor'));
}

/** Distinct pairs of socket and core in the text of /proc/cpuinfo; 0 where it does not name cores. */
export function coresOfCpuinfo(cpuinfo: string): number {
  const named = processorsIn(cpuinfo).filter((lines) => lines.has('core id'));
  return new Set(named.map((lines) => `${lines.get('physical id') ?? 0}:${lines.get('core id')}`)).size;
}

/** Reads /proc/self/cgroup: the path of each controller; version 2 has the name "". */
export function groupsIn(text: string): ReadonlyMap<string, string> {
  const lines = [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)];
  return new Map(lines.flatMap(([, names, path]) => names!.split(',').map((name) => [name, path!] as const)));
}

/**
 * The largest resident memory of this process so far, bytes. On Linux it is VmHWM, which begins anew with a
 * program: the figure of getrusage(2) is kept over execve(2), and begins with what the parent had.
 */
export function peakResidentBytes(): number {
  const kib = process.platform === 'linux' ? numberAt(readText('/proc/self/status'), 'VmHWM') : 0;
  return (kib > 0 ? kib : process.resourceUsage().maxRSS) * 1024;
}

/** The fields of /proc/<pid>/stat that are used; null where there is no such file. */
export function statOf(pid: number | 'self') {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // the name before the last parenthesis may contain anything; the state, field 3, is the first after it
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], group: fields[2], terminalGroup: fields[5], start: fields[19] ?? null };
}
