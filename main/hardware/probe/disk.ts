/** What kind of disk a folder is on, under Linux: reading a model from a turning disk or over a network takes minutes. */
import path from 'node:path';
import type { Disk } from '../../../preload/contract.ts';
import type { World } from './world.ts';

export interface Mount {
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
