/** Work on a target that is tried again while it cannot be reached. */
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';

const LEAST_WAIT_MS = 1000;
const MOST_WAIT_MS = 60_000;
/** A connection that held so long was a good one. */
const STEADY_MS = 30_000;

/** Gives what `work` gives in the end. `onLost` is told once each time that the target is lost. */
export async function patiently<T>(
  name: string,
  work: () => Promise<T>,
  { signal, onLost }: { readonly signal: AbortSignal; onLost(message: string): void },
): Promise<T> {
  let pause = LEAST_WAIT_MS;
  let isTold = false;
  for (;;) {
    const began = Date.now();
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError) || error.code !== 'target-unreachable') throw error;
      if (Date.now() - began > STEADY_MS) [pause, isTold] = [LEAST_WAIT_MS, false];
      if (!isTold)
        onLost(say`${name} can’t be reached now. The training there goes on, and its figures follow.`);
      isTold = true;
      await wait(pause, undefined, { signal });
      pause = Math.min(2 * pause, MOST_WAIT_MS);
    }
  }
}
