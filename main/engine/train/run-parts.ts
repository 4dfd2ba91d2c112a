/** What a training run is made of, as train-model.ts sets it up. */
import type { DoneEvent, EngineEvent, ProbeLimits } from '../../../common/protocol/protocol.ts';
import type { OptionalStepFigures, StepFigures, TaskStepFigures } from '../../../common/step-figures.ts';
import { plannedEvalEvery, plannedWarmup, type RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import type { Executor, WeightSource } from '../exec/executor.ts';
import type { JobIo, ReadyModel } from '../load/ready-model.ts';
import type { Model } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import { type MicroBatches, partsOfStep, stepsInEpoch, stepsOfRun } from '../step/batching.ts';
import type { KeptActivations } from '../step/kept-activations.ts';
import type { AdamW } from '../step/moments.ts';
import type { RunData } from '../step/run-data.ts';
import type { TrainState } from '../step/state.ts';
import type { Task } from '../tasks/task.ts';
import type { Cursor, RunIdentity } from './cursor.ts';

export interface TrainIo extends JobIo {
  /** Aborted: finish the step and end the run as early stopping does, with its best weights as the result. */
  readonly finish?: AbortSignal;
  readonly resume: boolean;
  /** When the person asked for the run, in milliseconds since 1970; default: when this process started. */
  readonly startedAt?: number;
  /** Only try the run out, so far; nothing of it is written. */
  readonly probe?: ProbeLimits;
}

export interface TrainingParts extends ReadyModel, JobIo, Pick<TrainIo, 'finish'> {
  readonly config: RunConfig;
  readonly method: Method;
  readonly data: RunData;
  readonly state: TrainState;
  readonly identity: RunIdentity;
  /** Where an earlier part stopped; null for a new run. */
  readonly cursor: Cursor | null;
  readonly startedAt: number;
  /** The rows fed with what frozen layers put out; null or left out where all layers compute. */
  readonly kept?: KeptActivations | null;
}

export type ScheduleName = 'constant' | 'linear' | 'cosine';

interface Schedule {
  readonly name: ScheduleName;
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** The learning rate of step `step`, counted from 0: as in Transformers, a warm-up begins with rate 0. */
export function learningRateAt({ name, peak, warmupSteps, totalSteps }: Schedule, step: number): number {
  if (step < warmupSteps) return (peak * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  switch (name) {
    case 'constant':
      return peak;
    case 'linear':
      return peak * Math.max(0, 1 - progress);
    case 'cosine':
      return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}

export interface Course {
  /** An estimate until the last section of rows was entered, where they are in sections. */
  readonly totalSteps: number;
  readonly evalEvery: number;
  /** Steps of an epoch, counted from 0: a pass through all rows, or through a section of them. */
  stepsInEpoch(epoch: number): number;
  rateAt(step: number): number;
}

export function courseOf({ config, data }: Pick<TrainingParts, 'config' | 'data'>): Course {
  const { training } = data;
  const inEpoch = (epoch: number) => stepsInEpoch(training, epoch, config.gradientAccumulation);
  const known = training.sections === 1 ? stepsOfRun(config, training) : null;
  const scheduleNow = () => {
    const totalSteps = known ?? stepsOfRun(config, training);
    const warmupSteps = plannedWarmup(config, totalSteps);
    return { name: config.schedule, peak: config.learningRate, warmupSteps, totalSteps };
  };
  const inPass = inEpoch(0) * training.sections;
  return {
    get totalSteps() {
      return scheduleNow().totalSteps;
    },
    evalEvery: plannedEvalEvery(config, inPass, data.heldOut?.batches(0) ?? 0),
    stepsInEpoch: inEpoch,
    rateAt: (step) => learningRateAt(scheduleNow(), step),
  };
}

/** How a run takes an optimizer step: as a whole (whole-step.ts), or in a way of an extra. */
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

/** A way of taking a step that some runs ask for. */
/** Makes a run of another one, without training, from what its settings say of that; null where they say nothing that it knows. */
export type RunMaker = (config: RunConfig, io: TrainIo, model: ReadyModel) => Promise<DoneEvent> | null;

export interface StepWay {
  isFor(config: RunConfig): boolean;
  open(options: StepperOptions): Stepper;
}

export interface StepperOptions {
  readonly task: Task;
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

/** What goes through the model at once in the step at `place`, part after part. */
export async function batchesOfStep(options: StepperOptions, place: StepPlace): Promise<Batch[]> {
  const [first, end] = partsOfStep(options, place);
  const batches: Batch[] = [];
  for (let part = first; part < end; part++) batches.push(await options.batching.batch(place.epoch, part));
  return batches;
}

/** Which optimizer step: counted over the run, and its place in the data. */
export interface StepPlace {
  readonly step: number;
  readonly epoch: number;
  readonly epochStep: number;
}

/** What the task tells of a step, before its update, what the update tells, and any figure that not every step has. */
export type StepResult = TaskStepFigures & OptionalStepFigures & Pick<StepFigures, 'gradNorm' | 'tokens'>;
