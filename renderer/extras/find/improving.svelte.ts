/** A training that makes finding better: what is asked for, how far it is, and what came of it. It goes on while other pages are shown. */
import type { Problem } from '../../../common/api/contract.ts';
import type { Measured, Trainer, TrainingPrice } from '../../../common/extras/find/vectors.ts';
import { api, isAborted, problemOf } from '../../api.ts';
import { finding } from './finding.svelte.ts';

class Improving {
  data = $state.raw<readonly string[]>([]);
  trainer = $state<Trainer>('vectors');
  busy = $state(false);
  stopping = $state(false);
  doing = $state('');
  fraction = $state<number | null>(null);
  price = $state.raw<TrainingPrice | null>(null);
  problem = $state.raw<Problem | null>(null);
  result = $state.raw<{ readonly runId: string; readonly measured: Measured } | null>(null);
  /** Whether the person wants to see it. */
  open = $state(false);
  #key = '';

  async train(encoder: string, name: string): Promise<void> {
    this.#key = `${Date.now()}-${Math.random()}`;
    [this.busy, this.stopping, this.doing, this.fraction] = [true, false, '', null];
    [this.price, this.problem, this.result] = [null, null, null];
    const asked = { trainer: this.trainer, data: [...this.data], encoder, name, key: this.#key };
    try {
      for await (const news of await api.find.train(asked)) {
        if (news.kind === 'progress') [this.doing, this.fraction] = [news.doing, news.fraction];
        else if (news.kind === 'price') this.price = news.price;
        else this.result = news;
      }
    } catch (error) {
      if (!isAborted(error)) this.problem = problemOf(error);
    } finally {
      this.busy = false;
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await api.find.finishTraining({ key: this.#key });
  }

  /** Has the search use what was trained. */
  async use({ out }: Measured): Promise<void> {
    await finding.load();
    if (finding.rerankers.some(({ path }) => path === out)) finding.orderBy(out);
    else await finding.readBy(out);
  }

  /** Begins again with the pairs of a run. */
  again(data: readonly string[], trainer: Trainer): void {
    [this.data, this.trainer, this.open, this.result] = [data, trainer, true, null];
  }
}

export const improving = new Improving();
