/** What a training step will take, computed from the very graphs that will run. */
import type { Executor } from './exec/executor.ts';
import type { Method } from './nn/parameters.ts';
import type { GraphFigures } from './pricing/figures.ts';
import { type KnownModel, rememberedFigures } from './pricing/known-figures.ts';
import type { PricedShapes } from './pricing/layers.ts';
import type { StepMemory, StepWork } from './protocol.ts';

const FLOAT_BYTES = 4;

export interface StepPrice {
  readonly trainableParameters: number;
  /** Frozen weights in float32, bytes. */
  readonly weightBytes: number;
  /** Trained parameters, their gradients and AdamW's two moments in float32, bytes. */
  readonly stateBytes: number;
  /** Largest sum of intermediate values alive at once during a step, bytes. */
  readonly workingBytes: number;
  /** Floating point operations of one micro-batch, forward and backward. */
  readonly flops: number;
  readonly memory: Omit<StepMemory, 'mappings'>;
  readonly work: Pick<StepWork, 'gradient' | 'update' | 'updateRuns' | 'evaluation'>;
}

/** Prices the steps of `method`; `anchored`: whether where the weights began is kept beside them. */
export function priceStep(
  opened: KnownModel,
  method: Method,
  shapes: PricedShapes,
  executor: Executor,
  anchored = false,
): StepPrice {
  const figures = rememberedFigures(opened, method, shapes, executor);
  const { parameters, gradient, evaluation } = figures;
  const kept = (anchored ? 5 : 4) * FLOAT_BYTES * parameters;
  const trainedBytes = FLOAT_BYTES * parameters;
  return {
    trainableParameters: parameters,
    weightBytes: gradient.weightBytes,
    stateBytes: kept,
    workingBytes: Math.max(gradient.turn.bytes, gradient.after.bytes),
    flops: gradient.flops,
    memory: {
      trainedBytes,
      gradientBytes: trainedBytes,
      optimizerBytes: kept - 2 * trainedBytes,
      ...valuesOf([gradient, ...(evaluation ? [evaluation] : [])]),
    },
    work: {
      gradient: gradient.work,
      update: updateWork(trainedBytes, anchored),
      updateRuns: 1,
      evaluation: evaluation?.work ?? null,
    },
  };
}

/** AdamW reads parameters, gradients and both moments (and the anchor, and the parameters again), and writes all but the gradients. */
function updateWork(trainedBytes: number, anchored: boolean) {
  const moved = [{ operandBytes: trainedBytes, bytes: (anchored ? 10 : 7) * trainedBytes }];
  return { products: [], moved, exponentials: 0, nodes: 0, outputBytes: 0, runs: 0 };
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
