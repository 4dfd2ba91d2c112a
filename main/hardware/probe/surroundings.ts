/**
 * Whether Fettle runs in a container, in WSL or in a virtual machine, where cards and memory are not what the
 * computer has.
 */
import { say } from '../../../common/words/language.ts';
import { textIn } from './answer.ts';
import type { World } from './world.ts';

export interface Surroundings {
  /** Its name: "Docker"; "" where only that it is one is known. */
  readonly container: string | null;
  readonly wsl: 1 | 2 | null;
  /** The name of the virtual machine's maker, "" where it is not known. */
  readonly virtual: string | null;
}

const BARE: Surroundings = { container: null, wsl: null, virtual: null };

/** What makers of virtual machines write where a computer has its maker and model. */
const MAKERS: readonly (readonly [string, RegExp])[] = [
  ['VMware', /vmware/i],
  ['VirtualBox', /virtualbox|innotek/i],
  ['Parallels', /parallels/i],
  ['Hyper-V', /microsoft corporation.*virtual machine/is],
  ['Google Cloud', /google compute engine/i],
  ['Amazon EC2', /amazon ec2(?!.*\.metal)/is],
  ['Xen', /\bxen\b/i],
  ['KVM', /\bkvm\b|red hat.*rhel/is],
  ['QEMU', /qemu|standard pc|bochs/i],
];

const CONTAINERS: readonly (readonly [string, RegExp])[] = [
  ['Kubernetes', /kubepods/],
  ['Docker', /\/docker[/-]/],
  ['Podman', /libpod/],
  ['LXC', /\/lxc[/.]/],
];

/** By the files of Linux; `isVirtual`: what the processor says. */
export async function lookAround(world: World, isVirtual: boolean): Promise<Surroundings> {
  if (world.platform !== 'linux') return BARE;
  const [kernel, groups, docker, podman, maker, model, xen] = await Promise.all(
    [
      '/proc/version',
      '/proc/1/cgroup',
      '/.dockerenv',
      '/run/.containerenv',
      '/sys/class/dmi/id/sys_vendor',
      '/sys/class/dmi/id/product_name',
      '/sys/hypervisor/type',
    ].map(world.read),
  );
  const wsl = wslIn(kernel ?? '');
  const named = virtualMaker(`${maker ?? ''}\n${model ?? ''}\n${xen ?? ''}`);
  return {
    container: containerName(world, groups ?? '', docker != null, podman != null),
    wsl,
    virtual: wsl !== null ? null : (named ?? (isVirtual ? '' : null)),
  };
}

/** WSL by the banner of its kernel. */
export function wslIn(banner: string): 1 | 2 | null {
  if (!/microsoft/i.test(banner)) return null;
  return /WSL2|microsoft-standard/.test(banner) ? 2 : 1;
}

/** The maker of a virtual machine by maker and model of the computer; null: none that is known. */
export function virtualMaker(text: string): string | null {
  return MAKERS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

function containerName(world: World, groups: string, docker: boolean, podman: boolean): string | null {
  if (world.env.KUBERNETES_SERVICE_HOST !== undefined) return 'Kubernetes';
  const known = CONTAINERS.find(([, pattern]) => pattern.test(groups))?.[0];
  if (known !== undefined) return known;
  if (podman) return 'Podman';
  if (docker) return 'Docker';
  return textIn(world.env.container) === null ? null : '';
}

/** "a container (Docker) in a virtual machine (VMware)"; null on the bare computer. */
export function inWords({ container, wsl, virtual }: Surroundings): string | null {
  const named = (what: string, name: string) => (name === '' ? what : `${what} (${name})`);
  const layers = [
    container === null ? null : named(say`a container`, container),
    wsl === null ? null : `WSL ${wsl}`,
    virtual === null ? null : named(say`a virtual machine`, virtual),
  ].filter((layer) => layer !== null);
  return layers.length === 0 ? null : layers.reduce((inner, outer) => say`${inner} in ${outer}`);
}
