/** Makes of what was gathered the cards that are shown: one value for each fact, and a note wherever two sources disagree. */
import type { GraphicsCard, ProbeNote } from '../../../preload/contract.ts';
import { type Card, isConsoleChip, nameByNumbers } from './card.ts';
import { kindByRule, kindOf, vulkanKind } from './kind.ts';

/** Sources count and round differently, and drivers keep a little for themselves: below this they agree. */
const SAME_SHARE = 0.05;

/** Whether a card of this kind uses the processor's memory; of other kinds it is not known. */
const SHARES: Readonly<Partial<Record<GraphicsCard['kind'], boolean>>> = {
  integrated: true,
  discrete: false,
};

/** A card without the ways to use it, and what was contradictory about it. */
export function finishCard(card: Card): {
  readonly shown: Omit<GraphicsCard, 'access' | 'adapter'>;
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
      `${chosen.source} says that ${name} has ${gigabytes(chosen.bytes)} of memory, ${other.source} says ${gigabytes(other.bytes)}. Fettle takes the figure of ${chosen.source}.`,
    ),
  );
  if (card.freeMemory === null || card.freeMemory <= chosen.bytes)
    return { totalMemory: chosen.bytes, freeMemory: card.freeMemory, notes };
  const note = `${name} is said to have more memory free (${gigabytes(card.freeMemory)}) than it has (${gigabytes(chosen.bytes)}). Fettle takes what is free as not known.`;
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
  const [said, judged] = [vulkanKind(card), kindByRule(card)];
  if (said === null || judged === 'unknown' || said === judged) return [];
  return [
    contradiction(
      'vulkaninfo',
      `${name} looks like ${article(judged)} card, but its Vulkan driver calls it ${said}. Fettle takes the driver’s word.`,
    ),
  ];
}

const article = (kind: string) => (kind === 'integrated' || kind === 'unknown' ? `an ${kind}` : `a ${kind}`);

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
      `The driver of ${name} is version ${driverVersion} by nvidia-smi and ${files} by Vulkan. Fettle shows the first; restart the computer if the driver was updated.`,
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

function contradiction(probe: string, message: string): ProbeNote {
  return { probe, kind: 'contradiction', message };
}

/** In powers of 1,000, as everywhere in Fettle. */
export function gigabytes(bytes: number): string {
  return bytes >= 9.95e9
    ? `${Math.round(bytes / 1e9)} GB`
    : bytes >= 0.95e9
      ? `${(bytes / 1e9).toFixed(1)} GB`
      : `${Math.round(bytes / 1e6)} MB`;
}
