/**
 * What an executor is, and the devices that one computes on. A compiled program runs a graph; state (weights being trained, optimizer
 * moments) lives in buffers that the executor owns, which are passed as inputs and written as outputs without a copy.
 */

import { AppError } from '../../../common/errors.ts';
import type { PricedCard } from '../../../common/protocol/protocol.ts';
import { plural } from '../../../common/words/format.ts';
import { said, say } from '../../../common/words/language.ts';
import type { ComputeDType, HostArray } from '../ir/dtype.ts';
import type { Graph, Node } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';

/** A tensor that the executor keeps between runs. */
export interface DeviceTensor {
  readonly dtype: ComputeDType;
  readonly shape: Shape;
  /** A copy of the contents. */
  read(): Promise<HostArray>;
  /** Replaces the contents; the length must be the size of the shape. */
  write(data: HostArray): Promise<void>;
  /** Elements [start, start + size of `shape`) as a tensor of their own that shares the memory; only where `keeps` is `host`. */
  view(start: number, shape: Shape): DeviceTensor;
  /** Makes all elements zero. */
  clear(): void;
  /** Gives its memory back; it must not be used again. */
  release(): void;
}

/** Where a frozen weight's bytes lie. */
export type WeightLocation =
  | { readonly kind: 'file'; readonly file: string; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'memory'; readonly data: HostArray };

/** Finds frozen weights by the names that the graph uses. */
export type WeightSource = (name: string) => WeightLocation;

export interface CompileOptions {
  readonly weights?: WeightSource;
  /** Outputs that will be written into given tensors: they never leave the device. */
  readonly kept?: ReadonlySet<string>;
}

export interface RunResult {
  /** Outputs that were not written into a given tensor. */
  readonly outputs: Readonly<Record<string, HostArray>>;
}

export interface Program {
  /**
   * Runs the graph once. `inputs` are host arrays or device tensors by name; outputs named in `into` are written
   * there, and may be the very tensor that is also an input (donated state).
   */
  run(
    inputs: Readonly<Record<string, HostArray | DeviceTensor>>,
    into?: Readonly<Record<string, DeviceTensor>>,
  ): Promise<RunResult>;
  release(): Promise<void>;
}

/** What a compiled graph takes while it runs, in bytes, without weights, inputs and donated outputs. */
export interface WorkingMemory {
  /** The largest sum of values alive at once in the step up to its turn (passes/layer-scopes.ts), and in what comes after. */
  readonly turnBytes: number;
  readonly afterBytes: number;
  /** Of the donated outputs, of which a copy is made at each run. */
  readonly donatedBytes: number;
  /** What the executor's allocator holds for them where donated outputs have that share of the live values: how holes are used depends on it. */
  heapAt(donatedShare: number): number;
  /** What the compiled program itself takes. */
  readonly sessionBytes: number;
  /** Of the values, donated outputs left out, what has memory that the system hands out again in each run; none where this is missing. */
  readonly freshBytes?: number;
}

/** One of several graphs that run one after the other, optimised, with what is held while it runs. */
export interface Phase {
  readonly graph: Graph;
  /** Outputs that are written into memory that is counted in `besideBytes` or elsewhere. */
  readonly donated: ReadonlySet<string>;
  readonly besideBytes: number;
}

export interface Executor {
  readonly name: string;
  /** What it computes on. */
  readonly device: DeviceName;
  /** What computes, in words, where the device's own words (device.ts) would say too little or too much. */
  readonly deviceWords?: string;
  /** The graphics card that it computes on, where it has found that by itself. */
  readonly foundCard?: PricedCard;
  /** Where its tensors live: `host` ones share the array that they were made of, `device` ones are read and written by copies. */
  readonly keeps: 'host' | 'device';
  /** Whether an output that was given a tensor is written there and nowhere else; left out where it is copied. */
  readonly writesInPlace?: boolean;
  /** Whether an output that was given a tensor is copied there as soon as it is computed, and programs keep the memory of their values. */
  readonly writesBack?: boolean;
  /**
   * There where each program has a copy of its weights on the device: from so many bytes on programs take turns (takeTurns). Left out
   * where all of them read the same memory.
   */
  readonly turnsFromBytes?: number;
  /** Memory of this process, each page once, in bytes; left out where the system's count is that, because programs share their weights. */
  processMemory?(): { readonly now: number; readonly peak: number };
  /** What it makes of a graph before that is optimised; left out where it takes graphs as they are. */
  rewritten?(graph: Graph): Graph;
  /** Fused operations that it has kernels for; others decompose before they run. */
  readonly fusedOperations: ReadonlySet<string>;
  /** A zeroed tensor, or one that takes `data` over without a copy where the executor can. */
  tensor(dtype: ComputeDType, shape: Shape, data?: HostArray): DeviceTensor;
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
  /**
   * Predicts the memory of a graph that has been optimised for this executor; `donated` outputs are written elsewhere. `notes`: what it
   * may keep of this graph for the next one, which has nodes of the same attributes.
   */
  memoryOf(graph: Graph, donated: ReadonlySet<string>, notes?: Map<object, unknown>): WorkingMemory;
  /**
   * What the allocator holds at most while such graphs run again and again, with what is held beside each, in bytes; left out where each gives
   * its memory back before the next one runs.
   */
  heapInTurn?(phases: readonly Phase[]): number;
  /** A product with a quantised weight, of which the benchmark takes the time; left out where there are no kernels for it. */
  quantisedProduct?(product: QuantisedProduct): Promise<TimedProgram>;
}

/** [rows, inner] x [inner, columns] with a weight of 8 or 4 bits; `inner` is a multiple of 32. */
export interface QuantisedProduct {
  readonly type: 'int8' | 'int4';
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** A program that has its inputs already, and is run again and again into the same memory. */
export interface TimedProgram {
  run(): Promise<unknown>;
  release(): Promise<void>;
}

export interface ExecutorOptions {
  readonly device: DeviceName;
  /** Of several graphics cards the one with this name; for executors that find cards by themselves. */
  readonly card?: string | undefined;
  /** Keeps what is trained in this process' memory, wherever it computes. */
  readonly hostState?: boolean;
  /** Refuses graphs with a node that would be computed on the processor instead of the device; for tests. */
  readonly wholeOnDevice?: boolean;
  /** Threads for one operation; results repeat to the bit only at a fixed number. */
  readonly threads: number;
  /** Nothing will be compiled, only predicted: neither the device nor its libraries need be there. */
  readonly pricesOnly?: boolean;
  /** Gets the times of each program when it is released; only executors of `TIMES_OPERATIONS` (registry.ts) heed it. */
  readonly profile?: (times: ProgramTimes) => void;
}

/** A stretch of time; milliseconds as of `performance.now()`. */
export interface Span {
  readonly startMs: number;
  readonly ms: number;
}

/** One kernel of an executor, as it ran once. */
export interface TimedKernel extends Span {
  /** The executor's own name for what it computed, such as FusedMatMul. */
  readonly kernel: string;
  /** What of the executor ran it, such as CPU; empty where it is not said. */
  readonly provider: string;
  /** The node of the optimised graph that it is part of; null for what the executor added. */
  readonly node: Node | null;
}

/** What took how long in a program, in order of time. */
export interface ProgramTimes {
  readonly runs: readonly Span[];
  readonly kernels: readonly TimedKernel[];
}

// On a graphics card each program has the frozen weights for itself: onnxruntime shares none between sessions, and a training with its
// evaluation would hold a model twice. Where that is much, there is one program at a time, compiled again when its turn comes.

/** Below so many bytes a second copy is small beside what else a step needs, and not worth the seconds. */
export const TURNS_FROM_BYTES = 1e9;

/** Whether programs that each need `weightBytes` of frozen weights take turns. */
export function takeTurns(
  { turnsFromBytes = Number.POSITIVE_INFINITY }: Pick<Executor, 'turnsFromBytes'>,
  weightBytes: number,
): boolean {
  return weightBytes >= turnsFromBytes;
}

// The devices that a training can be computed on, by the names that settings use. Which of them a computer has only the executors can
// say: they open the device and end with a sentence where it is not there.

/** `cpu` is the processor, `webgpu` any graphics card, `cuda` one of NVIDIA's through an extra's library. */
export type DeviceName = 'cpu' | 'webgpu' | 'cuda';

/** What settings may say (common/settings/computing.ts); `auto` leaves the choice to Fettle. */
export type DeviceChoice = DeviceName | 'auto';

/** The device for a choice. Whoever starts a training has made one of `auto` (main/plan/device-choice.ts); what is left of it is the processor. */
export function deviceFor(choice: DeviceChoice = 'auto'): DeviceName {
  return choice === 'auto' ? 'cpu' : choice;
}

const WORDS: Readonly<Record<Exclude<DeviceName, 'cpu'>, string>> = {
  webgpu: 'Graphics card (WebGPU)',
  cuda: 'NVIDIA graphics card (CUDA)',
};

/** The device as people read it, "CPU, 8 threads", which begins with CPU in every language. */
export function deviceInWords(device: DeviceName, threads: number): string {
  return device === 'cpu' ? say`CPU, ${plural(threads, 'thread')}` : said(WORDS[device]);
}

/** What is said where a device was asked for that cannot be used: `why` is a sentence, `hint` what to do. */
export function deviceMissing(device: DeviceName, why: string, hint: string, cause?: unknown): AppError {
  return new AppError(
    'device-missing',
    say`${device === 'cpu' ? say`The processor` : said(WORDS[device])} can't be used here: ${why}`,
    said(hint),
    { cause },
  );
}
