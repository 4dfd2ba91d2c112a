/** What a benchmark measured of a computer. */
import type { Product, ProductType } from './price.ts';

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

/** How OpenVINO computed a small step on this processor beside onnxruntime; kept as a file, so fields are added alone. */
export interface SpeedTest {
  readonly openvino: string;
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

/** What a benchmark measured on one device through one executor, with as many threads as a training uses. */
export interface DeviceRates {
  /** `cpu` for the processor. */
  readonly device: string;
  readonly executor: string;
  readonly threads: number;
  readonly matmul: readonly MatmulRate[];
  /** Bytes read and written a second by element-wise operations, for operands of `bytes`. */
  readonly elementwise: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  /** The same for a transposition of heads; missing in reports of before it was measured, as are the last three figures. */
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
  /** Of graphics cards: when it was measured (ISO 8601), and the names of the cards that were there then. */
  readonly measured?: string;
  readonly cards?: readonly string[];
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
  /** Bytes written a second, until the disk has them; missing in benchmarks of before it was measured. */
  readonly diskWrittenPerSecond?: number;
}
