/** What a training step will take, computed from the very graphs that will run. */
import type { Executor } from './exec/executor.ts';
import type { Graph } from './ir/graph.ts';
import { sizeOfAll } from './ir/shape.ts';
import type { OpenedModel } from './load/open-model.ts';
import type { Method } from './nn/parameters.ts';
import { costOf } from './passes/cost.ts';
import { optimise } from './passes/index.ts';
import { memoryOf } from './passes/memory.ts';
import { workOf } from './pricing/work.ts';
import type { StepMemory, StepWork } from './protocol.ts';
import { UPDATE_CHUNK } from './train/state.ts';
import {
  type BatchShape,
  evaluationStep,
  gradientStep,
  squaresGraph,
  updateGraph,
} from './train/step-graphs.ts';

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

/** The shapes of micro-batches, and of the batches that measure the held-out rows where there are any. */
export interface PricedShapes {
  readonly training: BatchShape;
  readonly evaluation: BatchShape | null;
}

/** Prices the steps of `method`; `anchored`: whether where the weights began is kept beside them. */
export function priceStep(
  { model }: Pick<OpenedModel, 'model'>,
  method: Method,
  shapes: PricedShapes,
  executor: Executor,
  anchored = false,
): StepPrice {
  const { graph, trainables } = gradientStep(model, method, shapes.training);
  const ready = optimise(graph, executor.fusedOperations);
  const donated = new Set(trainables.map(({ name }) => `grad.${name}`));
  const live = memoryOf(ready, donated);
  const evaluation =
    shapes.evaluation &&
    optimise(evaluationStep(model, method, shapes.evaluation).graph, executor.fusedOperations);
  const parameters = sizeOfAll(trainables);
  const chunk = Math.min(UPDATE_CHUNK, Math.max(1, parameters));
  const kept = (anchored ? 5 : 4) * FLOAT_BYTES * parameters;
  const trainedBytes = FLOAT_BYTES * parameters;
  return {
    trainableParameters: parameters,
    weightBytes: live.weightBytes,
    stateBytes: kept,
    workingBytes: live.peakBytes,
    flops: costOf(ready).total.flops,
    memory: {
      trainedBytes,
      gradientBytes: trainedBytes,
      optimizerBytes: kept - 2 * trainedBytes,
      ...valuesOf(ready, evaluation, donated, executor),
    },
    work: {
      gradient: workOf(ready),
      update: updateWork(chunk, anchored, executor),
      updateRuns: Math.ceil(parameters / chunk),
      evaluation: evaluation && workOf(evaluation),
    },
  };
}

function updateWork(chunk: number, anchored: boolean, executor: Executor) {
  const [squares, update] = [squaresGraph(chunk), updateGraph(chunk, anchored)].map((graph) =>
    workOf(optimise(graph, executor.fusedOperations)),
  );
  return {
    products: [],
    moved: [...squares!.moved, ...update!.moved],
    exponentials: squares!.exponentials + update!.exponentials,
    nodes: squares!.nodes + update!.nodes,
  };
}

/** What the values of both graphs take: they run one after the other, so the larger one counts, but both are compiled. */
function valuesOf(
  training: Graph,
  evaluation: Graph | null,
  donated: ReadonlySet<string>,
  executor: Executor,
): Pick<StepMemory, 'activationBytes' | 'logitBytes' | 'heapBytes' | 'sessionBytes'> {
  const none = new Set<string>();
  const graphs = [
    { graph: training, elsewhere: donated },
    ...(evaluation ? [{ graph: evaluation, elsewhere: none }] : []),
  ];
  const all = graphs.map(({ graph, elsewhere }) => ({
    ...executor.memoryOf(graph, elsewhere),
    atPeak: memoryOf(graph, elsewhere).atPeak,
  }));
  const largest = all.reduce((most, one) => (one.heapBytes > most.heapBytes ? one : most));
  const sum = largest.atPeak.reduce((bytes, part) => bytes + part.bytes, 0);
  const inLoss = largest.atPeak.find(({ scope }) => scope === 'loss')?.bytes ?? 0;
  const logitBytes = sum === 0 ? 0 : (largest.liveBytes * inLoss) / sum;
  return {
    logitBytes,
    activationBytes: largest.liveBytes - logitBytes,
    heapBytes: largest.heapBytes - largest.liveBytes,
    sessionBytes: all.reduce((bytes, one) => bytes + one.sessionBytes, 0),
  };
}
