/** The graphics cards out of what the sources said, with the ways to use each, and the notes that belong to them. */
import type { GraphicsCard, ProbeNote, WebGpuAdapter, WebGpuAnswer } from '../../preload/contract.ts';
import type { Collected } from './collect.ts';
import { accessOf } from './graphics/access.ts';
import { adapterNotes, adapterOf } from './graphics/adapters.ts';
import { type Card, isConsoleChip } from './graphics/card.ts';
import { finishCard } from './graphics/finish.ts';
import { gatherCards } from './graphics/gather.ts';
import { kindOf } from './graphics/kind.ts';
import type { Ways } from './graphics/ways.ts';
import type { Surroundings } from './probe/surroundings.ts';
import { packagePlace } from './probe/tensorflow.ts';
import type { World } from './probe/world.ts';

export interface FoundGraphics {
  readonly cards: readonly GraphicsCard[];
  readonly notes: readonly ProbeNote[];
}

/** `webgpu`: what WebGPU itself said, null where nobody asked it. */
export async function graphicsOf(
  world: World,
  collected: Collected,
  around: Surroundings,
  webgpu: WebGpuAnswer | null,
): Promise<FoundGraphics> {
  const cards = gatherCards({
    linux: collected.linuxCards.facts,
    windows: collected.windows.facts?.cards ?? null,
    mac: collected.profiler.facts?.cards ?? null,
    nvidia: collected.nvidia.facts,
    amd: amdCards(collected),
    intel: collected.intel.facts,
    vulkan: collected.vulkan.facts,
    names: collected.lspci.facts,
    si: collected.siGraphics.facts,
    isWsl: around.wsl !== null,
  });
  const ways = await waysOf(world, collected, around, cards, webgpu);
  const finished = cards.map((card) => ({ card, ...finishCard(card) }));
  const adapters = cards.map((card) => adapterOf(card, webgpu, ways.cardsOf));
  const matched = new Set(adapters.filter((one): one is WebGpuAdapter => one !== null));
  return {
    cards: finished.map(({ card, shown }, i) => ({
      ...shown,
      access: accessOf(card, ways),
      adapter: adapters[i] ?? null,
    })),
    notes: [
      ...adapterNotes(webgpu, matched),
      ...finished.flatMap(({ notes }) => notes),
      ...countNotes(collected, around),
      ...missingNotes(collected, cards),
    ],
  };
}

function amdCards({ amd, rocm }: Collected) {
  if (amd.facts !== null) return { source: 'amd-smi', cards: amd.facts };
  return rocm.facts === null ? null : { source: 'rocm-smi', cards: rocm.facts };
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
    nvidiaPack: await world.nvidiaPack(),
    hasTfjsGpu: packagePlace(world, '@tensorflow/tfjs-node-gpu') !== null,
    tensorFlow: collected.tensorFlow.facts,
    webgpu,
    cardsOf: (vendor) => cards.filter((card) => card.vendor === vendor).length,
  };
}

/** A card that is on the bus and that its driver does not list has mostly failed or is left out by a setting. */
function countNotes({ linuxCards, nvidia }: Collected, { container }: Surroundings): readonly ProbeNote[] {
  const onBus = (linuxCards.facts ?? []).filter(({ vendorId }) => vendorId === 0x10de).length;
  const told = nvidia.facts?.length ?? null;
  if (told === null || onBus <= told || container !== null) return [];
  return [
    {
      probe: 'nvidia-smi',
      kind: 'contradiction',
      message: `The computer has ${onBus} cards of NVIDIA, but nvidia-smi lists ${told}. The others cannot be used for computing until the driver runs them.`,
    },
  ];
}

/** That a tool is missing matters only where it would tell what nobody else did. */
function missingNotes(collected: Collected, cards: readonly Card[]): readonly ProbeNote[] {
  const isMissing = (note: ProbeNote | undefined) => note?.kind === 'missing';
  const real = cards.filter((card) => kindOf(card) !== 'virtual' && !isConsoleChip(card));
  const lacksMemory = (vendor: Card['vendor']) =>
    real.some((card) => card.vendor === vendor && card.claims.length === 0 && kindOf(card) !== 'integrated');
  const { nvidia, amd, rocm, intel, windows, profiler, vulkan, linuxCards } = collected;
  const wanted: readonly (readonly [boolean, ProbeNote | undefined])[] = [
    [real.some(({ vendor }) => vendor === 'nvidia'), nvidia.notes[0]],
    [lacksMemory('amd') && rocm.facts === null, amd.notes[0]],
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
