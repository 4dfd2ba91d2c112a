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

/** The same for what a button does: whether it goes on. */
export class Attempt {
  busy = $state(false);

  async run(call: Promise<unknown>): Promise<boolean> {
    this.busy = true;
    const wentWell = await attempt(call);
    this.busy = false;
    return wentWell;
  }
}

/** For a form: does this, and loads no other page. */
export const submits = (action: () => unknown) => (event: SubmitEvent) => {
  event.preventDefault();
  action();
};

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

export type Ask<Request, Value> = (request: Request, signal: AbortSignal) => Promise<Value>;

interface FollowingOptions<Request, Value> {
  /** Hears each answer to the newest request, and null where that failed. */
  readonly onEnd?: (value: Value | null) => void;
  /** What is to be asked for a better answer to the same; null where there is none. */
  readonly better?: (value: Value, request: Request) => Request | null;
  /** After the first answer a change waits so long, for the next one may come. */
  readonly afterMs?: number;
}

/**
 * An answer that follows what it is asked for: asked again at each change, at once. An outdated request is given up, and the last answer
 * stays, marked as old, until the new one is here.
 */
export class Following<Request, Value> {
  value = $state.raw<Value | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether a new answer is on its way, or a better one. */
  busy = $state(false);
  #isNew = $state(false);
  readonly #ask: Ask<Request, Value>;
  readonly #options: FollowingOptions<Request, Value>;
  #seen = '';
  #current = new AbortController();

  constructor(ask: Ask<Request, Value>, options: FollowingOptions<Request, Value> = {}) {
    this.#ask = ask;
    this.#options = options;
  }

  /** Whether the value answers the newest request. */
  get isCurrent(): boolean {
    return this.value !== null && this.#isNew && this.problem === null;
  }

  /** Asks, where it is another request than before; null forgets the answer. */
  follow(request: Request | null): void {
    const key = JSON.stringify(request);
    if (key === this.#seen) return;
    this.#seen = key;
    this.#current.abort();
    this.busy = request !== null;
    this.#isNew = false;
    if (request === null) {
      this.value = null;
      this.problem = null;
      return;
    }
    const current = new AbortController();
    this.#current = current;
    const { afterMs } = this.#options;
    if (afterMs === undefined) void this.#run(request, current.signal);
    else setTimeout(() => void this.#run(request, current.signal), this.value === null ? 0 : afterMs);
  }

  again(request: Request | null): void {
    this.#seen = '';
    this.follow(request);
  }

  /** Gives up what is under way: the answer is old from now on, and another request will follow. */
  outdate(): void {
    this.#seen = '';
    this.#current.abort();
    this.busy = true;
    this.#isNew = false;
  }

  async #run(request: Request, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { onEnd, better: betterOf } = this.#options;
    let value: Value | null = null;
    let better: Request | null = request;
    try {
      while (better !== null) {
        value = await this.#ask(better, signal);
        if (signal.aborted) return;
        this.value = value;
        this.problem = null;
        this.#isNew = true;
        better = betterOf?.(value, better) ?? null;
        if (better !== null) onEnd?.(value);
      }
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      this.problem = problemOf(error);
    }
    this.busy = false;
    onEnd?.(value);
  }
}

/** How long a calculator waits for the next key. */
export const TYPING_MS = 120;
