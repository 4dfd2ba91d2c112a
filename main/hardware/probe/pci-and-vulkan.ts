/**
 * The graphics cards that Linux sees, on the PCI bus or on none, with the kernel's facts and lspci's names. On any system, what Vulkan
 * offers, through which WebGPU reaches them.
 */
import { type Answer, ask, hexIn, numberIn, pciAddress, textIn } from './answer.ts';
import type { World } from './world.ts';

export interface LinuxCard {
  /** Null for a card that is on no PCI bus. */
  readonly address: string | null;
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  /** Of the kernel: "nvidia", "nouveau", "amdgpu", "i915"; null: no driver runs it. */
  readonly kernelDriver: string | null;
  readonly totalMemory: number | null;
  readonly usedMemory: number | null;
  /** Maker of its memory chips; only cards with memory of their own have one. */
  readonly memoryMaker: string | null;
  readonly temperatureCelsius: number | null;
  readonly powerLimitWatts: number | null;
  /** Null where the driver tells nothing about screens. */
  readonly drivesScreen: boolean | null;
  /** What the device tree calls it; of cards without a bus. */
  readonly compatible: string | null;
}

const PCI = '/sys/bus/pci/devices';
const DRM = '/sys/class/drm';
const AMD = 0x1002;

/** The cards in the order of their addresses. */
export async function lookForCards(world: World): Promise<readonly LinuxCard[]> {
  const [addresses, drm] = await Promise.all([world.list(PCI), world.list(DRM)]);
  const onBus = await Promise.all([...addresses].sort().map((address) => cardOnBus(world, address, drm)));
  const found = onBus.filter((card) => card !== null);
  const offBus = await Promise.all(
    drm.filter((name) => /^card\d+$/.test(name)).map((name) => cardOffBus(world, name, drm)),
  );
  return [...found, ...offBus.filter((card) => card !== null)];
}

async function cardOnBus(world: World, address: string, drm: readonly string[]): Promise<LinuxCard | null> {
  const folder = `${PCI}/${address}`;
  const kind = hexIn(await world.read(`${folder}/class`));
  if (kind === null || !mayCompute(kind >> 16, null)) return null;
  const vendorId = hexIn(await world.read(`${folder}/vendor`));
  if (!mayCompute(kind >> 16, vendorId)) return null;
  const nodes = await world.list(`${folder}/drm`);
  const node = nodes.find((name) => /^card\d+$/.test(name)) ?? null;
  return {
    address,
    vendorId,
    deviceId: hexIn(await world.read(`${folder}/device`)),
    ...(await published(world, folder)),
    drivesScreen: node === null ? null : await drivesScreen(world, node, drm),
    compatible: null,
  };
}

/** Class 03 is a display; 12, an accelerator, is counted for AMD's Instinct alone: others are no graphics cards. */
function mayCompute(kind: number, vendorId: number | null): boolean {
  return kind === 0x03 || (kind === 0x12 && (vendorId === null || vendorId === AMD));
}

async function cardOffBus(world: World, name: string, drm: readonly string[]): Promise<LinuxCard | null> {
  const folder = `${DRM}/${name}/device`;
  const about = (await world.read(`${folder}/uevent`)) ?? '';
  if (about === '' || /^PCI_SLOT_NAME=/m.test(about)) return null;
  return {
    address: null,
    vendorId: null,
    deviceId: null,
    ...(await published(world, folder)),
    kernelDriver: /^DRIVER=(.+)$/m.exec(about)?.[1] ?? null,
    drivesScreen: await drivesScreen(world, name, drm),
    compatible: /^OF_COMPATIBLE_0=(.+)$/m.exec(about)?.[1] ?? null,
  };
}

async function published(world: World, folder: string) {
  const file = (name: string) => world.read(`${folder}/${name}`);
  const [driver, total, used, maker, sensors] = await Promise.all([
    world.link(`${folder}/driver`),
    file('mem_info_vram_total'),
    file('mem_info_vram_used'),
    file('mem_info_vram_vendor'),
    world.list(`${folder}/hwmon`),
  ]);
  const sensor = (name: string) => (sensors[0] === undefined ? null : file(`hwmon/${sensors[0]}/${name}`));
  const [heat, cap, limit] = await Promise.all(['temp1_input', 'power1_cap', 'power1_max'].map(sensor));
  const microwatts = numberIn(cap) ?? numberIn(limit);
  return {
    kernelDriver: driver === null ? null : (driver.split('/').at(-1) ?? null),
    totalMemory: numberIn(total),
    usedMemory: numberIn(used),
    memoryMaker: maker?.trim() || null,
    temperatureCelsius: numberIn(heat) === null ? null : Math.round(numberIn(heat)! / 1000),
    powerLimitWatts: microwatts === null || microwatts <= 0 ? null : microwatts / 1e6,
  };
}

/** Whether a screen is connected to one of the card's sockets; null where it has none that are told of. */
async function drivesScreen(world: World, node: string, drm: readonly string[]): Promise<boolean | null> {
  const sockets = drm.filter((name) => name.startsWith(`${node}-`) && !name.includes('Writeback'));
  const states = await Promise.all(sockets.map((name) => world.read(`${DRM}/${name}/status`)));
  const known = states
    .map((state) => state?.trim())
    .filter((state) => state === 'connected' || state === 'disconnected');
  return known.length === 0 ? null : known.includes('connected');
}

/** Names of display devices by their address. */
export function askLspci(world: World): Promise<Answer<ReadonlyMap<string, string>>> {
  return ask(world, { probe: 'lspci', command: 'lspci', args: ['-D', '-mm', '-nn'], read: readLspci });
}

/** Reads `lspci -D -mm -nn`; null where no line is of its form. */
export function readLspci(text: string): ReadonlyMap<string, string> | null {
  const rows = text
    .split('\n')
    .map((line) => [line.split(' ', 1)[0], ...[...line.matchAll(/"([^"]*)"/g)].map(([, cell]) => cell!)]);
  const whole = rows.filter(([address, , , device]) => pciAddress(address) !== null && device !== undefined);
  if (whole.length === 0) return null;
  const shown = whole.filter(([, kind]) => /\[(03|12)[0-9a-f]{2}\]$/i.test(kind ?? ''));
  return new Map(shown.map(([address, , maker, device]) => [pciAddress(address)!, nameOf(maker!, device!)]));
}

/** "GA102 [GeForce RTX 3090] [2204]" of "NVIDIA Corporation [10de]" -> "NVIDIA GeForce RTX 3090". */
function nameOf(maker: string, device: string): string {
  const known = device.replace(/\s*\[[0-9a-f]{4}\]$/i, '');
  const sold = /\[(.+)\]$/.exec(known)?.[1] ?? known;
  const short = makerName(maker);
  return sold.toLowerCase().startsWith(short.toLowerCase()) || short === '' ? sold : `${short} ${sold}`;
}

function makerName(maker: string): string {
  if (/nvidia/i.test(maker)) return 'NVIDIA';
  if (/\bamd\b|\bati\b/i.test(maker)) return 'AMD';
  return maker
    .replace(/\s*\[.*$/, '')
    .replace(/,?\s+(Corporation|Inc\.?|Co\.?,? Ltd\.?|Technology)\b.*$/i, '');
}

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
