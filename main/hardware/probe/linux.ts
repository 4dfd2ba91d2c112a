/**
 * What Linux tells in files: processor, the disk under a folder, battery and charger, and the limits of memory and processor time that a
 * container or control group puts on this process.
 */
import path from 'node:path';
import type { Disk, Power } from '../../../common/api/contract.ts';
import { coresOfCpuinfo, groupsIn, processorsIn } from '../../processes.ts';
import { extensionsIn, numberIn } from './answer.ts';
import type { World } from './world.ts';

/** Reads /proc/cpuinfo; null where it has no processor in it. */
export function readCpuinfo(text: string) {
  const processors = processorsIn(text);
  const first = processors[0];
  if (!first) return null;
  const flags = (first.get('flags') ?? first.get('features') ?? '').split(/\s+/);
  return {
    name: first.get('model name') ?? null,
    // on ARM and in some virtual machines cores are not told apart from threads
    physicalCores: processors.every((one) => one.get('core id')) ? coresOfCpuinfo(text) : null,
    logicalCores: processors.length,
    extensions: extensionsIn(flags),
    /** Whether the processor says that it is one of a virtual machine. */
    isVirtual: flags.includes('hypervisor'),
  };
}

interface Mount {
  /** "259:2"; begins with 0 where no single device is behind it. */
  readonly device: string;
  readonly folder: string;
  readonly fileSystem: string;
  readonly source: string;
}

const NETWORK =
  /^(nfs\d?|cifs|smb3|smbfs|fuse\.(sshfs|rclone|s3fs|gcsfuse)|ceph|glusterfs|lustre|beegfs|9p|afs|davfs)$/;

/** The kind of the disk under `folder`; null where it cannot be told, as for the disks of virtual machines. */
export async function lookAtDisk(world: World, folder: string): Promise<Disk['kind']> {
  const mount = mountOf(readMounts((await world.read('/proc/self/mountinfo')) ?? ''), folder);
  if (!mount) return null;
  if (NETWORK.test(mount.fileSystem)) return 'network';
  const name = mount.source.startsWith('/dev/') ? mount.source.slice(5) : '';
  // a disk of a virtual machine calls itself turning, whatever is behind it
  if (/^(vd|xvd)[a-z]/.test(name)) return null;
  const places = [
    ...(mount.device.startsWith('0:') ? [] : [`/sys/dev/block/${mount.device}`]),
    ...(name === '' ? [] : [`/sys/class/block/${name}`]),
  ];
  for (const place of places) {
    const turning =
      (await world.read(`${place}/queue/rotational`)) ?? (await world.read(`${place}/../queue/rotational`));
    if (turning?.trim() === '0') return 'ssd';
    if (turning?.trim() === '1') return (await isVirtualDisk(world, place)) ? null : 'hdd';
  }
  return null;
}

async function isVirtualDisk(world: World, place: string): Promise<boolean> {
  const model =
    (await world.read(`${place}/device/model`)) ?? (await world.read(`${place}/../device/model`)) ?? '';
  return /virtual|qemu|vbox|vmware|google|amazon/i.test(model);
}

/** Reads /proc/self/mountinfo. */
export function readMounts(text: string): readonly Mount[] {
  const lines = [...text.matchAll(/^\d+ \d+ (\d+:\d+) \S+ (\S+) .*? - (\S+) (\S+)/gm)];
  return lines.map(([, device, folder, fileSystem, source]) => ({
    device: device!,
    folder: unescaped(folder!),
    fileSystem: fileSystem!,
    source: unescaped(source!),
  }));
}

/** The mount that `folder` lies in: the deepest one, and of two at the same place the later. */
export function mountOf(mounts: readonly Mount[], folder: string): Mount | null {
  const whole = path.posix.normalize(folder);
  const holding = mounts.filter(({ folder: at }) => at === '/' || whole === at || whole.startsWith(`${at}/`));
  return holding.reduce<Mount | null>(
    (best, one) => (best && best.folder.length > one.folder.length ? best : one),
    null,
  );
}

/** Spaces are written as \040. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

const SUPPLIES = '/sys/class/power_supply';

/** Null where Linux tells nothing at all. */
export async function lookForPower(world: World): Promise<Power | null> {
  const names = await world.list(SUPPLIES);
  const supplies = await Promise.all(names.map((name) => supplyOf(world, `${SUPPLIES}/${name}`)));
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const batteries = own.filter(({ type }) => type === 'Battery');
  const chargers = own.filter(({ type, online }) => (type === 'Mains' || type === 'USB') && online !== null);
  if (batteries.length === 0)
    return chargers.length === 0 ? null : { hasBattery: false, onBattery: null, batteryPercent: null };
  const percents = batteries.map(({ percent }) => percent).filter((percent) => percent !== null);
  const discharging = batteries.some(({ status }) => status === 'Discharging');
  const plugged = chargers.some(({ online }) => online === 1);
  return {
    hasBattery: true,
    onBattery: chargers.length === 0 ? discharging : !plugged,
    batteryPercent:
      percents.length === 0
        ? null
        : Math.round(percents.reduce((sum, one) => sum + one, 0) / percents.length),
  };
}

async function supplyOf(world: World, folder: string) {
  const [type, scope, status, percent, online] = await Promise.all(
    ['type', 'scope', 'status', 'capacity', 'online'].map((name) => world.read(`${folder}/${name}`)),
  );
  return {
    type: type?.trim() ?? '',
    scope: scope?.trim() ?? '',
    status: status?.trim() ?? '',
    percent: numberIn(percent),
    online: numberIn(online),
  };
}

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
