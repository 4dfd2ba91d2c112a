/**
 * A look before a run: a few steps at each of three learning rates, on the same rows and from the same beginning. The best rate is the
 * run's, which then begins as if it had been named: its numbers are those of a run without a look.
 */
import type { LookEvent } from '../../../common/protocol/protocol.ts';
import { ratesOfLook, stepsOfLook } from '../../../common/settings/look.ts';
import { type Course, courseOf, learningRateAt, type TrainingParts } from './run-parts.ts';
import { type OpenStepper, optimizerAt } from './training-run.ts';

interface Looking extends Pick<TrainingParts, 'config' | 'data' | 'emit' | 'stop'> {
  /** Brings the state to where the run begins. */
  begin(): Promise<void>;
}

/** Steps over which the rate rises: the first updates of AdamW are as large as the rate allows. */
const WARMUP_STEPS = 2;
/** The last losses of a rate are its score, as this share of its steps. */
const SCORED = 1 / 3;

class NotFinite extends Error {}

function requireFinite(_: string, value: number): void {
  if (!Number.isFinite(value)) throw new NotFinite();
}

/** What a look finds; null where the run is too short for one. The state is the run's beginning again. */
export async function lookFirst(looking: Looking, open: OpenStepper): Promise<LookEvent | null> {
  const { config, emit, stop, begin } = looking;
  const course = courseOf(looking);
  open.requireFinite = requireFinite;
  const steps = stepsOfLook(course.totalSteps);
  if (steps === 0) return null;
  const began = performance.now();
  const tried: LookEvent['tried'][number][] = [];
  for (const [i, rate] of ratesOfLook(config.learningRate).entries()) {
    emit({ event: 'phase', phase: 'look', fraction: i / 3 });
    tried.push({ learningRate: rate, loss: await lossAt(rate, steps, { ...looking, ...open, course }) });
    stop.throwIfAborted();
    await begin();
  }
  const learningRate = bestOf(tried);
  const seconds = (performance.now() - began) / 1000;
  return { event: 'look', steps, tried, learningRate, seconds };
}

/** The mean loss of the last steps at `rate`; each is of rows that were not trained on before. null where training diverges. */
async function lossAt(
  rate: number,
  steps: number,
  { config, course, data, stepper, stop }: Looking & OpenStepper & { readonly course: Course },
): Promise<number | null> {
  const schedule = { name: 'constant', peak: rate, warmupSteps: WARMUP_STEPS, totalSteps: steps } as const;
  const losses: number[] = [];
  let [epoch, epochStep] = [0, 0];
  for (let step = 0; step < steps; step++) {
    stop.throwIfAborted();
    await data.training.enter(epoch);
    await stepper.prepare(epoch);
    try {
      // counted from 1: a first step with rate 0 would be wasted
      const optimizer = optimizerAt(learningRateAt(schedule, step + 1), config);
      losses.push((await stepper.step({ step, epoch, epochStep }, optimizer)).loss);
    } catch (error) {
      if (error instanceof NotFinite) return null;
      throw error;
    }
    epochStep++;
    if (epochStep >= course.stepsInEpoch(epoch)) [epoch, epochStep] = [epoch + 1, 0];
  }
  const scored = losses.slice(-Math.max(2, Math.round(SCORED * steps)));
  return scored.reduce((sum, loss) => sum + loss, 0) / scored.length;
}

/** The rate with the lowest loss; the usual one where all diverged. */
function bestOf(tried: LookEvent['tried']): number {
  const usual = tried[1]!;
  const lossOf = (one: LookEvent['tried'][number]) => one.loss ?? Number.POSITIVE_INFINITY;
  return tried.reduce((best, one) => (lossOf(one) < lossOf(best) ? one : best), usual).learningRate;
}
