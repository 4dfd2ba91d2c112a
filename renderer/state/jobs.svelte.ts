/** The work that waits or goes on: a stream of the whole list, always the newest. */
import type { Job } from '../../common/api/contract.ts';
import { api, follow } from '../api.ts';
import { foremost, isActive, isEnded } from './job-order.ts';

export { foremost, isActive, isEnded };

class Jobs {
  all = $state.raw<readonly Job[]>([]);
  loaded = $state(false);
  readonly running = $derived<Job | null>(this.all.find(isActive) ?? null);
  readonly foremost = $derived<Job | null>(foremost(this.all));

  /** The job of a run: the one that goes on, else the last of the list. */
  of(runId: string): Job | null {
    const own = this.all.filter((job) => job.runId === runId);
    return own.find(isActive) ?? own.find((job) => !isEnded(job)) ?? own.at(-1) ?? null;
  }

  watch(signal: AbortSignal): Promise<void> {
    return follow<readonly Job[]>(
      signal,
      () => api.jobs.watch(undefined, { signal }),
      (all) => {
        this.all = all;
        this.loaded = true;
      },
    );
  }
}

export const jobs = new Jobs();
