/**
 * Puts the cards together. The list comes from the system (the PCI bus, Windows, macOS). What a tool says belongs to the card at the same
 * address, or else to the next one of that vendor. A card that only a tool knows is added.
 */
import type { GraphicsCard } from '../../../common/api/contract.ts';
import { freeOf, type ToolCard } from '../probe/answer.ts';
import type { MacCard } from '../probe/macos.ts';
import type { NvidiaCard } from '../probe/nvidia-smi.ts';
import type { LinuxCard, VulkanDevice } from '../probe/pci-and-vulkan.ts';
import type { SiCard } from '../probe/system-information.ts';
import type { WindowsCard } from '../probe/windows.ts';
import { type Card, type Claim, UNKNOWN_CARD, vendorIn, vendorOf } from './card.ts';

/** What the sources said; null: nothing. */
interface Sources {
  readonly linux: readonly LinuxCard[] | null;
  readonly windows: readonly WindowsCard[] | null;
  readonly mac: readonly MacCard[] | null;
  readonly nvidia: readonly NvidiaCard[] | null;
  readonly intel: readonly ToolCard[] | null;
  readonly vulkan: readonly VulkanDevice[] | null;
  readonly names: ReadonlyMap<string, string> | null;
  readonly si: readonly SiCard[] | null;
  readonly isWsl: boolean;
}

export function gatherCards(sources: Sources): readonly Card[] {
  let cards = listed(sources);
  cards = overlay(cards, sources.nvidia, 'nvidia', overNvidia);
  cards = overlay(cards, sources.intel, 'intel', (card, found) => over(card, found, 'xpu-smi'));
  cards = withVulkan(cards, sources.vulkan ?? []);
  cards = withSi(cards, sources.si ?? []);
  return cards.map((card) => ({ ...card, name: card.name ?? nameFrom(card, sources.names) }));
}

function listed({ linux, windows, mac, nvidia, isWsl }: Sources): readonly Card[] {
  const real = (linux ?? []).map(fromLinux);
  // under WSL the bus shows one device of Microsoft's, whatever cards Windows has
  const ownOnly =
    isWsl && (nvidia?.length ?? 0) > 0 ? real.filter(({ vendorId }) => vendorId !== 0x1414) : real;
  return [...ownOnly, ...(windows ?? []).map(fromWindows), ...(mac ?? []).map(fromMac)];
}

const claim = (source: string, bytes: number | null): Claim[] =>
  bytes === null || bytes <= 0 ? [] : [{ source, bytes }];

function fromLinux(found: LinuxCard): Card {
  const { totalMemory, usedMemory, compatible, ...others } = found;
  const vendor =
    found.vendorId === null && compatible?.startsWith('apple') ? 'apple' : vendorOf(found.vendorId);
  return {
    ...UNKNOWN_CARD,
    ...others,
    vendor,
    kind: found.address === null ? 'integrated' : null,
    name: compatible,
    claims: claim('the kernel', totalMemory),
    freeMemory: freeOf(totalMemory, usedMemory),
  };
}

function fromWindows({ driver, totalMemory, otherMemory, ...others }: WindowsCard): Card {
  const { vendorId, name } = others;
  return {
    ...UNKNOWN_CARD,
    ...others,
    vendor: vendorId === null ? vendorIn(name) : vendorOf(vendorId),
    claims: [...claim('Windows Registry', totalMemory), ...claim('Windows', otherMemory)],
    driverVersion: driver,
  };
}

function fromMac(found: MacCard): Card {
  const vendor = found.isApple ? 'apple' : vendorIn(`${found.vendor} ${found.name}`);
  const cores = found.cores === null ? '' : ` (${found.cores} graphics cores)`;
  return {
    ...UNKNOWN_CARD,
    vendor,
    name: `${found.name}${found.isApple ? cores : ''}`,
    kind: found.isApple ? 'integrated' : found.totalMemory === null ? 'integrated' : 'discrete',
    claims: claim('macOS', found.totalMemory),
    driverVersion: found.metal,
    drivesScreen: found.drivesScreen,
  };
}

/** Lays what a tool found over the cards; every card is used once. */
function overlay<T extends ToolCard>(
  cards: readonly Card[],
  found: readonly T[] | null,
  vendor: GraphicsCard['vendor'],
  laid: (card: Card, one: T) => Card,
): readonly Card[] {
  const result = [...cards];
  const used = new Set<number>();
  for (const one of found ?? []) {
    const isFree = (card: Card, i: number) => card.vendor === vendor && !used.has(i);
    const same = result.findIndex(
      (card, i) => isFree(card, i) && one.address !== null && card.address === one.address,
    );
    const next = result.findIndex(
      (card, i) => isFree(card, i) && (card.address === null || one.address === null) && named(card, one),
    );
    const at = same >= 0 ? same : next >= 0 ? next : result.length;
    result[at] = laid(result[at] ?? { ...UNKNOWN_CARD, vendor, address: one.address }, one);
    used.add(at);
  }
  return result;
}

/** Windows gives no addresses, but the same names as the tools; a tool without a name may mean any card. */
function named(card: Card, { name }: ToolCard): boolean {
  return card.name === null || name === null || card.name.toLowerCase() === name.toLowerCase();
}

/** What every maker's tool knows better than the system does. */
function over(card: Card, found: ToolCard, source: string): Card {
  return {
    ...card,
    name: found.name ?? card.name,
    claims: [...claim(source, found.totalMemory), ...card.claims],
    freeMemory: found.freeMemory ?? card.freeMemory,
    driverVersion: found.driver ?? card.driverVersion,
    temperatureCelsius: found.temperatureCelsius ?? card.temperatureCelsius,
    powerLimitWatts: found.powerLimitWatts ?? card.powerLimitWatts,
  };
}

function overNvidia(card: Card, found: NvidiaCard): Card {
  const { parts, computeCapability } = found;
  const drivesScreen = card.drivesScreen ?? found.drivesScreen;
  return { ...over(card, found, 'nvidia-smi'), drivesScreen, parts, computeCapability };
}

/** Devices of Vulkan have no address here, but the numbers of maker and model. */
function withVulkan(cards: readonly Card[], devices: readonly VulkanDevice[]): readonly Card[] {
  const real = devices.filter(({ kind }) => kind !== 'cpu');
  if (cards.length === 0)
    return real.map((vulkan) => ({
      ...UNKNOWN_CARD,
      vulkan,
      vendorId: vulkan.vendorId,
      deviceId: vulkan.deviceId,
      vendor: vendorOf(vulkan.vendorId),
    }));
  const free = [...real];
  return cards.map((card) => {
    const at = free.findIndex(
      (one) =>
        one.vendorId !== null &&
        one.vendorId === (card.vendorId ?? vendorNumber(card)) &&
        (card.deviceId === null || one.deviceId === card.deviceId),
    );
    return at < 0 ? card : { ...card, vulkan: free.splice(at, 1)[0]! };
  });
}

const vendorNumber = ({ vendor }: Card) =>
  ({ nvidia: 0x10de, amd: 0x1002, intel: 0x8086, apple: 0x106b, other: null })[vendor];

function withSi(cards: readonly Card[], found: readonly SiCard[]): readonly Card[] {
  if (cards.length === 0)
    return found.map(({ name, maker, address, totalMemory }) => ({
      ...UNKNOWN_CARD,
      address,
      name,
      vendor: vendorIn(`${maker} ${name}`),
      claims: claim('systeminformation', totalMemory),
    }));
  return cards.map((card) => {
    const same = found.find(({ address, name }) =>
      address !== null && card.address !== null ? address === card.address : name === card.name,
    );
    return same
      ? { ...card, claims: [...card.claims, ...claim('systeminformation', same.totalMemory)] }
      : card;
  });
}

/** By the bus; else by Vulkan, whose names have the driver's name behind them in brackets. */
function nameFrom({ address, vulkan }: Card, names: ReadonlyMap<string, string> | null): string | null {
  const onBus = address === null ? undefined : names?.get(address);
  const byVulkan = vulkan?.name
    .replaceAll(/\((R|TM)\)/g, '')
    .replace(/\s*\([^()]*\)$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return byVulkan || onBus || null;
}
