/**
 * Asks every source at once, each with its own time limit, so that one that hangs costs its own facts and not
 * the page. Which sources there are depends on the system.
 */
import type { LibraryFacts, ProbeNote } from '../../common/api/contract.ts';
import { number } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { LIBRARIES } from './libraries.ts';
import { type Answer, without } from './probe/answer.ts';
import { lookAtDisk, lookForLimits, lookForPower, readCpuinfo } from './probe/linux.ts';
import { askProfiler, askSysctl, askVmStat } from './probe/macos.ts';
import { askNvidiaSmi } from './probe/nvidia-smi.ts';
import { askLspci, askVulkan, lookForCards, lookForVulkan } from './probe/pci-and-vulkan.ts';
import { lookAround } from './probe/surroundings.ts';
import * as si from './probe/system-information.ts';
import { askWindows, askWindowsProcessor } from './probe/windows.ts';
import type { World } from './probe/world.ts';
import { askXpuSmi } from './probe/xpu-smi.ts';

/** Everything that the sources said; `facts` is null where one said nothing, and its notes say why. */
export type Collected = Awaited<ReturnType<typeof collect>>;

/** Commands end earlier by themselves; this is for files and packages that hang. */
export const LONGEST_MS = 7500;
/** A tool of NVIDIA that takes longer would hold up this process when systeminformation runs it. */
const QUICK_MS = 1000;

const SILENT: Answer<never> = { facts: null, notes: [] };
const silent = Promise.resolve(SILENT);

/** Asks all sources that this system has; `folder` is the one whose disk counts. */
export async function collect(world: World, folder: string, longestMs = LONGEST_MS) {
  const on = {
    linux: world.platform === 'linux',
    win32: world.platform === 'win32',
    darwin: world.platform === 'darwin',
  };
  const only = <T>(
    applies: boolean,
    probe: string,
    question: () => Promise<Answer<T>>,
  ): Promise<Answer<T>> => (applies ? timely(probe, question, longestMs) : silent);
  const files = <T>(probe: string, look: () => Promise<T | null>) =>
    only(on.linux, probe, async () => ({ facts: await look(), notes: [] }));

  const cpuinfo = files('cpuinfo', async () => readCpuinfo((await world.read('/proc/cpuinfo')) ?? ''));
  const power = askPower(world, longestMs);
  const started = performance.now();
  const nvidia = only(!on.darwin, 'nvidia-smi', () => askNvidiaSmi(world));
  const isQuick = nvidia.then(
    ({ notes }) => performance.now() - started < QUICK_MS && notes[0]?.kind !== 'timed-out',
  );
  const siGraphics = only(!on.win32, 'systeminformation', async () =>
    (await isQuick) ? si.askSiGraphics(world) : SILENT,
  );
  return whenAll({
    cpuinfo,
    nvidia,
    siGraphics,
    limits: files('cgroup', () => lookForLimits(world)),
    around: only(true, 'surroundings', async () => ({
      facts: await lookAround(world, (await cpuinfo).facts?.isVirtual ?? false),
      notes: [],
    })),
    linuxPower: power.then(({ linuxPower }) => linuxPower),
    siBattery: power.then(({ siBattery }) => siBattery),
    linuxDisk: files('disk', () => lookAtDisk(world, folder)),
    linuxCards: files('sysfs', () => lookForCards(world)),
    devices: files('devices', () => lookForDevices(world)),
    vulkanFiles: files('vulkan', () => lookForVulkan(world)),
    lspci: only(on.linux, 'lspci', () => askLspci(world)),
    windows: only(on.win32, 'powershell', () => askWindows(world, folder)),
    windowsProcessor: only(on.win32, 'powershell (processor)', () => askWindowsProcessor(world)),
    profiler: only(on.darwin, 'system_profiler', () => askProfiler(world)),
    sysctl: only(on.darwin, 'sysctl', () => askSysctl(world)),
    vmStat: only(on.darwin, 'vm_stat', () => askVmStat(world)),
    intel: only(on.linux, 'xpu-smi', () => askXpuSmi(world)),
    vulkan: only(!on.darwin, 'vulkaninfo', () => askVulkan(world)),
    siProcessor: only(true, 'systeminformation', () => si.askSiProcessor(world)),
    siMemory: only(true, 'systeminformation', () => si.askSiMemory(world)),
    siSystem: only(true, 'systeminformation', () => si.askSiSystem(world)),
    libraries: whenAll(
      Object.fromEntries(
        Object.entries(LIBRARIES).map(([executor, library]) => [
          executor,
          only(true, library.name, async () => ({ facts: await library.ask(world), notes: [] })),
        ]),
      ) as Readonly<Record<string, Promise<Answer<LibraryFacts>>>>,
    ),
    freeDisk: world.freeDisk(folder),
  });
}

/** Battery and charger alone, which change while the rest does not. */
export async function askPower(world: World, longestMs: number) {
  const [linuxPower, siBattery] = await Promise.all([
    timely(
      'power',
      async () => ({ facts: world.platform === 'linux' ? await lookForPower(world) : null, notes: [] }),
      longestMs,
    ),
    timely('systeminformation', () => si.askSiBattery(world), longestMs),
  ]);
  return { linuxPower, siBattery };
}

async function whenAll<T extends object>(promised: { readonly [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const values = await Promise.all(Object.values(promised));
  return Object.fromEntries(Object.keys(promised).map((key, i) => [key, values[i]])) as T;
}

/** The answer of `question`, or a note where it fails or does not come in time. */
export async function timely<T>(
  probe: string,
  question: () => Promise<Answer<T>>,
  longestMs: number,
): Promise<Answer<T>> {
  const { promise, resolve } = Promise.withResolvers<Answer<T>>();
  const late = say`${probe} did not answer within ${number(longestMs / 1000, 1)} s and was skipped.`;
  const timer = setTimeout(() => resolve(without(probe, 'timed-out', late)), longestMs);
  try {
    return await Promise.race([question(), promise]);
  } catch (error) {
    return without(
      probe,
      'failed',
      say`${probe} could not be asked: ${error instanceof Error ? error.message : String(error)}.`,
    );
  } finally {
    clearTimeout(timer);
  }
}

async function lookForDevices(world: World) {
  const [all, render] = await Promise.all([world.list('/dev'), world.list('/dev/dri')]);
  return {
    render: render.some((name) => name.startsWith('renderD')),
    nvidia: all.includes('nvidiactl') || all.includes('dxg'),
  };
}

/** Notes of all sources but those that only say that a tool is not installed. */
export function notesOf(collected: Collected): readonly ProbeNote[] {
  const { freeDisk: _, libraries, ...answers } = collected;
  return [...Object.values(answers), ...Object.values(libraries)]
    .flatMap<ProbeNote>(({ notes }) => notes)
    .filter(({ kind }) => kind !== 'missing');
}
