/** Trying a run out: how far that goes, how long it will take, and what may be expected of a run by what its first steps took. */
import type { RangedFigure } from '../../common/api/contract.ts';
import type { ProbeLimits } from '../../common/protocol/protocol.ts';

/**
 * First steps are on memory that nobody has used before, and take up to twice as long as later ones: five of eight, 0.6 s in all, where
 * that was looked at (docs/log.md). Two seconds are enough for small models; steps that are longer do more work for each page.
 */
export const PROBE_LIMITS: ProbeLimits = {
  ...{ steps: 3, warmSeconds: 2, mostWarmSteps: 20, evaluationSeconds: 20 },
};

/** What a probe measured. Bytes and seconds. */
export interface Probe {
  readonly peakBytes: number;
  /** Of each step that counted. */
  readonly stepSeconds: readonly number[];
  /** Steps that were taken before them. */
  readonly warmSteps: number;
  /** Of one whole evaluation; null where no rows are held out. */
  readonly evaluationSeconds: number | null;
}

/** How far a run may be from its own probe. */
export const PROBE_MEMORY_SPREAD = 1.05;
/** The same run took 70 and 81 ms a step on another day of a quiet computer (docs/planner.md), and a few steps do not see that. */
const TIME_SPREAD = 1.2;
/** Without steps before them, those that count may be slower than all later ones by so much. */
const COLD_SPREAD = 1.3;
/** Beyond what was seen of three steps there is more to be expected of many. */
const BEYOND_SEEN = 1.05;

/** Seconds of a step of the run that was tried out, from what its steps took. */
export function probedStep({ stepSeconds, warmSteps }: Probe): RangedFigure {
  // without others before it the first one pays for memory that later ones find in place
  const usual = warmSteps === 0 && stepSeconds.length > 1 ? stepSeconds.slice(1) : stepSeconds;
  const sorted = [...usual].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const value = (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
  const below = warmSteps === 0 ? COLD_SPREAD : TIME_SPREAD;
  return {
    value,
    low: Math.min(value / below, sorted[0]! / BEYOND_SEEN),
    high: Math.max(value * TIME_SPREAD, sorted.at(-1)! * BEYOND_SEEN),
    restsOn: 'probe',
  };
}

/** Seconds that trying a run out will take, by what its parts are expected to; `evaluation` of one, in `batches`. */
export function secondsOfProbe({
  start,
  step,
  evaluation,
  batches,
}: Readonly<Record<'start' | 'step' | 'evaluation' | 'batches', number>>): number {
  const { steps, warmSeconds, mostWarmSteps, evaluationSeconds } = PROBE_LIMITS;
  const warm = step > warmSeconds ? 0 : Math.min(mostWarmSteps, Math.ceil(warmSeconds / step)) * step;
  const batch = batches > 0 ? evaluation / batches : 0;
  // the batch that is under way is ended
  const measured = Math.min(evaluation, Math.max(evaluationSeconds, batch));
  return start + measured + warm + steps * step;
}
