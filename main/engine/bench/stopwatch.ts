/**
 * How long something takes, on a computer that does other things as well: the median of as many runs as a short time allows,
 * after one that warms caches, memory and threads up.
 */
import { setImmediate } from 'node:timers/promises';

/** Runs of something quick are not more than this. */
const MOST_RUNS = 2000;

/**
 * Median seconds of `run`, measured for about `seconds`. What takes longer than that runs once or twice. Throws the reason of
 * `stop` once that is aborted.
 */
export async function medianSeconds(
  run: () => Promise<unknown>,
  seconds: number,
  stop: AbortSignal,
): Promise<number> {
  const first = await timed(run, stop);
  if (first > seconds) return first;
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  do times.push(await timed(run, stop));
  while (performance.now() < end && times.length < MOST_RUNS);
  return median(times);
}

async function timed(run: () => Promise<unknown>, stop: AbortSignal): Promise<number> {
  // a turn of the event loop, in which the message that cancels can arrive
  await setImmediate();
  stop.throwIfAborted();
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** The middle one of `values`, of which there is at least one; the upper one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
