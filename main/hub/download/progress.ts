/** What those who watch a download are told: that something has changed, and how fast bytes come. */
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

const WINDOW_MS = 10_000;
const SHORTEST_MS = 1000;

export class Speed {
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Notes that `bytes` are here at the time `at`, in milliseconds. */
  note(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    if (last && at - last.at < 100) return;
    this.#samples.push({ at, bytes });
    while (at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second at the time `at`; null until there is enough to tell. */
  perSecond(at: number): number | null {
    const first = this.#samples.find((sample) => at - sample.at <= WINDOW_MS);
    const last = this.#samples.at(-1);
    if (!first || !last || at - first.at < SHORTEST_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (at - first.at);
  }

  reset(): void {
    this.#samples = [];
  }
}
