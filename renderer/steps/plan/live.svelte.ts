/**
 * An answer that follows what it is asked for: asked again at each change, at once, for an answer takes less time than a pause in
 * typing. An outdated request is given up, and the last answer stays, marked as old, until the new one is here.
 */
import type { Problem } from '../../../preload/contract.ts';
import { isAborted, problemOf } from '../../api.ts';

export class Following<Request, Value> {
  value = $state.raw<Value | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether a new answer is on its way. */
  busy = $state(false);
  readonly #ask: (request: Request, signal: AbortSignal) => Promise<Value>;
  readonly #onValue: (value: Value) => void;
  #seen = '';
  #current = new AbortController();

  constructor(
    ask: (request: Request, signal: AbortSignal) => Promise<Value>,
    onValue: (value: Value) => void = () => {},
  ) {
    this.#ask = ask;
    this.#onValue = onValue;
  }

  /** Asks, where it is another request than before; null forgets the answer. */
  follow(request: Request | null): void {
    const key = JSON.stringify(request);
    if (key === this.#seen) return;
    this.#seen = key;
    this.#current.abort();
    this.busy = request !== null;
    if (request === null) {
      this.value = null;
      return;
    }
    const current = new AbortController();
    this.#current = current;
    void this.#run(request, current.signal);
  }

  again(request: Request | null): void {
    this.#seen = '';
    this.follow(request);
  }

  async #run(request: Request, signal: AbortSignal): Promise<void> {
    try {
      const value = await this.#ask(request, signal);
      if (signal.aborted) return;
      this.value = value;
      this.problem = null;
      this.#onValue(value);
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      this.problem = problemOf(error);
    }
    this.busy = false;
  }
}
