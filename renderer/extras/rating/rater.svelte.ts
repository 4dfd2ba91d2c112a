/** The pairs that a person rates: the one in front, and the next, whose answers are made meanwhile. */
import type { Problem } from '../../../common/api/contract.ts';
import type { RatingSet } from '../../../common/extras/rating/calls.ts';
import { api, isAborted, problemOf } from '../../api.ts';

/** Pairs with which something new can be expected. */
export const GOALS = [20, 50, 100] as const;

class Pair {
  readonly number: number;
  answers = $state.raw<readonly [string, string]>(['', '']);
  done = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly isSame = $derived(this.done && this.answers[0].trim() === this.answers[1].trim());
  readonly #stop = new AbortController();
  #asking: Promise<void> | null = null;

  constructor(number: number) {
    this.number = number;
  }

  /** A pair that was answered before. */
  static answered(number: number, answers: readonly [string, string]): Pair {
    const pair = new Pair(number);
    [pair.answers, pair.done, pair.#asking] = [answers, true, Promise.resolve()];
    return pair;
  }

  /** Has the answers made, once; again where that failed. */
  ask(id: string): Promise<void> {
    if (this.#asking === null || this.problem !== null) this.#asking = this.#ask(id);
    return this.#asking;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #ask(id: string): Promise<void> {
    this.problem = null;
    this.answers = ['', ''];
    try {
      for await (const piece of await api.ratings.pair(
        { id, number: this.number },
        { signal: this.#stop.signal },
      )) {
        const before = piece.again ? '' : this.answers[piece.place];
        const now = before + piece.text;
        this.answers = piece.place === 0 ? [now, this.answers[1]] : [this.answers[0], now];
      }
      this.done = true;
    } catch (error) {
      if (!this.#stop.signal.aborted && !isAborted(error)) this.problem = problemOf(error);
    }
  }
}

export class Rater {
  set = $state.raw<RatingSet>()!;
  pair = $state.raw<Pair>()!;
  /** A rating is being kept. */
  busy = $state(false);
  #next: Pair | null = null;
  #closed = false;

  constructor(set: RatingSet) {
    this.set = set;
    void this.#show(new Pair(set.rated + set.skipped));
  }

  get prompt() {
    return this.set.prompts[this.pair.number % this.set.prompts.length] ?? [];
  }

  /** Keeps which answer is better, null for neither, and shows the next pair. */
  async rate(better: 0 | 1 | null): Promise<void> {
    const { pair, set } = this;
    if (this.busy || !pair.done || (pair.isSame && better !== null)) return;
    this.busy = true;
    try {
      const { number, answers } = pair;
      this.set = {
        ...set,
        ...(await api.ratings.rate({ id: set.id, number, answers: [...answers], better })),
      };
      const next = this.#next ?? new Pair(number + 1);
      this.#next = null;
      void this.#show(next);
    } finally {
      this.busy = false;
    }
  }

  /** Takes the last rating back; its pair is shown again. */
  async undo(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const { answers, ...counts } = await api.ratings.undo({ id: this.set.id });
      if (answers === null) return;
      this.set = { ...this.set, ...counts };
      this.#next?.stop();
      // what was in front is not lost, unless it is still being written
      this.#next = this.pair.done ? this.pair : null;
      if (!this.pair.done) this.pair.stop();
      void this.#show(Pair.answered(counts.rated + counts.skipped, answers));
    } finally {
      this.busy = false;
    }
  }

  retry(): void {
    void this.#show(this.pair);
  }

  /** Ends what is being written and gives the memory of the models back. */
  close(): void {
    this.#closed = true;
    this.pair.stop();
    this.#next?.stop();
    void api.chat.close().catch(() => {});
  }

  async #show(pair: Pair): Promise<void> {
    this.pair = pair;
    await pair.ask(this.set.id);
    if (this.#closed || this.pair !== pair || this.#next !== null || !pair.done) return;
    this.#next = new Pair(pair.number + 1);
    await this.#next.ask(this.set.id);
  }
}
