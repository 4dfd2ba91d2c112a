/**
 * The figures of the plan, for both methods side by side: asked for again after each change, a moment after the last one; an
 * outdated request is given up and the last figures stay, marked as old, until the new ones are here.
 */
import type { PlanFigures, Problem, RunRequest } from '../../../preload/contract.ts';
import { api, isAborted, problemOf } from '../../api.ts';
import type { Method } from '../../state/recommend.ts';

const AFTER_MS = 300;

export class Figures {
  value = $state.raw<PlanFigures | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether new figures are on their way. */
  busy = $state(false);
  readonly #onValue: (figures: PlanFigures) => void;
  #seen = '';
  #current = new AbortController();

  constructor(onValue: (figures: PlanFigures) => void = () => {}) {
    this.#onValue = onValue;
  }

  follow(request: RunRequest | null): void {
    // the name changes nothing that is computed
    const key = JSON.stringify(request && { ...request, name: '' });
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
    setTimeout(() => void this.#ask(request, current.signal), this.value === null ? 0 : AFTER_MS);
  }

  again(request: RunRequest | null): void {
    this.#seen = '';
    this.follow(request);
  }

  async #ask(request: RunRequest, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const value = await api.plan.figures(request, { signal });
      if (signal.aborted) return;
      this.value = value;
      this.problem = null;
      this.#onValue(value);
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      this.problem = problemOf(error);
      this.value = null;
    }
    this.busy = false;
  }
}

export type BothFigures = Readonly<Record<Method, Figures>>;
