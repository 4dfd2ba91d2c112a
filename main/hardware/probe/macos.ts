/** What macOS tells: system_profiler of graphics cards and disks, sysctl of the processor, vm_stat of free memory. */
import { isRecord } from '../../../common/values.ts';
import {
  type Answer,
  ask,
  bytesIn,
  extensionsIn,
  type Json,
  jsonIn,
  numberIn,
  objectsIn,
  textIn,
} from './answer.ts';
import type { World } from './world.ts';

export interface MacCard {
  readonly name: string;
  readonly isApple: boolean;
  readonly vendor: string;
  /** Its own memory; null where it uses the processor's. */
  readonly totalMemory: number | null;
  readonly cores: number | null;
  readonly drivesScreen: boolean;
  /** "spdisplays_metal3" -> "Metal 3". */
  readonly metal: string | null;
}

interface MacFacts {
  readonly cards: readonly MacCard[];
  readonly disks: readonly { readonly folder: string; readonly kind: 'ssd' | 'hdd' | null }[];
}

interface MacProcessor {
  readonly name: string | null;
  readonly physicalCores: number | null;
  readonly totalMemory: number | null;
  readonly extensions: readonly string[];
  /** Whether an Apple processor imitates an Intel one for this process. */
  readonly isTranslated: boolean;
  readonly isVirtual: boolean;
}

const ABOUT = ['-json', 'SPDisplaysDataType', 'SPStorageDataType'];

export function askProfiler(world: World): Promise<Answer<MacFacts>> {
  return ask(world, {
    probe: 'system_profiler',
    command: 'system_profiler',
    args: ABOUT,
    read: readProfiler,
  });
}

/** Reads `system_profiler -json SPDisplaysDataType SPStorageDataType`; null where it has no displays. */
export function readProfiler(text: string): MacFacts | null {
  const answer = jsonIn(text);
  if (!isRecord(answer) || !('SPDisplaysDataType' in answer)) return null;
  return {
    cards: objectsIn(answer.SPDisplaysDataType).map(cardOf),
    disks: objectsIn(answer.SPStorageDataType).flatMap(diskOf),
  };
}

function cardOf(card: Json): MacCard {
  const name = textIn(card.sppci_model) ?? textIn(card._name) ?? 'Graphics card';
  const vendor = String(card.spdisplays_vendor ?? '');
  const metal = textIn(
    card.spdisplays_mtlgpufamilysupport ?? card.spdisplays_metalfamily ?? card.spdisplays_metal,
  );
  return {
    name,
    isApple: /apple/i.test(vendor) || /^apple m\d/i.test(name),
    vendor,
    totalMemory: bytesIn(card.spdisplays_vram, 'mb'),
    cores: numberIn(card.sppci_cores),
    drivesScreen: objectsIn(card.spdisplays_ndrvs).length > 0,
    metal: metal === null ? null : `Metal ${/metal(\d)/.exec(metal)?.[1] ?? ''}`.trim(),
  };
}

function diskOf(volume: Json): MacFacts['disks'] {
  const folder = textIn(volume.mount_point);
  const drive = objectsIn(volume.physical_drive)[0];
  const medium = drive?.medium_type;
  return folder === null
    ? []
    : [{ folder, kind: medium === 'ssd' ? 'ssd' : medium === 'rotational' ? 'hdd' : null }];
}

/** The kind of the disk under `folder`: that of the deepest volume; what lies under / is kept on the volume of data. */
export function macDiskKind({ disks }: MacFacts, folder: string): 'ssd' | 'hdd' | null {
  const holding = disks.filter(
    ({ folder: at }) => at === '/' || folder === at || folder.startsWith(`${at}/`),
  );
  return [...holding].sort((a, b) => b.folder.length - a.folder.length)[0]?.kind ?? null;
}

export function askSysctl(world: World): Promise<Answer<MacProcessor>> {
  const args = [
    'machdep.cpu',
    'hw.optional',
    'hw.physicalcpu',
    'hw.memsize',
    'sysctl.proc_translated',
    'kern.hv_vmm_present',
  ];
  return ask(world, { probe: 'sysctl', command: 'sysctl', args, read: readSysctl });
}

/** Reads lines "name: value"; null where the processor is not among them. */
export function readSysctl(text: string): MacProcessor | null {
  const lines = new Map(
    [...text.matchAll(/^([\w.]+): (.*)$/gm)].map(([, key, value]) => [key!, value!.trim()]),
  );
  if (!lines.has('machdep.cpu.brand_string') && !lines.has('hw.physicalcpu')) return null;
  const named = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'].flatMap((key) =>
    (lines.get(key) ?? '').split(' '),
  );
  const optional = [...lines]
    .filter(([key, value]) => key.startsWith('hw.optional.') && value === '1')
    .map(([key]) => key);
  return {
    name: lines.get('machdep.cpu.brand_string') ?? null,
    physicalCores: numberIn(lines.get('hw.physicalcpu')),
    totalMemory: numberIn(lines.get('hw.memsize')),
    extensions: extensionsIn([...named, ...optional]),
    isTranslated: lines.get('sysctl.proc_translated') === '1',
    isVirtual: lines.get('kern.hv_vmm_present') === '1',
  };
}

export function askVmStat(world: World): Promise<Answer<number>> {
  return ask(world, { probe: 'vm_stat', command: 'vm_stat', args: [], read: readVmStat });
}

/**
 * Bytes that programs can still get by `vm_stat`: free pages and those that macOS gives up when they are needed. Node counts the free ones
 * alone, of which a Mac keeps few.
 */
export function readVmStat(text: string): number | null {
  const page = numberIn(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = ['free', 'inactive', 'speculative'].map((name) =>
    numberIn(new RegExp(`^Pages ${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]),
  );
  if (page === null || pages.includes(null)) return null;
  return pages.reduce<number>((sum, count) => sum + (count ?? 0), 0) * page;
}
