/** How a run takes an optimizer step: as a whole (whole-step.ts), or layer by layer (layerwise.ts). */

import type { EngineEvent, PreferenceFigures } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../config/config.ts';
import type { Executor, WeightSource } from '../exec/executor.ts';
import type { Model } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import type { Objective } from '../objectives/objective.ts';
import type { MicroBatches } from '../step/batching.ts';
import type { AdamW } from '../step/moments.ts';

import type { TrainState } from '../step/state.ts';
import type { Cursor } from './cursor.ts';

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
  /** Called with numbers before anything is changed with them; throws where one is not finite. */
  requireFinite(what: 'loss' | 'gradient', value: number): void;
}

/** Which optimizer step: counted over the run, and its place in the data. */
export interface StepPlace {
  readonly step: number;
  readonly epoch: number;
  readonly epochStep: number;
}

export interface StepResult {
  /** Mean over the labelled tokens, or over pairs, before the update. */
  readonly loss: number;
  readonly preference?: PreferenceFigures;
  /** L2 norm of the mean's gradient before clipping. */
  readonly gradNorm: number;
  readonly tokens: number;
}
