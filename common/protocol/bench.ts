/** What was measured of a computer, by a benchmark or by trying a run out, and what WebGPU says of it. */
import type { Product, ProductType, Work } from './price.ts';

/** How far a benchmark is, from 0 to 1, and what it measures now, in words. */
export interface BenchProgress {
  readonly fraction: number;
  readonly doing: string;
}

/** Floating point operations a second of a matrix product, as the executor runs it. */
export interface MatmulRate extends Product {
  readonly type: ProductType;
  /** Of weights in 8 and 4 bits: whether they were unpacked to float32 and multiplied then, as QLoRA does it; else the bare product. */
  readonly isUnpacked?: boolean;
  readonly flops: number;
}

/** A way to compute that is quicker than float32 on onnxruntime, where a self-test on this computer says so. */
export type QuickWay = 'int8' | 'openvino';

/** How a quick way computed a small step beside float32 on onnxruntime; kept as a file. */
export interface SpeedTest {
  /** Of the library, of Fettle, and the processor: for others it is tested again. */
  readonly version: string;
  readonly fettle: string;
  readonly processor: string;
  /** Differences as shares; null where it did not come so far. */
  readonly lossError: number | null;
  readonly gradientError: number | null;
  /** Of what a first step gains. */
  readonly progressError: number | null;
  /** How many times as fast. */
  readonly gain: number | null;
  /** Why it is not used; null: it may be. */
  readonly problem: string | null;
  /** ISO 8601. */
  readonly measured: string;
}

/** A LoRA step that was timed, with the update of its adapters. */
export interface StepRate {
  /** Width of the model's layers, and tokens of the step. */
  readonly width: number;
  readonly tokens: number;
  /** What the graph does, by which the formula of a plan tells its time. */
  readonly work: Work;
  readonly trainedWeights: number;
  readonly seconds: number;
}

/** What a benchmark measured on one device through one executor, with as many threads as a training uses. */
export interface DeviceRates {
  /** `cpu` for the processor. */
  readonly device: string;
  readonly executor: string;
  readonly threads: number;
  readonly matmul: readonly MatmulRate[];
  /** Bytes read and written a second by element-wise operations, for operands of `bytes`. */
  readonly elementwise: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  /** The same for a transposition of heads; missing in older reports, as are the last three figures. */
  readonly strided?: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  /** Elements a second of a softmax over rows as attention has them. */
  readonly softmaxElements: number;
  /** Seconds that a node costs whatever its size. */
  readonly nodeSeconds: number;
  /** Seconds that a run costs which does next to nothing. */
  readonly runSeconds?: number;
  /** Bytes of results a second that a run hands over; on the processor, which copies none, those that new memory is handed out for. */
  readonly outputBytesPerSecond?: number;
  /** Trained weights a second that AdamW updates. */
  readonly updatedWeights?: number;
  /** Bytes read and written a second by a copy far larger than any cache: of the card's own memory, on a card. */
  readonly memoryBytesPerSecond?: number;
  /** Whole LoRA steps, the smallest first; what would take too long is left out, as in older reports. */
  readonly steps?: readonly StepRate[];
  /** Of graphics cards: when it was measured (ISO 8601), and the names of the cards that were there then. */
  readonly measured?: string;
  readonly cards?: readonly string[];
  /** The driver of each of them, where it is known, and the version of Fettle: for others the steps count no more. */
  readonly drivers?: Readonly<Record<string, string>>;
  readonly fettle?: string;
}

/** What a benchmark found on all devices, of the memory and of the disk. */
export interface MeasuredRates {
  readonly devices: readonly DeviceRates[];
  /** Bytes read and written a second by a copy far larger than any cache, on all threads: the computer's own memory. */
  readonly memoryBytesPerSecond: number;
  /** null where the disk has no room for the file, or cannot be written. */
  readonly diskBytesPerSecond: number | null;
  /** Whether those bytes came from the disk, or may have come from the system's cache, which cannot be passed by everywhere. */
  readonly diskReadFrom?: 'disk' | 'cache';
  /** Bytes written a second, until the disk has them; missing in older benchmarks. */
  readonly diskWrittenPerSecond?: number;
}

export interface WebGpuAnswer {
  /** Why the engine's onnxruntime cannot compute through WebGPU here; null: it can, a small sum was right. */
  readonly problem: string | null;
  /** Whether the process that asked hung or was lost: then it is asked again later. */
  readonly isLost?: true;
  /** The cards that ggml sees; left out where it was not asked. */
  readonly ggml?: readonly GgmlCard[];
}

/** A card as ggml tells of it. */
export interface GgmlCard {
  /** As ggml calls it, such as Vulkan0. */
  readonly name: string;
  /** Vendor and model. */
  readonly description: string;
  /** `integrated` shares the computer's memory. */
  readonly kind: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** How far a run is tried out. */
export interface ProbeLimits {
  /** Steps whose time counts. */
  readonly steps: number;
  /**
   * Before them steps are taken on memory that nobody has used yet, for so many seconds and at most so many steps; none where the first
   * one alone takes longer, which then is one of those that count.
   */
  readonly warmSeconds: number;
  readonly mostWarmSteps: number;
  /** After so many seconds no further batch of held-out rows is begun: batches are alike, so a part of them tells of all. */
  readonly evaluationSeconds: number;
  /** A file that gets a trace of the steps; with it the figures hold a profile. */
  readonly trace?: string;
}

/** Where the time of a step goes: means over the steps that count, all figures of one step. */
export interface ProfileResult {
  /** Steps that count: the first one runs on new memory and does not. */
  readonly steps: number;
  readonly stepMs: number;
  readonly tokens: number;
  /** In graphs, and of that in their kernels; the rest of a step is batches, the update and copies. */
  readonly graphMs: number;
  readonly kernelMs: number;
  readonly rows: readonly ProfileRow[];
}

/** All nodes of one operation in one place of the model. */
export interface ProfileRow {
  /** Of the graph, such as `matmul`; empty for what the executor added. */
  readonly operation: string;
  /** Where in the model, without the number of the layer: `mlp.up_proj`. */
  readonly module: string;
  /** Counted from 0; null outside of the layers. */
  readonly layer: number | null;
  readonly pass: 'forward' | 'backward';
  /** The executor's names for what it computed. */
  readonly kernels: readonly string[];
  /** Nodes of the graph. */
  readonly count: number;
  readonly ms: number;
  readonly flops: number;
  /** Read and written, as if nothing stayed in a cache. */
  readonly bytes: number;
}

/** What a run took that was tried out. */
export interface ProbeFigures {
  /** Steps that were taken before and do not count. */
  readonly warmSteps: number;
  /** Seconds of each step that counts, in their order. */
  readonly stepSeconds: readonly number[];
  /** One evaluation; null where no rows are held out. */
  readonly evaluation: ProbedEvaluation | null;
  readonly profile?: ProfileResult;
}

export interface ProbedEvaluation {
  /** Of the whole evaluation, in seconds: what was measured, and for the rest as long a batch. */
  readonly seconds: number;
  /** Batches that were measured, and all there are. */
  readonly measuredBatches: number;
  readonly batches: number;
}
