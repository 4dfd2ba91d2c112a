/** Wakes whoever waits for something to change; what changed they look up themselves, so that nothing is told twice. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  /** Wakes all that wait now. */
  ring(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of all) wake();
  }

  /** Resolves at the next ring, or when `signal` is aborted. Look at the state and call this without awaiting in between. */
  wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
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
