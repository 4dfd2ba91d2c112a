/** How a run takes an optimizer step: from all gradients at once (whole-step.ts), or layer by layer (layerwise.ts). */

import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../config/config.ts';
import type { Executor, WeightSource } from '../exec/executor.ts';
import type { Model } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import type { MicroBatches } from './batching.ts';
import type { Cursor } from './cursor.ts';
import type { AdamW } from './moments.ts';
import type { Objective } from './objective.ts';
import type { TrainState } from './state.ts';

export interface Stepper {
  /** What a checkpoint holds of it besides the state; nothing before there is something to go on with. */
  readonly saved: Pick<Cursor, 'lossScale' | 'squares'>;
  /** Compiles the graphs for the micro-batches of `epoch`, where their shape is another one than before. */
  prepare(epoch: number): Promise<void>;
  /** Takes the step at `place`, whose epoch was prepared: its gradients, then the update. */
  step(place: StepPlace, settings: AdamW): Promise<StepResult>;
  /** Releases programs that cannot stay beside another one; the next `prepare` compiles them again. */
  makeRoom(): Promise<void>;
  release(): Promise<void>;
}

export interface StepperOptions {
  readonly objective: Objective;
  readonly config: Pick<RunConfig, 'seed' | 'gradientAccumulation' | 'recompute' | 'precision'>;
  readonly executor: Executor;
  readonly model: Model;
  readonly weights: WeightSource;
  readonly method: Method;
  readonly batching: MicroBatches;
  readonly state: TrainState;
  /** `saved` of the run that goes on; null for a new one. */
  readonly saved: Stepper['saved'] | null;
  emit(event: EngineEvent): void;
  /** Called with numbers that must be finite before anything is changed with them; throws where one is not. */
  requireFinite(what: 'loss' | 'gradient', value: number): void;
}

/** Which optimizer step: counted over the run, and its place in the data. */
export interface StepPlace {
  readonly step: number;
  readonly epoch: number;
  readonly epochStep: number;
}

export interface StepResult {
  /** Mean over the labelled tokens, before the update. */
  readonly loss: number;
  /** L2 norm of the mean's gradient before clipping. */
  readonly gradNorm: number;
  readonly tokens: number;
}

/** The micro-batches of the step at `place`, or their parts: the first one, and the one after the last. */
export function partsOfStep(
  {
    config,
    batching,
  }: Pick<StepperOptions, 'batching'> & { config: Pick<RunConfig, 'gradientAccumulation'> },
  { epoch, epochStep }: StepPlace,
): readonly [first: number, end: number] {
  const from = epochStep * config.gradientAccumulation;
  const to = Math.min(batching.batches(epoch), from + config.gradientAccumulation);
  return batching.partsOf(epoch, from, to);
}

/** Whether the gradient of a step is a sum over several runs of its graph, or lives where it must be one. */
export function accumulates({
  config: { gradientAccumulation },
  batching: { isSplit },
  executor: { keeps },
}: {
  readonly config: Pick<RunConfig, 'gradientAccumulation'>;
  readonly batching: Pick<MicroBatches, 'isSplit'>;
  readonly executor: Pick<Executor, 'keeps'>;
}): boolean {
  return gradientAccumulation > 1 || isSplit || keeps === 'device';
}
