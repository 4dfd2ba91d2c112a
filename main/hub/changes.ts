/** Tells everyone who watches that something has changed, at most so often; what it is they look up themselves. */
import { setTimeout as sleep } from 'node:timers/promises';

export class Changes {
  #version = 0;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  tell(): void {
    this.#version++;
    for (const wake of [...this.#waiting]) wake();
  }

  close(): void {
    this.#closed = true;
    this.tell();
  }

  /** What `look` gives now, and again after changes, with `pauseMs` between; ends when `signal` aborts or on `close`. */
  async *watch<T>(look: () => T, pauseMs: number, signal?: AbortSignal): AsyncGenerator<T> {
    while (!this.#closed && !signal?.aborted) {
      const seen = this.#version;
      yield look();
      if (seen === this.#version) await this.#next(signal);
      if (!this.#closed) await sleep(pauseMs, undefined, signal ? { signal } : {}).catch(() => {});
    }
  }

  #next(signal?: AbortSignal): Promise<void> {
    if (this.#closed || signal?.aborted) return Promise.resolve();
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
}
