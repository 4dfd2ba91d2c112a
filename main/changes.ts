/** Tells whoever watches that something has changed, what work sends as it goes on, and how long a phase of it goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallEvent, EngineEvent } from '../common/protocol/protocol.ts';

/** What changed is looked up by whoever watches, so that nothing is told twice. */
export class Changes {
  #version = 0;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  tell(): void {
    this.#version++;
    this.#wake();
  }

  /** Ends what watches, once it has seen the last change. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** What `look` gives now, and again after changes, with `pauseMs` between; ends when `signal` aborts or on `close`. */
  async *watch<T>(look: () => T, pauseMs: number, signal?: AbortSignal): AsyncGenerator<T> {
    let seen = -1;
    while (!signal?.aborted) {
      await this.after(seen, signal);
      if (seen === this.#version) return;
      seen = this.#version;
      yield look();
      if (!this.#closed) await sleep(pauseMs, undefined, signal && { signal }).catch(() => {});
    }
  }

  /** Resolves when there have been changes since the one numbered `version`, when `signal` aborts, or on `close`. */
  after(version: number, signal?: AbortSignal): Promise<void> {
    if (version !== this.#version || this.#closed || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Starts `work` and gives what it sends, in order, until it has ended; throws what it throws. */
export async function* channel<T>(work: (send: (value: T) => void) => Promise<unknown>): AsyncGenerator<T> {
  const waiting: T[] = [];
  let ring = () => {};
  let end: { readonly error: unknown } | 'done' | null = null;
  const wake = () => ring();
  const send = (value: T) => {
    waiting.push(value);
    wake();
  };
  work(send).then(
    () => {
      end = 'done';
      wake();
    },
    (error: unknown) => {
      end = { error };
      wake();
    },
  );
  while (true) {
    while (waiting.length > 0) yield waiting.shift()!;
    const ended = end as { readonly error: unknown } | 'done' | null;
    if (ended === 'done') return;
    if (ended !== null) throw ended.error;
    await new Promise<void>((resolve) => {
      ring = resolve;
    });
  }
}

/** From here on, what a phase has taken says what it will take: the first parts say too little. */
const KNOWN_FRACTION = 0.05;
/** ... or from here on: of hours, that share is too long a wait. */
const KNOWN_SECONDS = 20;

const secondsNow = (): number => performance.now() / 1000;

interface Reached {
  readonly at: number;
  readonly from: number;
}

function leftSince(then: Reached, now: Reached): number | undefined {
  const [done, spent] = [now.from - then.from, now.at - then.at];
  if (done <= 0 || (done < KNOWN_FRACTION && spent < KNOWN_SECONDS)) return undefined;
  return (spent / done) * (1 - now.from);
}

/** Passes events on; a phase that says how far it is says how long it goes on as well. */
export function withTimeLeft<Event extends CallEvent | EngineEvent>(
  emit: (event: Event) => void,
  clock: () => number = secondsNow,
): (event: Event) => void {
  let phase: string | null = null;
  // from its beginning, and from its first part on, before which there is much to prepare
  let [began, warm]: [Reached | null, Reached | null] = [null, null];
  let reached = 0;
  const secondsLeft = (name: string, fraction: number) => {
    const here = { at: clock(), from: fraction };
    // where it stands still nothing is done yet, and the same phase from its beginning is another one
    if (!began || phase !== name || fraction < reached || fraction === began.from)
      [began, warm] = [here, null];
    else warm ??= here;
    [phase, reached] = [name, fraction];
    return (warm && leftSince(warm, here)) ?? leftSince(began, here);
  };
  return (event) => {
    if (!('event' in event) || event.event === 'warning') return emit(event);
    const isMeasured = event.event === 'phase' && event.fraction !== undefined;
    if (!isMeasured) {
      began = null;
      return emit(event);
    }
    const left = secondsLeft(event.phase, event.fraction!);
    emit(left === undefined ? event : { ...event, secondsLeft: left });
  };
}
