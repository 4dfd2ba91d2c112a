/**
 * What this computer has: every source is asked, they are checked against each other, and what is not known
 * is said to be so. Nothing is measured here. docs/hardware.md tells who is asked, who is believed, and what
 * is noted when they disagree.
 */

import type {
  Disk,
  Hardware,
  Memory,
  Power,
  ProbeNote,
  Processor,
  WebGpuAnswer,
} from '../../common/api/contract.ts';
import { say } from '../../common/words/language.ts';
import { type Collected, collect, notesOf } from './collect.ts';
import { gigabytes, graphicsOf } from './graphics/cards.ts';
import { webgpuFacts } from './graphics/webgpu.ts';
import { LIBRARIES } from './libraries.ts';
import { contradiction, extensionsIn } from './probe/answer.ts';
import { macDiskKind } from './probe/macos.ts';
import { inWords, type Surroundings, virtualMaker } from './probe/surroundings.ts';
import { realWorld, type World } from './probe/world.ts';

interface ProbeOptions {
  /** The folder whose disk counts: that of Fettle's data. */
  readonly folder: string;
  /** Whom to ask; the real computer where it is left out. */
  readonly world?: World;
  /** What WebGPU says, from a process that can ask it; it is waited for beside the others. */
  readonly webgpu?: WebGpuAnswer | Promise<WebGpuAnswer> | null;
}

/** Everything that can be known of the computer without measuring; takes 8 s at most, and 10 where WebGPU is asked. */
export async function probeHardware({
  folder,
  world = realWorld(),
  webgpu = null,
}: ProbeOptions): Promise<Hardware> {
  const [collected, answer] = await Promise.all([collect(world, folder), webgpu]);
  const around = surroundingsOf(collected);
  const processor = processorOf(world, collected);
  const memory = memoryOf(world, collected);
  const power = powerOf(collected);
  const graphics = await graphicsOf(world, collected, around, answer);
  return {
    system: `${collected.siSystem.facts ?? `${world.node.type} ${world.node.release}`} (${world.arch})`,
    platform: `${world.platform}-${world.arch}`,
    processor: processor.value,
    memory: memory.value,
    disk: diskOf(folder, collected),
    power: power.value,
    graphics: graphics.cards,
    webgpu: webgpuFacts(world.platform, answer, graphics.cards),
    libraries: librariesOf(collected, answer),
    inside: inWords(around),
    notes: once([
      ...notesOf(collected),
      ...processor.notes,
      ...memory.notes,
      ...power.notes,
      ...graphics.notes,
      ...translationNotes(collected),
    ]),
  };
}

/** Windows' hypervisor is there on many bare computers too, so that only maker and model decide. */
function surroundingsOf({ around, windows, sysctl }: Collected): Surroundings {
  const found = around.facts ?? { container: null, wsl: null, virtual: null };
  if (windows.facts !== null) return { ...found, virtual: virtualMaker(windows.facts.maker) };
  return sysctl.facts?.isVirtual ? { ...found, virtual: '' } : found;
}

/** The libraries of extras' executors, which need no card; a probe that was not waited for knows nothing. */
function librariesOf({ libraries }: Collected, answer: WebGpuAnswer | null): Hardware['libraries'] {
  const found = Object.entries(LIBRARIES).map(([executor, { notKnown, seen }]) => {
    const alone = libraries[executor]?.facts ?? { usable: false, reason: notKnown(), fix: null };
    const facts = answer === null ? alone : (seen?.(alone, answer) ?? alone);
    const { usable, reason, fix, pack, cards } = facts;
    return [executor, { usable, reason, fix, ...(pack && { pack }), ...(cards && { cards }) }] as const;
  });
  return Object.fromEntries(found);
}

function translationNotes({ sysctl }: Collected): readonly ProbeNote[] {
  if (!sysctl.facts?.isTranslated) return [];
  const message = say`This Fettle is made for Intel processors, but runs on an Apple processor. Fettle for Apple processors is several times faster.`;
  return [contradiction('sysctl', message)];
}

/** Several questions to one source fail for the same reason. */
function once(notes: readonly ProbeNote[]): readonly ProbeNote[] {
  return notes.filter((note, i) => notes.findIndex(({ message }) => message === note.message) === i);
}

interface Found<T> {
  readonly value: T;
  readonly notes: readonly ProbeNote[];
}

/** Memory of two sources may differ by this much: what the firmware keeps is counted by some. */
const SAME_SHARE = 0.03;

const byWhat = ({ around }: Collected) =>
  around.facts?.container == null ? say`a control group of the system` : say`the container`;

/** The processor: /proc/cpuinfo and sysctl before systeminformation, and never more cores than Node has threads without a limit. */
function processorOf(world: World, collected: Collected): Found<Processor> {
  const { cpuinfo, sysctl, siProcessor, windowsProcessor, limits } = collected;
  const own = cpuinfo.facts?.physicalCores ?? sysctl.facts?.physicalCores ?? null;
  const other = siProcessor.facts?.physicalCores ?? null;
  const share = limits.facts?.processors ?? null;
  const isLimited = share !== null && share < (cpuinfo.facts?.logicalCores ?? Number.POSITIVE_INFINITY);
  // under Windows systeminformation decodes none of those that matter
  const bySi = world.platform === 'win32' ? [] : (siProcessor.facts?.flags ?? []);
  const flags = windowsProcessor.facts ?? bySi;
  const isKnown = windowsProcessor.facts !== null || bySi.length > 0;
  const extensions =
    cpuinfo.facts?.extensions ?? sysctl.facts?.extensions ?? (isKnown ? extensionsIn(flags) : null);
  return {
    value: {
      name:
        cpuinfo.facts?.name ??
        sysctl.facts?.name ??
        siProcessor.facts?.name ??
        (world.node.processor || 'unknown processor'),
      physicalCores: own ?? other,
      threads: Math.max(
        1,
        Math.min(world.node.parallelism, isLimited ? Math.ceil(share) : Number.POSITIVE_INFINITY),
      ),
      limit: isLimited ? { processors: share, by: byWhat(collected) } : null,
      extensions,
    },
    notes:
      own === null || other === null || own === other
        ? []
        : [
            contradiction(
              'systeminformation',
              say`The system says the processor has ${own} cores, systeminformation says ${other}. Fettle uses the system’s figure.`,
            ),
          ],
  };
}

/** Memory within the limits of this process: the kernel's figure, and the smallest limit that anybody tells. */
function memoryOf(world: World, collected: Collected): Found<Memory> {
  const { node } = world;
  const { limits, siMemory, vmStat, sysctl } = collected;
  const machine = sysctl.facts?.totalMemory ?? node.totalMemory;
  const limit = limitOf(node.constrainedMemory, limits.facts?.memory ?? null, machine);
  const total = limit ?? machine;
  const now = vmStat.facts ?? Math.max(node.freeMemory, siMemory.facts?.available ?? 0);
  const inLimit = limits.facts?.available ?? (limit === null ? null : node.availableMemory);
  return {
    value: {
      total,
      available: Math.min(
        total,
        now,
        limit === null || inLimit === null ? Number.POSITIVE_INFINITY : inLimit,
      ),
      swapTotal: siMemory.facts?.swapTotal ?? null,
      limit: limit === null ? null : { bytes: limit, by: byWhat(collected) },
    },
    notes: memoryNotes(
      node.constrainedMemory,
      limits.facts?.memory ?? null,
      machine,
      siMemory.facts?.total ?? null,
    ),
  };
}

/** Node writes "no limit" as 0 or as a number above all memory. */
function limitOf(byNode: number, byGroup: number | null, machine: number): number | null {
  const known = [byNode, byGroup].filter(
    (bytes) => bytes !== null && bytes > 0 && bytes < machine,
  ) as number[];
  return known.length === 0 ? null : Math.min(...known);
}

function memoryNotes(
  byNode: number,
  byGroup: number | null,
  machine: number,
  bySi: number | null,
): readonly ProbeNote[] {
  const notes: ProbeNote[] = [];
  const nodeLimit = limitOf(byNode, null, machine);
  const groupLimit = limitOf(0, byGroup, machine);
  if (nodeLimit !== null && groupLimit !== null && nodeLimit !== groupLimit)
    notes.push(
      contradiction(
        'cgroup',
        say`Node sees a memory limit of ${gigabytes(nodeLimit)}, the control groups one of ${gigabytes(groupLimit)}. Fettle uses the smaller one.`,
      ),
    );
  if (bySi !== null && Math.abs(bySi - machine) > SAME_SHARE * machine)
    notes.push(
      contradiction(
        'systeminformation',
        say`The system says there are ${gigabytes(machine)} of memory, systeminformation says ${gigabytes(bySi)}. Fettle uses the system’s figure.`,
      ),
    );
  return notes;
}

function diskOf(folder: string, { freeDisk, linuxDisk, windows, profiler }: Collected): Disk {
  const onMac = profiler.facts === null ? null : macDiskKind(profiler.facts, folder);
  const isShare = /^(\\\\|\/\/)/.test(folder);
  return {
    folder,
    free: freeDisk,
    kind: linuxDisk.facts ?? (isShare ? 'network' : (windows.facts?.disk ?? null)) ?? onMac,
  };
}

/** Battery and charger: the files of Linux before systeminformation. */
export function powerOf({
  linuxPower,
  siBattery,
}: Pick<Collected, 'linuxPower' | 'siBattery'>): Found<Power> {
  const [own, other] = [linuxPower.facts, siBattery.facts];
  const unknown: Power = { hasBattery: null, onBattery: null, batteryPercent: null };
  if (own === null || other === null) return { value: own ?? other ?? unknown, notes: [] };
  const differ =
    own.hasBattery === true &&
    other.hasBattery === true &&
    other.onBattery !== null &&
    own.onBattery !== other.onBattery;
  return {
    value: own,
    notes: differ
      ? [
          contradiction(
            'systeminformation',
            own.onBattery === true
              ? say`The system says the computer runs on battery, systeminformation says it is plugged in. Fettle trusts the system.`
              : say`The system says the computer is plugged in, systeminformation says it runs on battery. Fettle trusts the system.`,
          ),
        ]
      : [],
  };
}
