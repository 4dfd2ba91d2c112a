/**
 * Streams as pages need them. One survives a lost connection: it starts again where it was, after growing pauses, unless the app refused it.
 * The other hands over events by the hundred, once a frame.
 */
import { isRefusal } from './problem.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;

interface FollowOptions {
  /** Whether an error is one that repeating cannot help; a refusal of the app where nothing else is said. */
  readonly isFinal?: (error: unknown) => boolean;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Gives every value of the stream that `start` opens to `onValue`, until the stream ends or `signal` aborts;
 * rejects with a final error. `start` gets the last value, so that it can ask for what comes after it.
 */
export async function follow<T>(
  signal: AbortSignal,
  start: (last: T | undefined) => Promise<AsyncIterable<T>>,
  onValue: (value: T) => void,
  { isFinal = isRefusal, pause = sleep }: FollowOptions = {},
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

/** Calls back at the next chance to draw. */
type Schedule = (run: () => void) => void;

interface BatchOptions {
  readonly schedule?: Schedule;
  /** Items of one frame; the rest waits for the next. */
  readonly most?: number;
}

interface Batch<T> {
  push(item: T): void;
  /** Forgets what waits and takes nothing any more. */
  close(): void;
}

const MOST = 2000;
const HIDDEN_MS = 500;

/** A page in the background gets no frames: there a timer serves. */
const nextFrame: Schedule = (run) => {
  if (document.hidden) setTimeout(run, HIDDEN_MS);
  else requestAnimationFrame(run);
};

/** Gives what is pushed to `flush` in order, once a frame. */
export function batched<T>(
  flush: (items: readonly T[]) => void,
  { schedule = nextFrame, most = MOST }: BatchOptions = {},
): Batch<T> {
  let waiting: T[] = [];
  let scheduled = false;
  let closed = false;

  function ask(): void {
    if (scheduled || closed) return;
    scheduled = true;
    schedule(hand);
  }

  function hand(): void {
    scheduled = false;
    if (closed || waiting.length === 0) return;
    const now = waiting.slice(0, most);
    waiting = waiting.slice(most);
    if (waiting.length > 0) ask();
    flush(now);
  }

  return {
    push(item) {
      if (closed) return;
      waiting.push(item);
      ask();
    },
    close() {
      closed = true;
      waiting = [];
    },
  };
}
