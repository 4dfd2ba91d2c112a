/** Calls of a page: a failure is told at the edge or where it was asked, an outdated call given up. */
import type { Problem } from '../../common/api/contract.ts';
import { isAborted, problemOf } from '../problem.ts';
import { toasts } from './layers.svelte.ts';

/** Says what goes wrong with a call; resolves with whether all went well. */
export async function attempt(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    toasts.problem(error);
    return false;
  }
}

/** A call that a page shows: whether it goes on, and why it failed. */
export class Call {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  async run(work: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      if (!isAborted(error)) this.problem = problemOf(error);
    }
    this.busy = false;
  }
}

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
