/** What a training step will take, computed from the very graphs that will run. */
import { LRUCache } from 'lru-cache';
import type { StepMemory, StepWork, Work } from '../../../common/protocol/protocol.ts';
import type { Executor } from '../exec/executor.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Method } from '../nn/parameters.ts';
import { GROUP_ELEMENTS } from '../step/device-state.ts';
import { momentBytes, type Optimizer } from '../step/moments.ts';
import { GIVEN_BACK_BYTES } from '../step/state.ts';
import type { BatchShape } from '../tasks/feeds.ts';
import type { GraphFigures } from './graph-figures.ts';
import {
  evaluationFigures,
  frozenFigures,
  type PricedShapes,
  type StepFigures,
  trainingFigures,
} from './layers.ts';

const FLOAT_BYTES = 4;
/** How much longer an update takes with moments in 8 bits than in float32 (docs/decisions/0023). */
const PACKED_UPDATE = 1.6;

/** What an update takes more for weights in 16 bits, in updates of AdamW (docs/decisions/0032). */
const HALVED_UPDATE = 2;

interface Kept {
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
  /** What frozen layers do once for a micro-batch and for a batch of held-out rows, where that is kept. */
  readonly frozen?: readonly [training: Work, evaluation: Work | null];
}

export function priceStep(
  opened: KnownModel,
  method: Method,
  shapes: PricedShapes,
  executor: Executor,
  { optimizer = 'adamw', anchored = false }: Kept = {},
): StepPrice {
  const figures = rememberedFigures(opened, method, shapes, executor);
  const { parameters, trainedBytes, gradient, evaluation, frozen } = figures;
  const graphs = [gradient, evaluation, ...(frozen ?? [])].filter((graph) => graph !== null);
  const updatedBytes = FLOAT_BYTES * parameters;
  const gradientBytes = figures.gradientBytes ?? updatedBytes;
  const optimizerBytes = momentBytes(optimizer) * parameters + (anchored ? trainedBytes : 0);
  const factor =
    (optimizer === 'adamw-8bit' ? PACKED_UPDATE : 1) + (trainedBytes < updatedBytes ? HALVED_UPDATE : 0);
  return {
    trainableParameters: parameters,
    weightBytes: gradient.weightBytes + (frozen?.[0].weightBytes ?? 0),
    stateBytes: trainedBytes + gradientBytes + optimizerBytes,
    workingBytes: Math.max(gradient.turn.bytes, gradient.after.bytes),
    flops: gradient.flops,
    memory: {
      trainedBytes,
      gradientBytes,
      optimizerBytes,
      updateBytes: executor.writesBack
        ? (figures.largestBytes ?? trainedBytes)
        : Math.min(trainedBytes, FLOAT_BYTES * GROUP_ELEMENTS),
      ...valuesOf(graphs),
    },
    work: {
      gradient: gradient.work,
      update: updateWork(
        factor * updatedBytes,
        anchored,
        // few gradients keep their memory from step to step
        executor.writesInPlace && gradientBytes >= GIVEN_BACK_BYTES ? gradientBytes : 0,
      ),
      updateRuns: 1,
      updatedWeights: parameters,
      updateFactor: factor,
      evaluation: evaluation?.work ?? null,
    },
    ...(frozen && { frozen: [frozen[0].work, frozen[1]?.work ?? null] as const }),
  };
}

/**
 * AdamW reads parameters, gradients and moments (and the anchor, and parameters again), and writes all but
 * the gradients, of which `newBytes` are new memory.
 */
function updateWork(trainedBytes: number, anchored: boolean, newBytes: number) {
  const moved = [{ operandBytes: trainedBytes, bytes: (anchored ? 10 : 7) * trainedBytes }];
  return { products: [], moved, exponentials: 0, nodes: 0, outputBytes: newBytes, runs: 0 };
}

/** What the values of all graphs take: they run in turn, so the largest counts, but all are compiled. */
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

/** What is known of a model before its weights are looked at. */
export type KnownModel = Pick<OpenedModel, 'config' | 'model' | 'outline' | 'halves'>;

const KEPT = 200;
const known = new LRUCache<string, object>({ max: KEPT });

/**
 * The figures of a step, computed once for all that changes its graphs; other held-out rows change no
 * training.
 */
export function rememberedFigures(
  opened: KnownModel,
  method: Method,
  { training, evaluation, task }: PricedShapes,
  executor: Executor,
): StepFigures {
  const { model } = opened;
  // each device has lowerings and an account of memory of its own
  const about = JSON.stringify([
    ...[opened.config, model.newTokens, trainedBy(method, opened), executor.name, executor.device],
    executor.keeps,
    task?.name,
  ]);
  const keyOf = (shape: unknown) => `${JSON.stringify(shape)} ${about}`;
  const frozen = (shape: PricedShapes['training'] | BatchShape) =>
    remembered(`frozen ${keyOf(shape)}`, () => frozenFigures(model, method, shape, executor));
  return {
    ...(training.kept && { frozen: [frozen(training), evaluation && frozen(evaluation)] as const }),
    ...remembered(`training ${keyOf(training)}`, () =>
      trainingFigures(model, method, training, executor, undefined, task?.loss),
    ),
    evaluation:
      evaluation &&
      remembered(`evaluation ${keyOf(evaluation)}`, () =>
        evaluationFigures(model, method, evaluation, executor, undefined, task?.loss),
      ),
  };
}

function remembered<Figures extends object>(key: string, compute: () => Figures): Figures {
  const figures = (known.get(key) as Figures | undefined) ?? compute();
  known.set(key, figures);
  return figures;
}

function trainedBy(method: Method, { outline }: KnownModel): unknown {
  if (method.kind !== 'lora') return method.kind === 'full' ? method : method.kind;
  return [
    method.quantised ?? null,
    // figures depend on sizes alone, so that either type of 16 bits is the same
    method.halves ? [...outline.parameters.keys()].filter((name) => !method.halves?.has(name)) : null,
    method.precision ?? null,
    method.dropout,
    [...outline.linears.keys()].map((module) => method.adapterOf(module)),
  ];
}
