/** What was found of a computer and what was measured on it. Bytes are bytes, speeds a second; what is not known is null. */

import type * as packs from '../extras/packs.ts';
import type { GgmlCard, MeasuredRates } from '../protocol/protocol.ts';
import type { ExtraWay } from '../settings/executors.ts';

export type { DeviceRates, GgmlCard, MatmulRate, WebGpuAnswer } from '../protocol/protocol.ts';

export interface Processor {
  readonly name: string;
  readonly physicalCores: number | null;
  /** Threads that this process may use. */
  readonly threads: number;
  /** A limit below the threads of the machine, in processors' worth of time (1.5, for example); `threads` respects it. */
  readonly limit: { readonly processors: number; readonly by: string } | null;
  /** Vector and matrix extensions that matter for training, in their usual names: AVX2, AVX-512, AVX-512 VNNI, AMX, NEON, SVE; null: not known. */
  readonly extensions: readonly string[] | null;
}

export interface Memory {
  readonly total: number;
  readonly available: number;
  readonly swapTotal: number | null;
  /** A limit below the memory of the machine: that of a container, for example; `total` and `available` respect it. */
  readonly limit: { readonly bytes: number; readonly by: string } | null;
}

export interface Disk {
  readonly folder: string;
  readonly free: number | null;
  readonly kind: 'ssd' | 'hdd' | 'network' | null;
}

export interface Power {
  readonly hasBattery: boolean | null;
  readonly onBattery: boolean | null;
  readonly batteryPercent: number | null;
}

/**
 * A way to compute on a graphics card, and where it cannot be used, why and what to do. `usable` is about the way itself: whether
 * Fettle computes there is said in `reason`.
 */
export interface Access {
  readonly through: 'webgpu' | ExtraWay;
  readonly usable: boolean;
  /** For people: what was found, or why it cannot be used. */
  readonly reason: string;
  readonly fix: string | null;
  /** What Fettle can get to make it usable, where nothing else is missing. */
  readonly pack?: 'ggml' | keyof typeof packs;
}

/** `pack`: the library is that of the pack, or would be. */
export interface LibraryFacts extends Pick<Access, 'usable' | 'reason' | 'fix' | 'pack'> {
  /** The cards that it sees, the best first; left out where it finds none by itself, or was not asked. */
  readonly cards?: readonly GgmlCard[];
}

export interface GraphicsCard {
  readonly name: string;
  readonly vendor: 'nvidia' | 'amd' | 'intel' | 'apple' | 'other';
  readonly kind: 'discrete' | 'integrated' | 'virtual' | 'unknown';
  /** Memory that is its alone; null where it has none, because it uses the processor's, or where it is not known. */
  readonly totalMemory: number | null;
  readonly freeMemory: number | null;
  /** Whether it shares the memory of the processor. */
  readonly unifiedMemory: boolean | null;
  readonly driver: string | null;
  readonly temperatureCelsius: number | null;
  readonly powerLimitWatts: number | null;
  readonly drivesScreen: boolean | null;
  readonly access: readonly Access[];
}

/** A probe that was not there, found nothing, did not end, or said something else than another. */
export interface ProbeNote {
  readonly probe: string;
  readonly kind: 'missing' | 'failed' | 'timed-out' | 'contradiction';
  /** For people. */
  readonly message: string;
}

export interface Hardware {
  readonly system: string;
  readonly platform: string;
  readonly processor: Processor;
  readonly memory: Memory;
  readonly disk: Disk;
  readonly power: Power;
  readonly graphics: readonly GraphicsCard[];
  /** Whether onnxruntime computes through WebGPU here; null: it was not asked. */
  readonly webgpu: {
    readonly usable: boolean | null;
    readonly reason: string;
    readonly fix: string | null;
  };
  /** Of executors with libraries of their own, by name, whether their libraries are here, and where not, why and what to do. */
  readonly libraries: Readonly<Record<string, LibraryFacts>>;
  /** "a virtual machine (QEMU)", "a container (Docker)", "WSL 2"; null on bare metal. */
  readonly inside: string | null;
  readonly notes: readonly ProbeNote[];
}

/** What a benchmark measured, when and with what. `devices` and the rest are described in common/protocol/protocol.ts. */
export interface Rates extends MeasuredRates {
  readonly measured: string;
  readonly onBattery: boolean | null;
  readonly versions: Readonly<Record<string, string>>;
  /** Share of all cores that other programs used just before, 0 to 1; left out where it is not known. */
  readonly otherLoad?: number;
  /** Bytes of memory that were free just before. */
  readonly freeMemory?: number;
}

/** How the speed of this computer has changed since the benchmark before. */
export interface RatesComparison {
  /** When it was measured before, ISO 8601. */
  readonly since: string;
  /** -0.14: 14 % slower. 0 where the difference is within what two measurements differ by anyway. */
  readonly change: number;
  /** In words; empty where none is known. */
  readonly reasons: readonly string[];
  /** All of it in a sentence. */
  readonly sentence: string;
}
