/** Tells whoever watches that something has changed; what changed they look up themselves, so that nothing is told twice. */
import { setTimeout as sleep } from 'node:timers/promises';

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
