/** Deleted runs wait a moment for second thoughts; then their files go. */
import type { Log } from '../log.ts';
import type { Parts } from './parts.ts';

const SECONDS_TO_UNDO = 10;

export class Bin {
  readonly secondsToUndo: number;
  readonly #store: Parts['store'];
  readonly #log: Log;
  readonly #now: () => number;

  /** Empties what was put in before and is due; what is not yet gets its time. */
  constructor(store: Parts['store'], log: Log, { secondsToUndo = SECONDS_TO_UNDO, now = Date.now } = {}) {
    this.secondsToUndo = secondsToUndo;
    this.#store = store;
    this.#log = log;
    this.#now = now;
    if (store.runs.binnedBefore(now() + 1).length > 0) void this.empty().then(() => this.#later());
  }

  /** Puts runs in; returns the bytes that will be free when they go. */
  async put(ids: readonly string[]): Promise<number> {
    const { bytes } = await this.#store.runs.weigh(ids);
    this.#store.runs.bin(ids);
    this.#later();
    return bytes;
  }

  /** Deletes for good what has been in long enough. */
  async empty(): Promise<void> {
    try {
      const due = this.#store.runs.binnedBefore(this.#now() - this.secondsToUndo * 1000 + 1);
      if (due.length > 0) await this.#store.runs.purge(due);
    } catch (error) {
      // the store may have been closed meanwhile; what is left goes at the next start
      this.#log.failure('emptying the bin', error);
    }
  }

  #later(): void {
    setTimeout(() => void this.empty(), this.secondsToUndo * 1000 + 5).unref();
  }
}
