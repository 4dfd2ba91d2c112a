/** A run that is tried out: what a few of its steps and a look at its held-out rows take. Time is asked of a clock, in seconds. */
import type { ProbedEvaluation, ProbeLimits } from '../../../common/protocol/protocol.ts';

export type Clock = () => number;

const now: Clock = () => performance.now() / 1000;

/**
 * Takes steps until memory and caches are as they are in the midst of a run, then those that count. `step` resolves with the seconds that it
 * took; null when it is asked to stop between two steps.
 */
export async function trySteps(
  { steps, warmSeconds, mostWarmSteps }: ProbeLimits,
  step: () => Promise<number>,
  stop: AbortSignal,
): Promise<{ readonly warmSteps: number; readonly stepSeconds: readonly number[] } | null> {
  const stepSeconds: number[] = [];
  let [warmSteps, warmed] = [0, 0];
  while (stepSeconds.length < steps) {
    if (stop.aborted) return null;
    const seconds = await step();
    const isLong = warmSteps === 0 && seconds > warmSeconds;
    if (!isLong && stepSeconds.length === 0 && warmed < warmSeconds && warmSteps < mostWarmSteps) {
      warmSteps++;
      warmed += seconds;
    } else stepSeconds.push(seconds);
  }
  return { warmSteps, stepSeconds };
}

/** Runs batches one after the other, and foretells what all of them take where `seconds` end before; null when it is asked to stop. */
export async function tryBatches(
  batches: number,
  { seconds }: { readonly seconds: number },
  run: (index: number) => Promise<void>,
  stop: AbortSignal,
  clock: Clock = now,
): Promise<ProbedEvaluation | null> {
  const started = clock();
  const ends: number[] = [];
  while (ends.length < batches && (ends.at(-1) ?? 0) < seconds) {
    if (stop.aborted) return null;
    await run(ends.length);
    ends.push(clock() - started);
  }
  const [first = 0, last = 0] = [ends[0], ends.at(-1)];
  // the first one reads the weights, the others find them in memory
  const each = ends.length > 1 ? (last - first) / (ends.length - 1) : first;
  return { seconds: last + each * (batches - ends.length), measuredBatches: ends.length, batches };
}
