/** Files on their way from elsewhere, for a dialog: how far they are, and why they did not come. */
import type { FetchProgress, Problem } from '../../../common/api/contract.ts';
import { isAborted, problemOf } from '../../api.ts';

export class Fetching {
  running = $state(false);
  fraction = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);
  #current = new AbortController();

  /** Gives the paths; null where it failed or was stopped. */
  async run(begin: (signal: AbortSignal) => Promise<AsyncIterable<FetchProgress>>): Promise<string[] | null> {
    const current = new AbortController();
    this.#current = current;
    [this.running, this.fraction, this.problem] = [true, null, null];
    try {
      for await (const news of await begin(current.signal)) {
        if (current.signal.aborted) return null;
        if (news.kind === 'done') return [...news.paths];
        this.fraction = news.totalBytes ? news.bytes / news.totalBytes : null;
      }
    } catch (error) {
      if (!current.signal.aborted && !isAborted(error)) this.problem = problemOf(error);
    } finally {
      this.running = false;
    }
    return null;
  }

  stop(): void {
    this.#current.abort();
    this.running = false;
  }
}
