/** One teaching: what the teacher has said so far, and the text in front of the person. */
import type { Problem } from '../../../common/api/contract.ts';
import type { AskingNews, Teaching, Written } from '../../../common/extras/teacher/calls.ts';
import { api, isAborted, problemOf } from '../../api.ts';

/** Keys are given to a new teaching before it is asked, and never kept. */
export const keys = new Map<string, string>();

/** Examples whose variations are shown as they come. */
const SHOWN = 5;

export class Teacher {
  set = $state.raw<Teaching>()!;
  news = $state.raw<AskingNews | null>(null);
  /** The last of each step. */
  steps = $state.raw<Partial<Record<AskingNews['step'], AskingNews>>>({});
  /** What was written, the newest first. */
  arrived = $state.raw<readonly Written[]>([]);
  /** What is prepared, before the first text. */
  doing = $state('');
  asking = $state(false);
  /** A decision is being kept. */
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly row = $derived(this.set.next[0]);
  #stop = new AbortController();

  constructor(set: Teaching) {
    this.set = set;
  }

  /** A trial ends after one example. */
  async ask(isTrial = false): Promise<void> {
    if (this.asking) return;
    const stop = new AbortController();
    this.#stop = stop;
    [this.asking, this.problem, this.doing, this.news, this.steps] = [true, null, '', null, {}];
    const { id } = this.set;
    const key = keys.get(id);
    try {
      for await (const news of await api.teacher.ask(
        { id, isTrial, ...(key && { key }) },
        { signal: stop.signal },
      )) {
        if ('doing' in news) this.doing = news.doing;
        else this.#hear(news);
      }
    } catch (error) {
      if (!stop.signal.aborted && !isAborted(error)) this.problem = problemOf(error);
    }
    await this.#refresh(() => api.teacher.get({ id }));
    this.asking = false;
  }

  #hear(news: AskingNews): void {
    this.news = news;
    this.steps = { ...this.steps, [news.step]: news };
    if (news.written) this.arrived = [news.written, ...this.arrived].slice(0, SHOWN);
  }

  /** Ends the asking; what was answered stays. */
  stop(): void {
    this.#stop.abort();
  }

  async decide(answer: string | null): Promise<void> {
    const { row } = this;
    if (row === undefined) return;
    await this.#refresh(() => api.teacher.decide({ id: this.set.id, row: row.row, answer }));
  }

  undo(): Promise<void> {
    return this.#refresh(() => api.teacher.undo({ id: this.set.id }));
  }

  async #refresh(call: () => Promise<Teaching>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.set = await call();
    } catch (error) {
      if (!isAborted(error)) this.problem = problemOf(error);
    } finally {
      this.busy = false;
    }
  }
}
