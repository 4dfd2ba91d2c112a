/** What a job looks like while it goes on, as a pure function of the engine's events. */
import type { RunDetails } from '../../preload/contract.ts';
import type { EngineEvent, Phase, PhaseEvent } from '../engine/protocol.ts';
import type { Reached } from './queue.ts';

/** How far a job is. */
export interface Progress {
  readonly doing: string;
  /** Of the whole job, 0 to 1; null where the end is not known. */
  readonly fraction: number | null;
  readonly step: number | null;
  readonly steps: number | null;
  readonly secondsLeft: number | null;
}

export const NO_PROGRESS: Progress = {
  doing: '',
  fraction: null,
  step: null,
  steps: null,
  secondsLeft: null,
};

const DOING: Readonly<Record<Phase, string>> = {
  read: 'Reading the data',
  tokenize: 'Turning the rows into tokens',
  load: 'Loading the model',
  compile: 'Preparing the computation',
  resume: 'Reading the checkpoint',
  evaluate: 'Measuring on held-out rows',
  save: 'Saving',
  export: 'Exporting',
  assess: 'Comparing with the untouched model',
};

/** What is left of the bar for the comparison at the end of a training that has one. */
const ASSESS_SHARE = 0.1;

/** What the job is that makes progress. */
export interface Work {
  readonly kind: 'train' | 'assess' | 'export';
  /** Whether a training is compared with the untouched model at its end. */
  readonly assess: boolean;
}

/** The progress after `event`. */
export function advanced(progress: Progress, event: EngineEvent, work: Work): Progress {
  switch (event.event) {
    case 'phase':
      return { ...progress, doing: doing(event), fraction: phaseFraction(progress, event, work) };
    case 'start':
      return { ...progress, doing: '', ...stepsOf(event.stepsDone, event.steps, work) };
    case 'step':
      return {
        doing: '',
        ...stepsOf(event.step, event.steps, work),
        secondsLeft: event.secondsLeft,
      };
    case 'warning':
      return progress;
    case 'rescue':
      return { ...NO_PROGRESS, doing: 'Starting again with settings that take less' };
    default:
      return { ...progress, doing: '' };
  }
}

function doing({ phase, detail }: PhaseEvent): string {
  return detail ? `${DOING[phase]}: ${detail}` : DOING[phase];
}

/** How far a training is that has no engine: as its run is recorded. */
export function recordedProgress({ step, steps, config }: RunDetails): Reached | null {
  return steps === null ? null : stepsOf(step, steps, { assess: config.assess === true });
}

function stepsOf(step: number, steps: number, { assess }: Pick<Work, 'assess'>) {
  const share = assess ? 1 - ASSESS_SHARE : 1;
  return { step, steps, fraction: steps > 0 ? (share * step) / steps : null };
}

/** A training's bar is its steps; the parts of other jobs have no common measure, so each part has its own. */
function phaseFraction(progress: Progress, { phase, fraction }: PhaseEvent, work: Work): number | null {
  if (work.kind !== 'train') return fraction ?? null;
  if (phase !== 'assess' || progress.fraction === null) return progress.fraction;
  return Math.max(progress.fraction, 1 - ASSESS_SHARE);
}
