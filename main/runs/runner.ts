/** Runs one job at a time: starts its engine, shows the host how far it is, and keeps what came of it. */
import { randomUUID } from 'node:crypto';
import type { ExportRow, RunDetails } from '../../common/api/contract.ts';
import type { AssessResult, ExportResult } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import { type Log, logIn } from '../log.ts';
import type { RunChange, Store } from '../store/store.ts';
import { ActiveJob, type JobEnd } from './active-job.ts';
import type { Fork } from './engine-link.ts';
import { type JobRecord, type JobTable, NO_PROGRESS, type RestProgress, recordedProgress } from './queue.ts';
import type { JobOutcome } from './rescued-run.ts';

/** What jobs need of the program that shows Fettle. */
export interface JobHost {
  readonly fork: Fork;
  /** Starts engines that only read and have fewer rights, where the host can. */
  readonly forkReader?: Fork;
  notify(title: string, body: string): void;
  /** Progress on dock, taskbar or tray: 0 to 1; null takes it away. */
  showProgress(fraction: number | null): void;
  /** Keeps the computer from sleeping while `on`. */
  keepAwake(on: boolean): void;
}

interface RunnerParts {
  readonly store: Store;
  readonly host: Pick<JobHost, 'fork' | 'notify'>;
  readonly now: () => number;
  readonly table: JobTable;
  /** A job is about to start, and wants the memory. */
  makeRoom(): void;
  showProgress(fraction: number | null): void;
  keepAwake(on: boolean): void;
  /** What trains the run in a folder where that is not an engine of the host; null where it is. */
  forkFor(folder: string): Fork | null;
  /** Events have been written, or a job has ended. */
  onWritten(): void;
  /** There is room for the next job. */
  onEnded(): void;
}

const HEARTBEAT_MS = 5000;
/** The dock need not be told of each step. */
const SHOWN_CHANGE = 0.005;

export class Runner {
  readonly #parts: RunnerParts;
  readonly #log: Log;
  #active: ActiveJob | null = null;
  #settled: Promise<void> = Promise.resolve();
  #heartbeat: NodeJS.Timeout | null = null;
  #shownFraction = -1;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#log = logIn(parts.store);
  }

  get active(): ActiveJob | null {
    return this.#active;
  }

  /** Resolves when the job that goes on now has ended and what came of it is kept. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Starts a job; there must be none that goes on. A run that was deleted meanwhile takes its job along. */
  start(record: JobRecord): void {
    const { store, table, host, now, makeRoom, keepAwake, forkFor, onWritten, onEnded } = this.#parts;
    const run = store.runs.find(record.runId);
    if (!run || run.binned !== null) {
      table.remove(record.id);
      onEnded();
      return;
    }
    const isTraining = record.kind === 'train';
    const started = run.started ?? this.#isoNow();
    if (isTraining) store.runs.update(run.id, { state: 'running', started, problem: null });
    makeRoom();
    const active = new ActiveJob({
      record,
      run,
      store,
      fork: (isTraining && forkFor(run.folder)) || host.fork,
      now,
      onWritten,
      onProgress: () => this.#progressed(record.id),
      onRescue: () => table.change(record.id, { resume: true, pid: active.pid }),
    });
    this.#active = active;
    const resume = record.resume || isTraining;
    table.change(record.id, { state: 'starting', startAt: null, resume, pid: active.pid });
    if (store.settings.get().keepAwake) keepAwake(true);
    this.#heartbeat = setInterval(() => active.isSilent && table.touch(), HEARTBEAT_MS).unref();
    this.#settled = active.ended
      .then((end) => (active.isAbandoned ? undefined : this.#ended(record.id, run, end)))
      .catch((error: unknown) => void this.#log.failure('the end of a job', error))
      .finally(() => this.close());
    void this.#settled.then(onEnded);
  }

  /** Forgets the job that went on; the computer may sleep. */
  close(): void {
    const { showProgress, keepAwake } = this.#parts;
    if (!this.#active) return;
    this.#active = null;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#shownFraction = -1;
    showProgress(null);
    keepAwake(false);
  }

  #progressed(id: string): void {
    const { table, showProgress } = this.#parts;
    const { state } = table.get(id);
    const { comparing = false } = this.#active?.progress ?? {};
    // a training that was asked to end early is over, and goes on with its comparison
    const isOver = state === 'stopping' && comparing && this.#active?.wish === 'finish';
    if (state === 'starting' || isOver) table.change(id, { state: 'running' });
    else table.touch();
    const fraction = this.#active?.progress.fraction ?? null;
    if (fraction === null || Math.abs(fraction - this.#shownFraction) < SHOWN_CHANGE) return;
    this.#shownFraction = fraction;
    showProgress(fraction);
  }

  #ended(id: string, run: RunDetails, end: JobEnd): void {
    const { table, onWritten } = this.#parts;
    const record = table.get(id);
    const { job, problem } = end.settled;
    if (problem) this.#log.problem(`a job (${record.kind})`, problem);
    this.#keep(record, run, end);
    const reached = this.#reached(record, job === 'done');
    if (job === 'gone') table.remove(id);
    else table.change(id, { state: job, problem, reached, finish: false, pid: null });
    onWritten();
    this.#notify(record, end);
  }

  /** How far a job was; one that is done has reached its end, wherever that was. */
  #reached({ kind, runId }: JobRecord, isDone: boolean): RestProgress | null {
    const { fraction, step, steps } = this.#active?.progress ?? NO_PROGRESS;
    const run = kind === 'train' && !isDone ? this.#parts.store.runs.find(runId) : null;
    return run ? recordedProgress(run) : { fraction: isDone ? 1 : fraction, step, steps };
  }

  /** Puts what came of a job into the store. */
  #keep({ kind }: JobRecord, run: RunDetails, { outcome, settled, seconds }: JobEnd): void {
    const { store } = this.#parts;
    const { run: state, problem } = settled;
    if (kind === 'train') {
      const ended = state === 'paused' ? {} : { ended: this.#isoNow() };
      updateRun(store, run.id, { state, problem, seconds, ...ended });
    }
    if (outcome.kind !== 'result' || !store.runs.find(run.id)) return;
    if (kind === 'assess') store.assessments.set(run.id, outcome.result as AssessResult);
    if (kind === 'export')
      store.exports.add(run.id, exportRow(outcome.result as ExportResult, this.#isoNow()));
  }

  #notify(record: JobRecord, { outcome, settled }: JobEnd): void {
    const { store, host } = this.#parts;
    if (!store.settings.get().notify) return;
    const verdict = store.assessments.get(record.runId)?.verdict.sentence ?? null;
    const result = outcome.kind === 'result' ? outcome.result : null;
    const notice = noticeFor(record, settled, verdict, result);
    if (notice) host.notify(notice.title, notice.body);
  }

  #isoNow(): string {
    return new Date(this.#parts.now()).toISOString();
  }
}

/** How an export is kept with its run. */
export function exportRow(result: ExportResult, created = new Date().toISOString()): ExportRow {
  return { id: randomUUID(), created, result, available: true };
}

/** Changes a run that is there; it may have been deleted meanwhile. */
export function updateRun(store: Store, id: string, change: RunChange): void {
  if (store.runs.find(id)) store.runs.update(id, change);
}

/** What a person is told when a job has ended by itself while they looked elsewhere. */
const TITLES: Readonly<Record<JobRecord['kind'] | 'blend', (name: string) => string>> = {
  train: (name) => say`“${name}” is trained`,
  blend: (name) => say`“${name}” is blended`,
  assess: (name) => say`“${name}” has been compared`,
  export: (name) => say`“${name}” is exported`,
};

/** The notice for an ended job; null where the person ended it. `verdict`: the sentence of the run's assessment. */
function noticeFor(
  { kind, isBlend, name }: Pick<JobRecord, 'kind' | 'isBlend' | 'name'>,
  { job, problem }: JobOutcome,
  verdict: string | null,
  result: unknown,
): { readonly title: string; readonly body: string } | null {
  if (job === 'failed') return { title: say`“${name}” has stopped`, body: problem?.message ?? '' };
  if (job !== 'done') return null;
  const proved = kind === 'export' ? (result as ExportResult).proved : null;
  const title = TITLES[isBlend ? 'blend' : kind](name);
  return { title, body: proved ?? verdict ?? say`Open Fettle to see the result.` };
}
