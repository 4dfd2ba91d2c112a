/**
 * A graphics card while its facts are put together; its kind (discrete or part of the processor), which decides whose memory it uses; and what
 * the judgements about ways to a card share.
 */

import type { Access, GraphicsCard, WebGpuAnswer } from '../../../common/api/contract.ts';
import { say } from '../../../common/words/language.ts';
import type { VulkanDevice, VulkanFiles } from '../probe/pci-and-vulkan.ts';
import type { Surroundings } from '../probe/surroundings.ts';

/** How much memory a source says that the card has. */
export interface Claim {
  readonly source: string;
  readonly bytes: number;
}

type Vendor = GraphicsCard['vendor'];
type Kind = GraphicsCard['kind'];

export const UNKNOWN_CARD = {
  address: null as string | null,
  vendorId: null as number | null,
  deviceId: null as number | null,
  vendor: 'other' as Vendor,
  name: null as string | null,
  /** What the source that knows best says; null: to be judged from the rest. */
  kind: null as Kind | null,
  /** The most trusted source first. */
  claims: [] as readonly Claim[],
  freeMemory: null as number | null,
  memoryMaker: null as string | null,
  kernelDriver: null as string | null,
  driverVersion: null as string | null,
  temperatureCelsius: null as number | null,
  powerLimitWatts: null as number | null,
  drivesScreen: null as boolean | null,
  /** Parts that an NVIDIA card is divided into (MIG); null: not divided. */
  parts: null as readonly string[] | null,
  computeCapability: null as number | null,
  vulkan: null as VulkanDevice | null,
  /** Windows' code of what is wrong with the device; 0: nothing. */
  problem: 0,
};

export type Card = Readonly<typeof UNKNOWN_CARD>;

const VENDORS: Readonly<Record<number, Vendor>> = {
  4318: 'nvidia',
  4098: 'amd',
  4130: 'amd',
  32902: 'intel',
  4203: 'apple',
};

/** Makers of cards that a virtual machine pretends to have. */
const VIRTUAL: Readonly<Record<number, string>> = {
  6900: 'virtio graphics',
  5549: 'VMware graphics',
  4660: 'QEMU graphics',
  6966: 'QXL graphics',
  33006: 'VirtualBox graphics',
  5140: 'Microsoft graphics',
  4115: 'Cirrus graphics',
  22611: 'Xen graphics',
  6840: 'Parallels graphics',
};

/** Chips of server boards, which draw a console and nothing else. */
const CONSOLE: Readonly<Record<number, string>> = {
  6659: 'ASPEED display chip',
  4139: 'Matrox display chip',
};

export function vendorOf(id: number | null): Vendor {
  return (id === null ? undefined : VENDORS[id]) ?? 'other';
}

/** The vendor by a name or a maker in words. */
export function vendorIn(text: string): Vendor {
  if (/nvidia|geforce|quadro|tesla/i.test(text)) return 'nvidia';
  if (/\bamd\b|\bati\b|radeon|advanced micro/i.test(text)) return 'amd';
  if (/intel/i.test(text)) return 'intel';
  return /apple/i.test(text) ? 'apple' : 'other';
}

/** A name for a card of which only the numbers are known. */
export function nameByNumbers({
  vendor,
  vendorId,
  deviceId,
}: Pick<Card, 'vendor' | 'vendorId' | 'deviceId'>): string {
  const fixed = vendorId === null ? undefined : (VIRTUAL[vendorId] ?? CONSOLE[vendorId]);
  if (fixed !== undefined) return fixed;
  const maker = { nvidia: 'NVIDIA', amd: 'AMD', intel: 'Intel', apple: 'Apple', other: '' }[vendor];
  const number = deviceId === null ? '' : ` (device ${deviceId.toString(16).padStart(4, '0')})`;
  return `${maker} graphics card${number}`.trim();
}

const isVirtualMaker = (vendorId: number | null) => vendorId !== null && vendorId in VIRTUAL;

export const isConsoleChip = ({ vendorId }: Pick<Card, 'vendorId'>) =>
  vendorId !== null && vendorId in CONSOLE;

/** Names of Radeons inside processors: "Radeon Graphics", "Radeon Vega 8 Graphics", "Radeon 780M", "Radeon 8060S". */
const AMD_INSIDE =
  /radeon (vega (\d+ )?)?graphics|radeon \d{3}m\b|radeon 8\d{3}s\b|\b(raphael|phoenix|rembrandt|renoir|cezanne|picasso|raven|barcelo|lucienne|mendocino|strix|hawk point|granite ridge)\b/i;
const AMD_APART = /\brx\b|radeon (pro|vii)|instinct|\bw\d{4}\b|firepro|r9 |hd \d{4}/i;
/** NVIDIA's own processors with graphics. */
const NVIDIA_INSIDE = /\b(gb10|orin|xavier|tegra|thor|nvgpu)\b/i;
const INTEL_APART = /\barc\b.*\b[ab]\d{2,3}m?\b|data center gpu|\biris xe max\b|\bdg1\b/i;

/** Screens that Windows has only for remote sessions and virtual machines. */
const VIRTUAL_NAME = /virtual|remote display|basic (display|render)|parsec|hyper-v/i;

/** The kind; 'unknown' where nothing tells it. A card that only a translator shows (Mesa's Dozen) says nothing about itself. */
export function kindOf(card: Card): Kind {
  const byVulkan = vulkanKind(card);
  return card.kind ?? (isVirtualMaker(card.vendorId) ? 'virtual' : (byVulkan ?? kindByRule(card)));
}

/** What the card's Vulkan driver says of it; null: nothing. */
export function vulkanKind({ vulkan }: Card): Kind | null {
  if (vulkan === null || vulkan.driverId === 'DRIVER_ID_MESA_DOZEN') return null;
  return vulkan.kind === 'discrete' || vulkan.kind === 'integrated' || vulkan.kind === 'virtual'
    ? vulkan.kind
    : null;
}

/** The kind by maker, place on the bus, memory and name. */
export function kindByRule(card: Card): Kind {
  const name = card.name ?? '';
  if (isVirtualMaker(card.vendorId)) return 'virtual';
  if (card.vendor === 'other' && VIRTUAL_NAME.test(name)) return 'virtual';
  if (isConsoleChip(card) || card.vendor === 'apple') return 'integrated';
  if (card.vendor === 'nvidia') return NVIDIA_INSIDE.test(name) ? 'integrated' : 'discrete';
  if (card.vendor === 'intel') return intelKind(card, name);
  return card.vendor === 'amd' ? amdKind(card, name) : 'unknown';
}

/** Intel's graphics inside a processor are always device 2 of the first bus. */
function intelKind({ address }: Card, name: string): Kind {
  if (INTEL_APART.test(name)) return 'discrete';
  if (address !== null) return address === '0000:00:02.0' ? 'integrated' : 'discrete';
  return 'integrated';
}

function amdKind({ memoryMaker }: Card, name: string): Kind {
  if (memoryMaker !== null && !/unknown/i.test(memoryMaker)) return 'discrete';
  if (AMD_APART.test(name)) return 'discrete';
  return AMD_INSIDE.test(name) ? 'integrated' : 'unknown';
}

/** What decides about the ways, besides the card itself. */
export interface Ways {
  readonly platform: string;
  readonly arch: string;
  readonly surroundings: Surroundings;
  /** Whether NVIDIA's tool answered, and else what it said. */
  readonly nvidia: { readonly works: boolean; readonly problem: string | null };
  readonly vulkan: readonly VulkanDevice[] | null;
  readonly vulkanFiles: VulkanFiles;
  /** Device files of Linux through which programs reach cards. */
  readonly devices: { readonly render: boolean; readonly nvidia: boolean };
  /** What WebGPU itself said, where a process asked it; null: nobody asked. */
  readonly webgpu: WebGpuAnswer | null;
  /** How many cards the computer has of each vendor. */
  readonly cardsOf: (vendor: Vendor) => number;
}

/** What is said of a way before it is known whether Fettle uses it. */
export type Finding = Omit<Access, 'through'>;

export const works = (reason: string): Finding => ({ usable: true, reason, fix: null });
export const fails = (reason: string, fix: string | null = null): Finding => ({ usable: false, reason, fix });

/** Windows gives the same code for every way. */
function brokenOnWindows(code: number): Finding {
  const known = new Map([
    [22, say`The card is switched off in Windows.`],
    [28, say`Windows has no driver for the card.`],
    [43, say`Windows stopped the card because it reported a fault.`],
  ]);
  return fails(
    known.get(code) ?? say`The card doesn’t work in Windows (code ${code}).`,
    say`Open Device Manager, look at the display adapters, and install the driver from the card’s maker.`,
  );
}

/** What keeps every program under Windows from a card; null: nothing that is known. The name of Windows' basic driver is translated. */
export function windowsHindrance({ problem, name, vendor }: Card): Finding | null {
  if (problem !== 0) return brokenOnWindows(problem);
  if (vendor === 'other' || !/^microsoft /i.test(name ?? '')) return null;
  return fails(
    say`Windows uses its basic driver for this card, which can’t compute.`,
    say`Install the driver from the card’s maker.`,
  );
}
