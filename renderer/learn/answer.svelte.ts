/**
 * What the app answers to a question that changes as a person moves controls: asked a moment after the last change, an outdated
 * call is given up, and the last answer stays until the new one is here.
 */
import type { Problem } from '../../common/api/contract.ts';
import { isAborted, problemOf } from '../api.ts';

const AFTER_MS = 120;

export class Answer<Question, Value> {
  value = $state.raw<Value | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  readonly #ask: (question: Question, signal: AbortSignal) => Promise<Value>;
  #seen = '';
  #current = new AbortController();

  constructor(ask: (question: Question, signal: AbortSignal) => Promise<Value>) {
    this.#ask = ask;
  }

  follow(question: Question): void {
    const key = JSON.stringify(question);
    if (key === this.#seen) return;
    this.#seen = key;
    this.#current.abort();
    const current = new AbortController();
    this.#current = current;
    this.busy = true;
    setTimeout(() => void this.#answer(question, current.signal), this.value === null ? 0 : AFTER_MS);
  }

  stop(): void {
    this.#current.abort();
  }

  async #answer(question: Question, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const value = await this.#ask(question, signal);
      if (signal.aborted) return;
      this.value = value;
      this.problem = null;
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      this.problem = problemOf(error);
      this.value = null;
    }
    this.busy = false;
  }
}
