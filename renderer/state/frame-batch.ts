/**
 * Events come up to two hundred a second; a page that reacted to each would do nothing else. They are collected and handed over
 * once a frame, a bounded number at a time, so that even a long backlog never holds the page up.
 */

/** Calls back at the next chance to draw. */
export type Schedule = (run: () => void) => void;

export interface BatchOptions {
  readonly schedule?: Schedule;
  /** Items of one frame; the rest waits for the next. */
  readonly most?: number;
}

export interface Batch<T> {
  push(item: T): void;
  /** Forgets what waits and takes nothing any more. */
  close(): void;
}

const MOST = 2000;
const HIDDEN_MS = 500;

/** A page in the background gets no frames: there a timer serves. */
export const nextFrame: Schedule = (run) => {
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
