/**
 * Results kept for the next question, within a bound; work given up goes on for a moment, as most need it.
 */

interface Entry<Value> {
  readonly work: Promise<Value>;
  readonly leave: AbortController;
  value: Value | null;
  waiting: number;
  linger: NodeJS.Timeout | null;
  /** The question that asked last. */
  round: number;
}

interface KeptOptions<Value> {
  /** Their number and bytes at most; what the present question needs is kept in any case. */
  readonly most: number;
  readonly mostBytes?: number;
  bytesOf?(value: Value): number;
  dispose?(value: Value): unknown;
}

/** Time between giving work up and the question that follows a change of a setting, with much to spare. */
const LINGER_MS = 2000;

export class RecentCache<Value> {
  readonly #options: KeptOptions<Value>;
  /** The one that was asked for longest ago comes first. */
  readonly #entries = new Map<string, Entry<Value>>();
  #round = 0;

  constructor(options: KeptOptions<Value>) {
    this.#options = options;
  }

  /** What is kept under `key`, or else made now; rejects with the reason of `stop` when that aborts. */
  async get(key: string, make: (stop: AbortSignal) => Promise<Value>, stop: AbortSignal): Promise<Value> {
    stop.throwIfAborted();
    const entry = this.#entries.get(key) ?? this.#begin(key, make);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.round = this.#round;
    entry.waiting++;
    if (entry.linger) clearTimeout(entry.linger);
    try {
      return await orAborted(entry.work, stop);
    } finally {
      if (--entry.waiting === 0 && entry.value === null) this.#leaveSoon(key, entry);
    }
  }

  /** A question has been answered: what is beyond the bounds and was not needed for it is let go. */
  async endRound(): Promise<void> {
    const { most, mostBytes = Number.POSITIVE_INFINITY, bytesOf = () => 0, dispose } = this.#options;
    let bytes = 0;
    for (const { value } of this.#entries.values()) bytes += value === null ? 0 : bytesOf(value);
    for (const [key, { value, round }] of this.#entries) {
      if (this.#entries.size <= most && bytes <= mostBytes) break;
      if (value === null || round === this.#round) continue;
      this.#entries.delete(key);
      bytes -= bytesOf(value);
      await dispose?.(value);
    }
    this.#round++;
  }

  /** Gives up what is under way and lets all go. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { work, leave, linger } of entries) {
      if (linger) clearTimeout(linger);
      leave.abort();
      await work.then(this.#options.dispose, () => {});
    }
  }

  #begin(key: string, make: (stop: AbortSignal) => Promise<Value>): Entry<Value> {
    const leave = new AbortController();
    const work = make(leave.signal);
    const entry: Entry<Value> = { work, leave, value: null, waiting: 0, linger: null, round: 0 };
    work.then(
      (value) => {
        entry.value = value;
        if (entry.linger) clearTimeout(entry.linger);
      },
      // a failure is not kept: the next question tries again
      () => this.#forget(key, entry),
    );
    return entry;
  }

  #leaveSoon(key: string, entry: Entry<Value>): void {
    entry.linger = setTimeout(() => {
      this.#forget(key, entry);
      entry.leave.abort();
      // it may have ended in this very moment
      entry.work.then(this.#options.dispose, () => {});
    }, LINGER_MS).unref();
  }

  #forget(key: string, entry: Entry<Value>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

function orAborted<Value>(work: Promise<Value>, stop: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(stop.reason);
  stop.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => stop.removeEventListener('abort', abort));
}
