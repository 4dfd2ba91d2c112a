/**
 * The graphics cards that are shown, out of what the sources said: one value for each fact, the ways to use
 * each card, and a note wherever two sources disagree.
 */
import type { GraphicsCard, ProbeNote, WebGpuAnswer } from '../../../common/api/contract.ts';
import { type ExtraWay, traitsOf } from '../../../common/settings/executors.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { Collected } from '../collect.ts';
import { LIBRARIES } from '../libraries.ts';
import { contradiction } from '../probe/answer.ts';
import type { Surroundings } from '../probe/surroundings.ts';
import type { World } from '../probe/world.ts';
import { accessOf } from './access.ts';
import {
  type Card,
  type Finding,
  isConsoleChip,
  kindByRule,
  kindOf,
  nameByNumbers,
  vulkanKind,
  type Ways,
} from './card.ts';
import { gatherCards } from './gather.ts';

/** `webgpu`: what WebGPU itself said, null where nobody asked it. */
export async function graphicsOf(
  world: World,
  collected: Collected,
  around: Surroundings,
  webgpu: WebGpuAnswer | null,
) {
  const cards = gatherCards({
    linux: collected.linuxCards.facts,
    windows: collected.windows.facts?.cards ?? null,
    mac: collected.profiler.facts?.cards ?? null,
    nvidia: collected.nvidia.facts,
    intel: collected.intel.facts,
    vulkan: collected.vulkan.facts,
    names: collected.lspci.facts,
    si: collected.siGraphics.facts,
    isWsl: around.wsl !== null,
  });
  const ways = await waysOf(world, collected, around, cards, webgpu);
  const finished = cards.map((card) => ({ card, ...finishCard(card) }));
  return {
    cards: finished.map(({ card, shown }) => ({
      ...shown,
      access: accessOf(card, ways, waysThroughExtras(world, collected)),
    })),
    notes: [
      ...finished.flatMap(({ notes }) => notes),
      ...countNotes(collected, around),
      ...missingNotes(collected, cards),
    ],
  };
}

/** What finds the ways to a card that lead through extras' executors. */
function waysThroughExtras(world: World, { libraries }: Collected) {
  const found = Object.entries(LIBRARIES).map(([executor, library]) => {
    const facts = libraries[executor]?.facts ?? null;
    return [
      traitsOf(executor).way,
      (card: Card, ways: Ways) => library.access(card, ways, facts, world),
    ] as const;
  });
  return Object.fromEntries(found) as Readonly<Record<ExtraWay, (card: Card, ways: Ways) => Finding>>;
}

async function waysOf(
  world: World,
  collected: Collected,
  surroundings: Surroundings,
  cards: readonly Card[],
  webgpu: WebGpuAnswer | null,
): Promise<Ways> {
  const [note] = collected.nvidia.notes;
  return {
    platform: world.platform,
    arch: world.arch,
    surroundings,
    nvidia: {
      works: (collected.nvidia.facts?.length ?? 0) > 0,
      problem: note !== undefined && note.kind !== 'missing' ? note.message : null,
    },
    vulkan: collected.vulkan.facts,
    vulkanFiles: collected.vulkanFiles.facts ?? { hasLoader: false, drivers: [] },
    devices: collected.devices.facts ?? { render: false, nvidia: false },
    webgpu,
    cardsOf: (vendor) => cards.filter((card) => card.vendor === vendor).length,
  };
}

/** A card that is on the bus and that its driver does not list has mostly failed or is left out by a setting. */
function countNotes({ linuxCards, nvidia }: Collected, { container }: Surroundings): readonly ProbeNote[] {
  const onBus = (linuxCards.facts ?? []).filter(({ vendorId }) => vendorId === 0x10de).length;
  const listed = nvidia.facts?.length ?? null;
  if (listed === null || onBus <= listed || container !== null) return [];
  const message = say`The computer has ${onBus} NVIDIA cards, but nvidia-smi lists ${listed}. The others can’t compute until the driver runs them.`;
  return [contradiction('nvidia-smi', message)];
}

/** That a tool is missing matters only where it would tell what nobody else did. */
function missingNotes(collected: Collected, cards: readonly Card[]): readonly ProbeNote[] {
  const isMissing = (note: ProbeNote | undefined) => note?.kind === 'missing';
  const real = cards.filter((card) => kindOf(card) !== 'virtual' && !isConsoleChip(card));
  const lacksMemory = (vendor: Card['vendor']) =>
    real.some((card) => card.vendor === vendor && card.claims.length === 0 && kindOf(card) !== 'integrated');
  const { nvidia, intel, windows, profiler, vulkan, linuxCards } = collected;
  const wanted: readonly (readonly [boolean, ProbeNote | undefined])[] = [
    [real.some(({ vendor }) => vendor === 'nvidia'), nvidia.notes[0]],
    [lacksMemory('intel'), intel.notes[0]],
    [
      linuxCards.facts !== null && real.some(({ address }) => address !== null) && vulkan.facts === null,
      vulkan.notes[0],
    ],
    [true, windows.notes[0]],
    [true, profiler.notes[0]],
  ];
  return wanted.flatMap(([matters, note]) =>
    matters && note !== undefined && isMissing(note) ? [note] : [],
  );
}

/** Sources count and round differently, and drivers keep a little for themselves: below this they agree. */
const SAME_SHARE = 0.05;

/** Whether a card of this kind uses the processor's memory; of other kinds it is not known. */
const SHARES: Readonly<Partial<Record<GraphicsCard['kind'], boolean>>> = {
  integrated: true,
  discrete: false,
};

/** A card without the ways to use it, and what was contradictory about it. */
function finishCard(card: Card): {
  readonly shown: Omit<GraphicsCard, 'access'>;
  readonly notes: readonly ProbeNote[];
} {
  const name = card.name ?? nameByNumbers(card);
  const kind = kindOf(card);
  const { totalMemory, freeMemory, notes } = memoryOf(card, name, kind);
  return {
    shown: {
      name,
      vendor: card.vendor,
      kind,
      totalMemory,
      freeMemory,
      unifiedMemory: isConsoleChip(card) ? null : (SHARES[kind] ?? null),
      driver: driverOf(card),
      temperatureCelsius: card.temperatureCelsius,
      powerLimitWatts: card.powerLimitWatts,
      drivesScreen: card.drivesScreen,
    },
    notes: [...notes, ...kindNotes(card, name), ...driverNotes(card, name)],
  };
}

function memoryOf(card: Card, name: string, kind: GraphicsCard['kind']) {
  // what Intel's drivers call its own is taken from the processor's memory as it is needed
  if (kind === 'integrated' && card.vendor === 'intel')
    return { totalMemory: null, freeMemory: null, notes: [] };
  if (card.parts !== null) return { totalMemory: largestPart(card.parts), freeMemory: null, notes: [] };
  const chosen = card.claims[0];
  if (!chosen) return { totalMemory: null, freeMemory: null, notes: [] };
  const others = card.claims.filter(
    ({ bytes }) => Math.abs(bytes - chosen.bytes) > SAME_SHARE * chosen.bytes,
  );
  const notes = others.map((other) =>
    contradiction(
      other.source,
      say`${chosen.source} says that ${name} has ${gigabytes(chosen.bytes)} of memory, ${other.source} says ${gigabytes(other.bytes)}. Fettle uses the first figure.`,
    ),
  );
  if (card.freeMemory === null || card.freeMemory <= chosen.bytes)
    return { totalMemory: chosen.bytes, freeMemory: card.freeMemory, notes };
  const note = say`${name} reports more free memory (${gigabytes(card.freeMemory)}) than it has (${gigabytes(chosen.bytes)}). Fettle ignores it.`;
  return {
    totalMemory: chosen.bytes,
    freeMemory: null,
    notes: [...notes, contradiction(chosen.source, note)],
  };
}

/** "3g.20gb" has 20 GiB, as NVIDIA names its parts; a program gets one of them. */
function largestPart(parts: readonly string[]): number | null {
  const sizes = parts.map((part) => Number(/\.(\d+)gb/.exec(part)?.[1] ?? 0));
  const most = Math.max(0, ...sizes);
  return most === 0 ? null : most * 2 ** 30;
}

function kindNotes(card: Card, name: string): readonly ProbeNote[] {
  const [byDriver, byRule] = [vulkanKind(card), kindByRule(card)];
  if (byDriver === null || byRule === 'unknown' || byDriver === byRule) return [];
  return [
    contradiction(
      'vulkaninfo',
      say`${name} looks ${kindWord(byRule)}, but its Vulkan driver calls it ${kindWord(byDriver)}. Fettle trusts the driver.`,
    ),
  ];
}

function kindWord(kind: GraphicsCard['kind']): string {
  if (kind === 'virtual') return say`virtual`;
  return kind === 'integrated' ? say`integrated` : say`discrete`;
}

/** After an update the running driver and the installed files differ until the next start. */
function driverNotes({ vendor, driverVersion, vulkan }: Card, name: string): readonly ProbeNote[] {
  const files = vulkan?.driverId === 'DRIVER_ID_NVIDIA_PROPRIETARY' ? vulkan.driverInfo : null;
  if (
    vendor !== 'nvidia' ||
    driverVersion === null ||
    files === null ||
    driverVersion.startsWith(files) ||
    files.startsWith(driverVersion)
  )
    return [];
  return [
    contradiction(
      'vulkaninfo',
      say`For ${name}, nvidia-smi reports driver ${driverVersion}, Vulkan reports ${files}. Restart the computer if you updated the driver.`,
    ),
  ];
}

/** "550.54.14"; "amdgpu 6.10.5 (radv Mesa 24.0.5)"; null: no driver. */
function driverOf({ vendor, kernelDriver, driverVersion, vulkan }: Card): string | null {
  if (vendor === 'nvidia' && driverVersion !== null) return driverVersion;
  const kernel = [kernelDriver, driverVersion].filter((part) => part !== null).join(' ');
  const above = vulkan?.driver ?? null;
  if (kernel === '') return above;
  return above === null || vendor === 'nvidia' ? kernel : `${kernel} (${above})`;
}

/** In powers of 1,000, as everywhere in Fettle. */
export function gigabytes(bytes: number): string {
  if (bytes < 0.95e9) return `${number(bytes / 1e6)} MB`;
  return `${number(bytes / 1e9, bytes >= 9.95e9 ? 0 : 1)} GB`;
}
