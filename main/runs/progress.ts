/** What a job looks like while it goes on, as a pure function of the engine's events. */
import type { Job, RunDetails } from '../../common/api/contract.ts';
import type { EngineEvent, PhaseEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { said, say } from '../../common/words/language.ts';
import { PHASES } from '../../common/words/run.ts';
import type { Reached } from './queue.ts';

/** How far a job is. */
export interface Progress extends Pick<Job, 'doing' | 'fraction' | 'step' | 'steps' | 'secondsLeft'> {
  /** Whether a training is over and its result is compared with the base model, which can be skipped. */
  readonly comparing: boolean;
  /** The share of the time that is the training's; null before anything is known of it. */
  readonly trainingShare: number | null;
}

export const NO_PROGRESS: Progress = {
  doing: '',
  fraction: null,
  step: null,
  steps: null,
  secondsLeft: null,
  comparing: false,
  trainingShare: null,
};

/** The training's share of the time before the comparison after it can be estimated. */
const USUAL_SHARE = 0.7;

/** What the job is that makes progress. */
export interface Work {
  readonly kind: 'train' | 'assess' | 'export';
  /** Whether a training is compared with the base model at its end. */
  readonly assess: boolean;
}

/** The progress after `event`. */
export function advanced(progress: Progress, event: EngineEvent, work: Work): Progress {
  switch (event.event) {
    case 'phase':
      return { ...progress, doing: doing(event), ...inPhase(progress, event, work) };
    case 'start':
      return {
        ...progress,
        doing: '',
        comparing: false,
        ...stepsOf(progress, event.stepsDone, event.steps, work),
      };
    case 'step':
      return afterStep(progress, event, work);
    case 'warning':
      return progress;
    case 'rescue':
      return { ...NO_PROGRESS, doing: say`Starting again with lighter settings` };
    default:
      return { ...progress, doing: '' };
  }
}

function doing({ phase, detail }: PhaseEvent): string {
  return detail ? `${said(PHASES[phase])}: ${detail}` : said(PHASES[phase]);
}

/** How far a training is that has no engine: as its run is recorded. */
export function recordedProgress({ step, steps, config }: RunDetails): Reached | null {
  return steps === null ? null : stepsOf(NO_PROGRESS, step, steps, { assess: config.assess === true });
}

function afterStep(progress: Progress, event: StepEvent, work: Work): Progress {
  const { step, steps, secondsLeft, assessmentSeconds } = event;
  const known = { ...progress, trainingShare: shareOf(event) ?? progress.trainingShare };
  return {
    ...known,
    doing: '',
    comparing: false,
    ...stepsOf(known, step, steps, work),
    secondsLeft: secondsLeft === null ? null : secondsLeft + (assessmentSeconds ?? 0),
  };
}

/** How much of all the time is the training's, by what is left of it and of its steps. */
function shareOf({ step, steps, secondsLeft, assessmentSeconds }: StepEvent): number | null {
  if (secondsLeft === null || assessmentSeconds === undefined || step >= steps) return null;
  const training = secondsLeft / (1 - step / steps);
  return training / (training + assessmentSeconds);
}

/** The bar never goes back within a part of a run, though what is known of the comparison changes. */
function stepsOf(progress: Progress, step: number, steps: number, { assess }: Pick<Work, 'assess'>) {
  if (steps === 0) return { step, steps, fraction: null };
  const fraction = ((assess ? (progress.trainingShare ?? USUAL_SHARE) : 1) * step) / steps;
  const isOn = progress.step !== null && progress.step < step;
  return { step, steps, fraction: isOn ? Math.max(progress.fraction ?? 0, fraction) : fraction };
}

/** The parts of a training that are no steps do not move its bar, but for the comparison; other jobs have the fractions of their parts. */
function inPhase(
  { fraction, trainingShare, secondsLeft }: Progress,
  { phase, ...event }: PhaseEvent,
  { kind }: Work,
): Partial<Progress> {
  // what comes before the comparison is short, and would fill the bar once more
  if (kind === 'assess' && phase !== 'assess') return { fraction: null };
  if (kind !== 'train') return { fraction: event.fraction ?? null, secondsLeft: event.secondsLeft ?? null };
  if (phase !== 'assess') return {};
  const trained = Math.max(fraction ?? 0, trainingShare ?? USUAL_SHARE);
  const share = trainingShare ?? USUAL_SHARE;
  const reached = share + (1 - share) * (event.fraction ?? 0);
  return {
    comparing: true,
    fraction: Math.max(trained, reached),
    secondsLeft: event.secondsLeft ?? secondsLeft,
  };
}
