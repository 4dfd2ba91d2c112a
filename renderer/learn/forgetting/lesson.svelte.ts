/** The experiment as far as it was made: read when the page opens, and again whenever one of its jobs has ended. */
import type { LessonRun, LessonVariant, Problem } from '../../../common/api/contract.ts';
import { api, problemOf } from '../../api.ts';
import { isEnded, jobs } from '../../state/jobs.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';

export class Lesson {
  runs = $state.raw<readonly LessonRun[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  starting = $state(false);
  /** Runs of the lesson that wait or go on, by variant. */
  readonly going = $derived(this.#going());
  /** Changes when a job of the lesson begins or ends. */
  readonly moment = $derived(
    this.#ownJobs()
      .map(({ id, state }) => `${id} ${state}`)
      .join(),
  );

  async refresh(): Promise<void> {
    try {
      this.runs = await api.learn.lesson();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  async start(variants: LessonVariant[]): Promise<void> {
    this.starting = true;
    try {
      await api.learn.startLesson({ variants });
      await this.refresh();
    } catch (error) {
      toasts.problem(error);
    }
    this.starting = false;
  }

  #ownJobs() {
    const ids = new Set(this.runs?.flatMap(({ run }) => (run ? [run.id] : [])));
    return jobs.all.filter(({ runId }) => ids.has(runId));
  }

  #going(): number {
    return this.#ownJobs().filter((job) => !isEnded(job) && job.state !== 'paused').length;
  }
}
