/** What was found of a computer and what was measured on it. Bytes are bytes, speeds a second; what is not known is null. */

export interface Processor {
  readonly name: string;
  readonly physicalCores: number | null;
  /** Threads that this process may use. */
  readonly threads: number;
  /** Vector and matrix extensions that matter for training, in their usual names: AVX2, AVX-512, AVX-512 VNNI, AMX, NEON, SVE. */
  readonly extensions: readonly string[];
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

/** A way to compute on a graphics card, and where it cannot be used, why and what to do. */
export interface Access {
  readonly through: 'webgpu' | 'cuda' | 'directml' | 'tfjs-cuda';
  readonly usable: boolean;
  /** For people: what was found, or why it cannot be used. */
  readonly reason: string;
  readonly fix: string | null;
}

export interface GraphicsCard {
  readonly name: string;
  readonly vendor: 'nvidia' | 'amd' | 'intel' | 'apple' | 'other';
  readonly kind: 'discrete' | 'integrated' | 'virtual' | 'unknown';
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

/** A probe that found nothing, did not end, or said something else than another. */
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
  /** "a virtual machine", "a container", "WSL"; null on bare metal. */
  readonly inside: string | null;
  readonly notes: readonly ProbeNote[];
}

/** Floating point operations a second of a matrix product [rows, inner] x [inner, columns], as the executor runs it. */
export interface MatmulRate {
  readonly type: 'float32' | 'int8' | 'int4';
  /** How many such products at once (attention's heads); 1: a single one. */
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly flops: number;
}

/** What a benchmark measured on one device through one executor, with as many threads as a training uses. */
export interface DeviceRates {
  readonly device: string;
  readonly executor: string;
  readonly threads: number;
  readonly matmul: readonly MatmulRate[];
  /** Bytes read and written a second by element-wise operations, for operands of `bytes`. */
  readonly elementwise: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  /** Elements a second of a softmax over rows as attention has them. */
  readonly softmaxElements: number;
  /** Seconds that a node costs whatever its size. */
  readonly nodeSeconds: number;
}

export interface Rates {
  readonly measured: string;
  readonly onBattery: boolean | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly devices: readonly DeviceRates[];
  readonly memoryBytesPerSecond: number;
  readonly diskBytesPerSecond: number | null;
}
