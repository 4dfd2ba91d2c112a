/** What a training step will take, computed from the very graph that will run. */
import type { Executor } from './exec/executor.ts';
import { sizeOfAll } from './ir/shape.ts';
import type { OpenedModel } from './load/open-model.ts';
import type { Method } from './nn/parameters.ts';
import { costOf } from './passes/cost.ts';
import { optimise } from './passes/index.ts';
import { memoryOf } from './passes/memory.ts';
import { type BatchShape, gradientStep } from './train/step-graphs.ts';

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
}

/** Prices one gradient step of `method` on micro-batches of `shape`. */
export function priceStep(
  { model }: OpenedModel,
  method: Method,
  shape: BatchShape,
  executor: Executor,
): StepPrice {
  const { graph, trainables } = gradientStep(model, method, shape);
  const ready = optimise(graph, executor.fusedOperations);
  const memory = memoryOf(ready, new Set(trainables.map(({ name }) => `grad.${name}`)));
  const trainableParameters = sizeOfAll(trainables);
  return {
    trainableParameters,
    weightBytes: memory.weightBytes,
    stateBytes: 4 * 4 * trainableParameters,
    workingBytes: memory.peakBytes,
    flops: costOf(ready).total.flops,
  };
}
