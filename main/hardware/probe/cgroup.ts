/**
 * Limits of memory and of processor time that a container, or the system's own control groups, put on this process. A training that
 * passes a limit of memory is killed, whatever the computer has.
 */
import { numberIn } from './values.ts';
import type { World } from './world.ts';

export interface Limits {
  /** Bytes; null: no limit. */
  readonly memory: number | null;
  /** Bytes below the limit that are still to be had. */
  readonly available: number | null;
  /** Processors' worth of time, 1.5 for example. */
  readonly processors: number | null;
}

const ROOT = '/sys/fs/cgroup';
/** Version 1 writes "no limit" as the largest multiple of a page. */
const NO_LIMIT = 2 ** 60;

/** The limits of this process by /proc/self/cgroup, of either version; the smallest of all levels counts. */
export async function lookForLimits(world: World): Promise<Limits> {
  const groups = groupsIn((await world.read('/proc/self/cgroup')) ?? '');
  const [newer, memory, processors] = await Promise.all([
    Promise.all(levels(ROOT, groups.get('') ?? '/').map((folder) => newerLimits(world, folder))),
    Promise.all(olderFolders(groups, 'memory').map((folder) => olderMemory(world, folder))),
    Promise.all(olderFolders(groups, 'cpu').map((folder) => olderProcessors(world, folder))),
  ]);
  const all = [...newer, ...memory];
  return {
    memory: least(all.map((one) => one.memory)),
    available: least(all.map((one) => one.available)),
    processors: least([...newer.map((one) => one.processors), ...processors]),
  };
}

/** Reads /proc/self/cgroup: the path of each controller; version 2 has the name "". */
export function groupsIn(text: string): ReadonlyMap<string, string> {
  const lines = [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)];
  return new Map(lines.flatMap(([, names, path]) => names!.split(',').map((name) => [name, path!] as const)));
}

/** The folder of a group and those above it; inside a container the path is often one of the host, and only the top is there. */
function levels(top: string, path: string): string[] {
  const steps = path.split('/').filter((step) => step !== '' && step !== '..');
  return [top, ...steps.map((_, i) => `${top}/${steps.slice(0, i + 1).join('/')}`)];
}

function olderFolders(groups: ReadonlyMap<string, string>, controller: 'memory' | 'cpu'): string[] {
  const path = groups.get(controller);
  if (path === undefined) return [];
  const tops = controller === 'cpu' ? [`${ROOT}/cpu,cpuacct`, `${ROOT}/cpu`] : [`${ROOT}/memory`];
  return tops.flatMap((top) => levels(top, path));
}

async function newerLimits(world: World, folder: string): Promise<Limits> {
  const [max, high, now, stat, time] = await Promise.all(
    ['memory.max', 'memory.high', 'memory.current', 'memory.stat', 'cpu.max'].map((name) =>
      world.read(`${folder}/${name}`),
    ),
  );
  const memory = least([limitIn(max), limitIn(high)]);
  const [quota, period] = (time ?? '').trim().split(/\s+/);
  return {
    memory,
    available: left(memory, limitIn(now), statOf(stat, 'inactive_file')),
    processors: share(numberIn(quota), numberIn(period)),
  };
}

async function olderMemory(world: World, folder: string): Promise<Omit<Limits, 'processors'>> {
  const [limit, now, stat] = await Promise.all(
    ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'memory.stat'].map((name) =>
      world.read(`${folder}/${name}`),
    ),
  );
  const memory = least([limitIn(limit), limitOf(statOf(stat, 'hierarchical_memory_limit'))]);
  return { memory, available: left(memory, limitIn(now), statOf(stat, 'total_inactive_file')) };
}

async function olderProcessors(world: World, folder: string): Promise<number | null> {
  const [quota, period] = await Promise.all(
    ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) => world.read(`${folder}/${name}`)),
  );
  return share(numberIn(quota), numberIn(period));
}

/** Pages of files that were not used lately count as used, but are given up as soon as somebody needs memory. */
function left(limit: number | null, used: number | null, inactive: number | null): number | null {
  return limit === null || used === null ? null : Math.max(0, limit - Math.max(0, used - (inactive ?? 0)));
}

const limitIn = (text: string | null | undefined) => limitOf(numberIn(text));
const limitOf = (bytes: number | null) => (bytes !== null && bytes < NO_LIMIT ? bytes : null);

function statOf(stat: string | null | undefined, name: string): number | null {
  return numberIn(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat ?? '')?.[1]);
}

function share(quota: number | null, period: number | null): number | null {
  return quota !== null && period !== null && quota > 0 && period > 0 ? quota / period : null;
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
