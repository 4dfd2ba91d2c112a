/**
 * One run as its page sees it: what the store has, and after it every event as it comes. The figures of a
 * step are shown once a frame, the curves at most four times a second.
 */
import type {
  AssessResult,
  NumberedEvent,
  Problem,
  RunCurves,
  RunDetails,
  RunSample,
} from '../../common/api/contract.ts';
import { api, follow, isAborted, problemOf } from '../api.ts';
import { batched } from '../streams.ts';
import { jobs } from './jobs.svelte.ts';
import { toasts } from './layers.svelte.ts';
import { type Happening, happening, jobOf } from './run-happening.ts';
import { advance, type Columns, NO_POINTS, NO_PROGRESS, type Progress, RunPoints } from './run-progress.ts';

const CURVES_EVERY_MS = 250;
const POINTS = 2000;
/** Events before the newest that are read again, for phases and warnings. */
const TAIL = 2000;

export class RunView {
  readonly id: string;
  details = $state.raw<RunDetails | null>(null);
  problem = $state.raw<Problem | null>(null);
  progress = $state.raw<Progress>(NO_PROGRESS);
  curves = $state.raw<Columns>(NO_POINTS);
  /** Undefined until it is known; null where the run has not been assessed. */
  assessment = $state.raw<AssessResult | null | undefined>(undefined);
  readonly job = $derived.by(() => jobOf(jobs.all, this.id));
  readonly training = $derived.by(() => jobOf(jobs.all, this.id, 'train'));
  // what a step leaves as it is stays the same object here, and what is made of it is not made again
  readonly evals = $derived(this.progress.evals);
  readonly samples = $derived(this.progress.samples);
  /** Steps taken: what the job says is what the foot of the page shows, and without one what is recorded. */
  readonly taken = $derived<number | null>(
    this.training?.step ?? this.progress.step?.step ?? this.details?.step ?? null,
  );
  /** Whether there is a model to judge and to use, also where its training was stopped early. */
  readonly hasResult = $derived(this.details?.state === 'done' || this.details?.done != null);
  readonly happening = $derived<Happening>(
    happening({
      progress: this.progress,
      taken: this.taken,
      job: this.job,
      state: this.details?.state ?? 'waiting',
      problem: this.details?.problem ?? null,
    }),
  );

  readonly #points = new RunPoints();
  #seen = 0;
  #covered = 0;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #opening: Promise<void> = Promise.resolve();
  #watching: AbortController | undefined;
  #closed = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Reads what is recorded and then follows what comes, until `close`. */
  async open(): Promise<void> {
    this.#opening = this.#load();
    await this.#opening;
    this.#watch();
  }

  /** After another job or a lost connection: reads again what events do not tell. */
  async renew(): Promise<void> {
    await this.#opening;
    if (this.#closed) return;
    this.#watch();
    await this.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#watching?.abort();
    clearTimeout(this.#drawing);
  }

  /** Reads state, checkpoints, exports and verdict again. */
  async refresh(): Promise<void> {
    const { id } = this;
    try {
      const [details, assessment] = await Promise.all([api.runs.get({ id }), api.runs.assessment({ id })]);
      this.details = details;
      this.assessment = assessment;
    } catch (error) {
      if (!this.#closed) toasts.problem(error);
    }
  }

  async #load(): Promise<void> {
    const { id } = this;
    try {
      const [details, curves, samples, assessment] = await Promise.all([
        api.runs.get({ id }),
        api.runs.curves({ id, points: POINTS }),
        api.runs.samples({ id }),
        api.runs.assessment({ id }),
      ]);
      this.#begin(details, curves, samples);
      this.assessment = assessment;
      this.details = details;
      this.problem = null;
    } catch (error) {
      if (!isAborted(error)) this.problem = problemOf(error);
    }
  }

  #begin(details: RunDetails, curves: RunCurves, samples: readonly RunSample[]): void {
    const last = curves.lastNumber ?? 0;
    this.#covered = last;
    this.#seen = Math.max(0, last - TAIL);
    this.progress = {
      ...NO_PROGRESS,
      start: details.start,
      end: details.done,
      evals: curves.evals,
      samples,
    };
    this.#points.fill(curves);
    this.curves = this.#points.columns();
  }

  /** Takes in events after the last one seen; of two calls the later one holds. */
  #watch(): void {
    this.#watching?.abort();
    if (this.#closed || this.details === null) return;
    const stop = new AbortController();
    this.#watching = stop;
    const batch = batched<NumberedEvent>((events) => this.#take(events));
    const { signal } = stop;
    const start = () => api.runs.events({ id: this.id, after: this.#seen }, { signal });
    follow<NumberedEvent>(signal, start, (event) => {
      if (event.number <= this.#seen) return;
      this.#seen = event.number;
      batch.push(event);
    }).catch((error: unknown) => toasts.problem(error));
  }

  /** Changes name, notes or tags. */
  async update(change: { name?: string; notes?: string; tags?: string[] }): Promise<void> {
    this.details = await api.runs.update({ id: this.id, ...change });
  }

  #take(events: readonly NumberedEvent[]): void {
    this.progress = advance(this.progress, events, this.#covered);
    let grown = false;
    for (const { number, event } of events) {
      if (event.event !== 'step' || number <= this.#covered) continue;
      this.#points.add(event);
      grown = true;
    }
    if (grown) this.#draw();
  }

  #draw(): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.curves = this.#points.columns();
    }, CURVES_EVERY_MS);
  }
}
