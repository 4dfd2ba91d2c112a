/** What a training step will take, computed from the very graphs that will run. */

import type { StepMemory, StepWork } from '../../../common/protocol/protocol.ts';
import type { Executor } from '../exec/executor.ts';
import type { Method } from '../nn/parameters.ts';
import { GROUP_ELEMENTS } from '../train/device-state.ts';
import { momentBytes, type Optimizer } from '../train/moments.ts';
import { GIVEN_BACK_BYTES } from '../train/state.ts';
import type { GraphFigures } from './figures.ts';
import { type KnownModel, rememberedFigures } from './known-figures.ts';
import type { PricedShapes } from './layers.ts';

const FLOAT_BYTES = 4;
/** How many times as long an update with moments in 8 bits takes as one with float32 moments (docs/decisions/0023). */
const PACKED_UPDATE = 1.6;

/** What an update takes more where trained values are kept in 16 bits, in updates of AdamW (docs/decisions/0032). */
const HALVED_UPDATE = 2;

/** What is kept beside trained values and gradients. */
export interface Kept {
  readonly optimizer?: Optimizer;
  /** Whether the values that the run began with are. */
  readonly anchored?: boolean;
}

export interface StepPrice {
  readonly trainableParameters: number;
  /** Frozen weights in float32, bytes. */
  readonly weightBytes: number;
  /** Trained parameters, their gradients (as many as there are at once) and AdamW's two moments, bytes. */
  readonly stateBytes: number;
  /** Largest sum of intermediate values alive at once during a step, bytes. */
  readonly workingBytes: number;
  /** Floating point operations of one micro-batch, forward and backward. */
  readonly flops: number;
  readonly memory: Omit<StepMemory, 'mappings'>;
  readonly work: Pick<
    StepWork,
    'gradient' | 'update' | 'updateRuns' | 'updatedWeights' | 'updateFactor' | 'evaluation'
  >;
}

/** Prices the steps of `method`. */
export function priceStep(
  opened: KnownModel,
  method: Method,
  shapes: PricedShapes,
  executor: Executor,
  { optimizer = 'adamw', anchored = false }: Kept = {},
): StepPrice {
  const figures = rememberedFigures(opened, method, shapes, executor);
  const { parameters, trainedBytes, gradient, evaluation } = figures;
  const updatedBytes = FLOAT_BYTES * parameters;
  const gradientBytes = figures.gradientBytes ?? updatedBytes;
  const optimizerBytes = momentBytes(optimizer) * parameters + (anchored ? trainedBytes : 0);
  const factor =
    (optimizer === 'adamw-8bit' ? PACKED_UPDATE : 1) + (trainedBytes < updatedBytes ? HALVED_UPDATE : 0);
  return {
    trainableParameters: parameters,
    weightBytes: gradient.weightBytes,
    stateBytes: trainedBytes + gradientBytes + optimizerBytes,
    workingBytes: Math.max(gradient.turn.bytes, gradient.after.bytes),
    flops: gradient.flops,
    memory: {
      trainedBytes,
      gradientBytes,
      optimizerBytes,
      updateBytes: Math.min(trainedBytes, FLOAT_BYTES * GROUP_ELEMENTS),
      ...valuesOf([gradient, ...(evaluation ? [evaluation] : [])]),
    },
    work: {
      gradient: gradient.work,
      update: updateWork(
        factor * updatedBytes,
        anchored,
        executor.writesInPlace ? newBytesOf(gradientBytes) : 0,
      ),
      updateRuns: 1,
      updatedWeights: parameters,
      updateFactor: factor,
      evaluation: evaluation?.work ?? null,
    },
  };
}

/** Bytes of the gradients that are new memory in each step: few gradients keep theirs. */
function newBytesOf(gradientBytes: number): number {
  return gradientBytes >= GIVEN_BACK_BYTES ? gradientBytes : 0;
}

/** AdamW reads parameters, gradients and both moments (and the anchor, and the parameters again), and writes all but the gradients, of which `newBytes` have new memory in each step. */
function updateWork(trainedBytes: number, anchored: boolean, newBytes: number) {
  const moved = [{ operandBytes: trainedBytes, bytes: (anchored ? 10 : 7) * trainedBytes }];
  return { products: [], moved, exponentials: 0, nodes: 0, outputBytes: newBytes, runs: 0 };
}

/** What the values of all graphs take: they run one after the other, so the larger one counts, but all are compiled. */
function valuesOf(
  graphs: readonly GraphFigures[],
): Pick<StepMemory, 'activationBytes' | 'logitBytes' | 'heapBytes' | 'sessionBytes'> {
  const largest = graphs.reduce((most, one) => (one.heapBytes > most.heapBytes ? one : most));
  const peak = largest.after.bytes > largest.turn.bytes ? largest.after : largest.turn;
  const liveBytes = Math.max(largest.turnBytes, largest.afterBytes);
  const logitBytes = peak.bytes === 0 ? 0 : (liveBytes * peak.lossBytes) / peak.bytes;
  return {
    logitBytes,
    activationBytes: liveBytes - logitBytes,
    heapBytes: largest.heapBytes - liveBytes,
    sessionBytes: graphs.reduce((bytes, one) => bytes + one.sessionBytes, 0),
  };
}
