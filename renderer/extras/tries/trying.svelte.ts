/** Tries of a run with fewer rows: how far they are, and what they say. They go on while other pages are shown. */
import type { Problem } from '../../../common/api/contract.ts';
import type { TriesPrice, TriesResult } from '../../../common/extras/tries/result.ts';
import { api, isAborted, problemOf } from '../../api.ts';

class Trying {
  /** The run whose tries these are. */
  runId = $state('');
  busy = $state(false);
  stopping = $state(false);
  isBegun = $state(false);
  doing = $state('');
  fraction = $state<number | null>(null);
  price = $state.raw<TriesPrice | null>(null);
  result = $state.raw<TriesResult | null>(null);
  problem = $state.raw<Problem | null>(null);

  async show(runId: string): Promise<void> {
    if (this.busy) return;
    [this.runId, this.result, this.problem, this.isBegun] = [runId, null, null, false];
    const known = await api.tries.known({ runId });
    if (this.runId !== runId || this.busy) return;
    this.isBegun = known === 'begun';
    if (known !== 'begun') this.result = known;
  }

  async start(runId: string): Promise<void> {
    [this.runId, this.busy, this.stopping] = [runId, true, false];
    [this.doing, this.fraction, this.price, this.result, this.problem] = ['', null, null, null, null];
    try {
      for await (const news of await api.tries.start({ runId })) {
        if (news.kind === 'progress') [this.doing, this.fraction] = [news.doing, news.fraction];
        else if (news.kind === 'price') this.price = news.price;
        else this.result = news.result;
      }
    } catch (error) {
      if (!this.stopping && !isAborted(error)) this.problem = problemOf(error);
    } finally {
      this.busy = false;
      this.isBegun = this.result === null;
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await api.tries.stop({ runId: this.runId });
  }
}

export const trying = new Trying();
