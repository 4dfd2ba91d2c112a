/** Jobs that wait or go on: a stream of the whole list, and which of several counts. */
import type { Job, JobState } from '../../common/api/contract.ts';
import { api, follow } from '../api.ts';

const ACTIVE: readonly JobState[] = ['starting', 'running', 'pausing', 'stopping'];
const ENDED: readonly JobState[] = ['done', 'failed'];

/** Whether a job has an engine at work. */
export const isActive = (job: Job): boolean => ACTIVE.includes(job.state);
export const isEnded = (job: Job): boolean => ENDED.includes(job.state);

/** What goes on: before a copy that is saved beside it. */
function goingOn(all: readonly Job[]): Job | null {
  const active = all.filter(isActive);
  return active.find(({ kind }) => kind !== 'export') ?? active[0] ?? null;
}

/** The job that the strip shows: what goes on, else what is paused, else the next that waits. */
export function foremost(all: readonly Job[]): Job | null {
  return (
    goingOn(all) ??
    all.find((job) => job.state === 'paused') ??
    all.find((job) => job.state === 'waiting' || job.state === 'scheduled') ??
    null
  );
}

/** A list that is sent whole at each change. */
export class LiveList<Item> {
  all = $state.raw<readonly Item[]>([]);
  loaded = $state(false);
  readonly #open: (signal: AbortSignal) => Promise<AsyncIterable<readonly Item[]>>;

  constructor(open: (signal: AbortSignal) => Promise<AsyncIterable<readonly Item[]>>) {
    this.#open = open;
  }

  watch(signal: AbortSignal): Promise<void> {
    return follow<readonly Item[]>(
      signal,
      () => this.#open(signal),
      (all) => {
        this.all = all;
        this.loaded = true;
      },
    );
  }
}

class Jobs extends LiveList<Job> {
  readonly running = $derived<Job | null>(goingOn(this.all));
  readonly foremost = $derived<Job | null>(foremost(this.all));

  /** The job of a run: the one that goes on, else the last of the list. */
  of(runId: string): Job | null {
    const own = this.all.filter((job) => job.runId === runId);
    return own.find(isActive) ?? own.find((job) => !isEnded(job)) ?? own.at(-1) ?? null;
  }
}

export const jobs = new Jobs((signal) => api.jobs.watch(undefined, { signal }));
