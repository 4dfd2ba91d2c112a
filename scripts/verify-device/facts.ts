/** What the parts of the check say, one JSON object a line, and what the report holds of them. */

import type { DeviceCheck } from '../../tests/extras/device-check.ts';
import * as extras from '../../tests/extras/device-checks.ts';
import type { SkippedFact } from './clock.ts';
import { MEMORY_TOLERANCE, type MemoryFact } from './ggml-memory.ts';

/** How extras' executors are checked, by their names. */
export const EXTRA_CHECKS: Readonly<Partial<Record<string, DeviceCheck>>> = { ...extras };

/** An operation on one of its samples. */
export interface OpFact {
  readonly kind: 'op';
  readonly op: string;
  readonly sample: number;
  /** The largest difference from the reference, divided by the larger of 1 and the value; null where it failed. */
  readonly worst: number | null;
  readonly tolerance: number;
  /** How many nodes of the graph each provider ran; empty where it failed. */
  readonly placed: Readonly<Record<string, number>>;
  readonly error?: string;
}

/** A quantity of a family's reference case. */
export interface GoldenFact {
  readonly kind: 'golden';
  readonly family: string;
  readonly quantity: string;
  readonly worst: number | null;
  readonly tolerance: number;
  readonly error?: string;
}

/** The step graph of the practice model: which provider ran how many of its nodes, by operation where not all are on one. */
export interface PlacementFact {
  readonly kind: 'placement';
  readonly nodes: Readonly<Record<string, number>>;
  readonly byOperation: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly error?: string;
}

/** Some steps of a fine-tuning of the practice model, on the device and on the processor. */
export interface TrainFact {
  readonly kind: 'train';
  readonly steps: number;
  /** Of a micro-batch. */
  readonly tokens: number;
  /** Whether products are in bfloat16, which costs more. */
  readonly inBfloat16?: boolean;
  readonly losses: readonly number[];
  readonly processorLosses: readonly number[];
  readonly tokensPerSecond: number;
  readonly processorTokensPerSecond: number;
  readonly error?: string;
}

/** The same steps in mixed precision (`--precision f16`) and in float32, both on the device. */
export interface HalfFact {
  readonly kind: 'half';
  readonly steps: number;
  readonly losses: readonly number[];
  readonly floatLosses: readonly number[];
  readonly tokensPerSecond: number;
  readonly floatTokensPerSecond: number;
  /** How often the loss scale was too large. */
  readonly overflows: number;
  /** How many nodes of the step in mixed precision each provider ran. */
  readonly nodes: Readonly<Record<string, number>>;
  readonly error?: string;
}

/** What the benchmark of the device measured. */
export interface BenchFact {
  readonly kind: 'bench';
  readonly rates: unknown;
  readonly error?: string;
}

/** Whether trainings of the practice model keep tensors, of a library that frees nothing by itself. */
export interface LeakFact {
  readonly kind: 'leaks';
  readonly method: string;
  readonly steps: number;
  /** How many more are held after the last steps than after the second, and how many are left at the end; null where it failed. */
  readonly moreAfterSteps: number | null;
  readonly leftAtEnd: number | null;
  readonly error?: string;
}

export type Fact =
  | SkippedFact
  | OpFact
  | GoldenFact
  | PlacementFact
  | TrainFact
  | HalfFact
  | BenchFact
  | LeakFact
  | MemoryFact;

export const PARTS = [
  'conformance',
  'golden',
  'placement',
  'train',
  'half',
  'leaks',
  'memory',
  'bench',
] as const;
export type Part = (typeof PARTS)[number];

const EXTRA_PARTS: readonly Part[] = ['conformance', 'golden', 'train', 'leaks'];

/** What is checked of each executor: only onnxruntime tells where nodes run, and only its rates are used for plans. */
export const PARTS_OF: Readonly<Record<Asked['executor'], readonly Part[]>> = {
  ort: ['conformance', 'golden', 'placement', 'train', 'half', 'bench'],
  openvino: ['conformance', 'golden', 'train'],
  ggml: ['conformance', 'golden', 'train', 'memory'],
  ...(Object.fromEntries(Object.keys(extras).map((name) => [name, EXTRA_PARTS])) as Record<
    keyof typeof extras,
    readonly Part[]
  >),
};

/** How the time of a check is divided, by what a slow driver takes. */
export const SHARES: Readonly<Record<Part, number>> = {
  conformance: 3,
  golden: 8,
  placement: 1,
  train: 5,
  half: 5,
  leaks: 5,
  memory: 3,
  bench: 2,
};

/** What a part is asked for. */
export interface Asked {
  readonly part: Part;
  readonly executor: 'ort' | 'openvino' | 'ggml' | keyof typeof extras;
  readonly device: 'cpu' | 'webgpu';
  readonly threads: number;
  /** Steps of each training. */
  readonly steps: number;
  /** Names of operations and of families; null: all. */
  readonly ops: readonly string[] | null;
  readonly families: readonly string[] | null;
  /** Time for the part. */
  readonly seconds: number;
}

export type Emit = (fact: Fact) => void;

/** How much a difference in losses may grow in a few steps of training, relatively. */
export const TRAIN_TOLERANCE = 2e-3;

/** Windows ends what a card computes at once for two seconds. */
export const LONGEST_MS = 2000;

/** The same in mixed precision. */
export const HALF_TOLERANCE = 1e-2;

/** Whether what was found is as it should be. */
export function isRight(fact: Fact): boolean {
  if (fact.error !== undefined) return false;
  if (fact.kind === 'op' || fact.kind === 'golden')
    return fact.worst !== null && fact.worst <= fact.tolerance;
  if (fact.kind === 'memory')
    return (
      fact.takenBytes !== null &&
      Math.abs(fact.predictedBytes! / fact.takenBytes - 1) <= MEMORY_TOLERANCE &&
      (fact.isSoftware === true || fact.longestMs <= LONGEST_MS)
    );
  if (fact.kind === 'leaks') return fact.moreAfterSteps === 0 && fact.leftAtEnd === 0;
  if (fact.kind === 'train')
    return isNear(fact, fact.processorLosses, fact.inBfloat16 ? HALF_TOLERANCE : TRAIN_TOLERANCE);
  return fact.kind === 'half' ? isNear(fact, fact.floatLosses, HALF_TOLERANCE) : true;
}

function isNear({ steps, losses }: TrainFact | HalfFact, expected: readonly number[], tolerance: number) {
  return losses.length === steps && losses.every((loss, i) => Math.abs(loss / expected[i]! - 1) <= tolerance);
}
