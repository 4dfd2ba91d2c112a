/**
 * A stream that survives a lost connection: it is started again, with a growing pause, from where it was. A call that the app
 * refused for a reason (a PROBLEM) is not repeated, because it would be refused again.
 */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;

export interface FollowOptions {
  /** Whether an error is one that repeating cannot help. */
  readonly isFinal?: (error: unknown) => boolean;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Gives every value of the stream that `start` opens to `onValue`, until the stream ends or `signal` aborts; rejects with a
 * final error. `start` gets the last value, so that it can ask for what comes after it.
 */
export async function followWith<T>(
  signal: AbortSignal,
  start: (last: T | undefined) => Promise<AsyncIterable<T>>,
  onValue: (value: T) => void,
  { isFinal = () => false, pause = sleep }: FollowOptions = {},
): Promise<void> {
  let last: T | undefined;
  let wait = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      for await (const value of await start(last)) {
        if (signal.aborted) return;
        last = value;
        wait = FIRST_PAUSE_MS;
        onValue(value);
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      await pause(wait, signal);
      wait = Math.min(LONGEST_PAUSE_MS, wait * 2);
    }
  }
}

/** Resolves after that time, or as soon as `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });
}
