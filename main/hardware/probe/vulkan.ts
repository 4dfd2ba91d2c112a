/**
 * What Vulkan offers: the way on which WebGPU reaches a card under Linux. `vulkaninfo` tells it exactly; it is rarely installed, so
 * that the files by which drivers announce themselves are looked at as well.
 */
import { type Answer, ask, hexIn, textIn } from './answer.ts';
import type { World } from './world.ts';

export interface VulkanDevice {
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  readonly name: string;
  readonly kind: 'discrete' | 'integrated' | 'virtual' | 'cpu' | 'other';
  /** "1.3": major and minor of what it speaks. */
  readonly version: string | null;
  /** "radv", "NVIDIA", and the version of it. */
  readonly driver: string | null;
  readonly driverId: string | null;
  readonly driverInfo: string | null;
}

export interface VulkanFiles {
  /** Whether the loader, libvulkan, is there. */
  readonly hasLoader: boolean;
  /** Names of the files that announce drivers: "nvidia_icd.json". */
  readonly drivers: readonly string[];
}

const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/lib64',
  '/usr/local/lib',
];
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

const KINDS: Readonly<Record<string, VulkanDevice['kind']>> = {
  DISCRETE_GPU: 'discrete',
  INTEGRATED_GPU: 'integrated',
  VIRTUAL_GPU: 'virtual',
  CPU: 'cpu',
};

/** The devices that Vulkan offers, a processor that plays one included. */
export function askVulkan(world: World): Promise<Answer<readonly VulkanDevice[]>> {
  return ask(world, { probe: 'vulkaninfo', command: 'vulkaninfo', args: ['--summary'], read: readVulkan });
}

/** Reads `vulkaninfo --summary`; null where it has no list of devices. */
export function readVulkan(text: string): readonly VulkanDevice[] | null {
  const at = text.search(/^Devices:\s*$/m);
  if (at < 0) return null;
  const blocks = text
    .slice(at)
    .split(/^GPU\d+:\s*$/m)
    .slice(1);
  return blocks.map((block) =>
    deviceOf(
      new Map([...block.matchAll(/^\s*(\w+)\s*=\s*(.*?)\s*$/gm)].map(([, key, value]) => [key!, value!])),
    ),
  );
}

function deviceOf(lines: ReadonlyMap<string, string>): VulkanDevice {
  const driver = [textIn(lines.get('driverName')), textIn(lines.get('driverInfo'))].filter(
    (text) => text !== null,
  );
  return {
    vendorId: hexIn(lines.get('vendorID')),
    deviceId: hexIn(lines.get('deviceID')),
    name: lines.get('deviceName') ?? '',
    kind: KINDS[(lines.get('deviceType') ?? '').replace('PHYSICAL_DEVICE_TYPE_', '')] ?? 'other',
    // older versions write the number first: 4206830 (1.3.238)
    version: /(?:^|\()(\d+\.\d+)(?:\.\d+)?\)?$/.exec(lines.get('apiVersion') ?? '')?.[1] ?? null,
    driver: driver.length === 0 ? null : driver.join(' '),
    driverId: textIn(lines.get('driverID')),
    driverInfo: textIn(lines.get('driverInfo')),
  };
}

/** What is installed of Vulkan, by its files. */
export async function lookForVulkan(world: World): Promise<VulkanFiles> {
  const [libraries, drivers] = await Promise.all(
    [LIBRARY_FOLDERS, DRIVER_FOLDERS].map(async (folders) =>
      (await Promise.all(folders.map(world.list))).flat(),
    ),
  );
  return {
    hasLoader: libraries!.some((name) => name.startsWith('libvulkan.so')),
    drivers: [...new Set(drivers!.filter((name) => name.endsWith('.json')))],
  };
}
