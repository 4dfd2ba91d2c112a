/** The course of a run that is known before it begins: how long it is, when it is measured, and the learning rate of each step. */
import { plannedEvalEvery, plannedSteps, plannedWarmup } from '../config/config.ts';
import { stepsInEpoch } from './run-data.ts';
import type { TrainingParts } from './run-parts.ts';

export type ScheduleName = 'constant' | 'linear' | 'cosine';

export interface Schedule {
  readonly name: ScheduleName;
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** The learning rate of step `step`, counted from 0 as in Transformers: the first step of a warm-up has rate 0. */
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
  readonly totalSteps: number;
  /** Steps from one evaluation to the next. */
  readonly evalEvery: number;
  /** Steps of an epoch, counted from 0; remembered, since counting them packs its rows. */
  stepsInEpoch(epoch: number): number;
  rateAt(step: number): number;
}

export function courseOf({ config, data }: Pick<TrainingParts, 'config' | 'data'>): Course {
  const counted: number[] = [];
  const inEpoch = (epoch: number) => {
    counted[epoch] ??= stepsInEpoch(data.training, epoch, config.gradientAccumulation);
    return counted[epoch];
  };
  const totalSteps = plannedSteps(config, inEpoch);
  const warmupSteps = plannedWarmup(config, totalSteps);
  const schedule = { name: config.schedule, peak: config.learningRate, warmupSteps, totalSteps };
  return {
    totalSteps,
    evalEvery: plannedEvalEvery(config, inEpoch(0)),
    stepsInEpoch: inEpoch,
    rateAt: (step) => learningRateAt(schedule, step),
  };
}
