/**
 * Long jobs: one at a time in an engine process of its own, an export beside it, the others in a queue that outlives the application. What a
 * training says is recorded as it comes; how a process ended is explained; what a person asks meanwhile is passed on.
 */
import { randomUUID } from 'node:crypto';
import type { Job, NumberedEvent, RunDetails, RunState } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { madeOf } from '../../common/settings/table.ts';
import { say } from '../../common/words/language.ts';
import { Changes } from '../changes.ts';
import { isElsewhere } from '../elsewhere.ts';
import type { ExportConfig } from '../engine/config/config.ts';
import { freeMemory } from '../hardware/facts.ts';
import type { RunChange, Store } from '../store/store.ts';
import { jobOf } from './active-job.ts';
import type { Fork } from './engine-link.ts';
import {
  hasScheduled,
  isActive,
  isEnded,
  type JobRecord,
  JobTable,
  NO_PROGRESS,
  nextBeside,
  nextJob,
  recordedProgress,
  reordered,
  waitingState,
} from './queue.ts';
import { markInterrupted, recoveredJobs, YOUNG_MS } from './recover.ts';
import { type JobHost, Runner, updateRun } from './runner.ts';

export interface SupervisorOptions {
  readonly store: Store;
  readonly host: JobHost;
  /** A job is about to start, and wants the memory. */
  readonly makeRoom?: () => void;
  /** What trains the run in a folder where that is not an engine of the host; null where it is. */
  readonly forkFor?: (folder: string) => Fork | null;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How often the clock is looked at while a job waits for its time: a timer sleeps when the computer does. */
  readonly pollMs?: number;
  /** How long a cancelled job may take to end by itself. */
  readonly politeMs?: number;
  /** Bytes of memory that a job could still get. */
  readonly freeBytes?: () => number;
}

/** Memory of an export: its weights in 32 bits, and once more for what proves the copy. */
const EXPORT_BYTES_A_WEIGHT = 8;

const POLL_MS = 15_000;
const POLITE_MS = 5000;

/** The supervisor of one application. Call `recover` once, before anything else. */
export function openSupervisor(options: SupervisorOptions): Supervisor {
  return new JobSupervisor(options);
}

/** What is seen of it, by its parts and by stand-ins. */
export type Supervisor = Pick<JobSupervisor, keyof JobSupervisor>;

class JobSupervisor {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #pollMs: number;
  readonly #politeMs: number;
  readonly #table: JobTable;
  /** Of whatever comes next, and of an export beside it. */
  readonly #runners: readonly [Runner, Runner];
  readonly #freeBytes: () => number;
  /** Rings when events have been written, and when a job has ended. */
  readonly #written = new Changes();
  #poll: NodeJS.Timeout | null = null;
  #second: NodeJS.Timeout | null = null;
  #closed = false;

  constructor({ store, host, makeRoom = () => {}, forkFor = () => null, ...others }: SupervisorOptions) {
    const { now = Date.now, pollMs = POLL_MS, politeMs = POLITE_MS, freeBytes = freeMemory } = others;
    this.#store = store;
    this.#freeBytes = freeBytes;
    this.#now = now;
    this.#pollMs = pollMs;
    this.#politeMs = politeMs;
    this.#table = new JobTable(store);
    const parts = {
      store,
      host,
      makeRoom,
      forkFor,
      now,
      table: this.#table,
      keepAwake: (on: boolean) => host.keepAwake(on || this.#runners.some(({ active }) => active !== null)),
      onWritten: () => this.#written.tell(),
      onEnded: () => this.#pump(),
    };
    this.#runners = [
      new Runner({ ...parts, showProgress: (fraction) => host.showProgress(fraction) }),
      new Runner({ ...parts, showProgress: () => {} }),
    ];
  }

  /** All jobs now, and again at each change (at most ten times a second). */
  watch(signal?: AbortSignal): AsyncGenerator<readonly Job[]> {
    return this.#table.watch(() => this.list(), signal);
  }

  list(): readonly Job[] {
    return this.#table.all.map((record) => this.#jobOf(record));
  }

  train(run: RunDetails, { startAt }: { startAt?: string }): Job {
    return this.#enqueue(run, { ...training(run), startAt: startAt ?? null });
  }

  assess(run: RunDetails, { thorough }: { thorough?: boolean | undefined } = {}): Job {
    return this.#enqueue(run, { kind: 'assess', thorough: thorough ?? run.config.thorough === true });
  }

  export(run: RunDetails, config: ExportConfig): Job {
    return this.#enqueue(run, { kind: 'export', export: config });
  }

  async pause(id: string): Promise<void> {
    const record = this.#table.get(id);
    if (record.state === 'paused') return;
    if (isEnded(record)) throw over(record);
    if (!isActive(record)) return this.#rest(record, 'paused');
    if (record.kind !== 'train')
      throw new AppError(
        'cannot-pause',
        say`This can't be paused.`,
        say`Let it finish, or cancel it and start it again later.`,
      );
    if (record.state === 'stopping')
      throw new AppError('job-ending', say`It is about to end.`, say`Wait a moment.`);
    const runner = this.#runnerOf(id);
    runner?.active?.stop('pause');
    this.#table.change(id, { state: 'pausing' });
    await runner?.settled;
  }

  resume(id: string): Job {
    const record = this.#table.get(id);
    if (record.state !== 'paused' && record.state !== 'failed') return this.#jobOf(record);
    this.#rest(record, 'waiting');
    this.#pump();
    return this.#jobOf(this.#table.get(id));
  }

  /** A training that has no job any more (paused, interrupted, stopped) goes on as a new job. */
  resumeRun(run: RunDetails): Job {
    const known = this.#table.all.find(({ runId, kind, state }) =>
      runId === run.id && kind === 'train' ? state !== 'done' : false,
    );
    if (known) return this.resume(known.id);
    return this.#enqueue(run, { ...training(run), resume: true });
  }

  async finish(id: string): Promise<void> {
    const record = this.#table.get(id);
    if (record.kind !== 'train' || record.state === 'done') throw over(record);
    if (isActive(record)) {
      this.#runnerOf(id)?.active?.finish();
      this.#table.change(id, { state: 'stopping' });
      return;
    }
    if (!record.resume)
      throw new AppError(
        'not-started',
        say`The training has not begun, so there is nothing to keep.`,
        say`Cancel it.`,
      );
    this.#table.change(id, { finish: true });
    this.resume(id);
  }

  async skip(id: string): Promise<void> {
    const record = this.#table.get(id);
    const runner = this.#runnerOf(id);
    const active = runner?.active;
    if (!isActive(record) || !active?.progress.comparing)
      throw new AppError(
        'not-comparing',
        say`There is no comparison to skip.`,
        say`Wait until the training is done.`,
      );
    active.skip();
    this.#table.change(id, { state: 'stopping' });
    await runner?.settled;
  }

  async cancel(id: string): Promise<void> {
    const record = this.#table.get(id);
    if (isEnded(record)) return this.dismiss(id);
    // its result is written, and is not thrown away with the comparison
    if (this.#jobOf(record).comparing) return this.skip(id);
    if (!isActive(record)) {
      if (record.kind === 'train') this.#updateRun(record.runId, { state: 'stopped', ended: this.#isoNow() });
      this.#table.remove(id);
      this.#written.tell();
      return this.#pump();
    }
    const runner = this.#runnerOf(id);
    const active = runner?.active;
    active?.stop('cancel');
    this.#table.change(id, { state: 'stopping' });
    const timer = setTimeout(() => active?.kill(), this.#politeMs);
    await runner?.settled;
    clearTimeout(timer);
  }

  /** What goes on is told in the language that this process speaks now. */
  speak(): void {
    for (const { active } of this.#runners) active?.speak();
    this.#table.touch();
  }

  reorder(ids: readonly string[]): void {
    this.#table.replace(reordered(this.#table.all, ids));
  }

  schedule(id: string, startAt: string | null): void {
    const record = this.#table.get(id);
    if (isActive(record))
      throw new AppError('job-running', say`It is already running.`, say`Pause it first to start it later.`);
    if (record.state === 'done') throw over(record);
    this.#rest(record, waitingState(startAt, this.#now()), startAt);
    this.#pump();
  }

  dismiss(id: string): void {
    const record = this.#table.get(id);
    if (!isEnded(record) && record.state !== 'paused')
      throw new AppError('job-running', say`It is still running.`, say`Cancel it, or wait until it is done.`);
    this.#table.remove(id);
    this.#written.tell();
  }

  /** Recorded events above `after`, then live ones until the run's job ends or `signal` aborts. */
  async *events(runId: string, after: number, signal?: AbortSignal): AsyncGenerator<NumberedEvent> {
    let last = after;
    while (!signal?.aborted) {
      // looked at in this order, so that nothing written in between is missed
      const seen = this.#written.version;
      const isOver = this.#closed || !this.#table.all.some((record) => isLive(record, runId));
      for (const event of this.#store.events.read(runId, last)) {
        last = event.number;
        yield event;
        if (signal?.aborted) return;
      }
      if (isOver) return;
      await this.#written.after(seen, signal);
    }
  }

  /** What was going on when the process before died is marked as interrupted, so that it can be resumed. */
  recover(): void {
    const jobs = recoveredJobs(this.#store, this.#table.kept(), this.#now());
    this.#table.replace([...jobs, ...this.#table.all]);
    this.#markInterrupted();
    // those that were too young to tell
    if (this.#second) clearTimeout(this.#second);
    this.#second = setTimeout(() => this.#markInterrupted(), YOUNG_MS + 1000).unref();
    this.#pump();
  }

  /** Pauses what runs (a checkpoint is written), or leaves it to die with the process where `pause` is false. */
  async close({ pause }: { pause: boolean }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of [this.#poll, this.#second]) if (timer) clearTimeout(timer);
    for (const runner of this.#runners) await this.#leave(runner, pause);
    this.#table.close();
    this.#written.tell();
  }

  async #leave(runner: Runner, pause: boolean): Promise<void> {
    const { active } = runner;
    const record = this.#table.all.find(({ id }) => id === active?.id);
    // a job elsewhere goes on by itself
    const isLeft = record !== undefined && isElsewhere(this.#store.runs.find(record.runId)?.folder ?? '');
    if (!pause || isLeft || record?.kind !== 'train') active?.abandon();
    else if (active?.wish !== 'cancel') active?.stop('pause');
    if (active) await runner.settled;
    runner.close();
  }

  #enqueue(run: RunDetails, job: Partial<JobRecord> & Pick<JobRecord, 'kind'>): Job {
    const { kind, startAt = null } = job;
    const isQueued = this.#table.all.some((record) => record.kind === kind && isLive(record, run.id));
    if (isQueued && kind !== 'export')
      throw new AppError(
        'already-queued',
        say`“${run.name}” is already in the list.`,
        say`Wait for it, or cancel it there.`,
      );
    const record: JobRecord = {
      id: randomUUID(),
      runId: run.id,
      name: run.name,
      startAt,
      state: waitingState(startAt, this.#now()),
      resume: false,
      finish: false,
      export: null,
      problem: null,
      pid: null,
      reached: kind === 'train' ? recordedProgress(run) : null,
      ...job,
    };
    // what a person still works with is not in the bin
    if (run.binned !== null) this.#store.runs.restore([run.id]);
    this.#table.add(record);
    if (kind === 'train') this.#updateRun(run.id, { state: 'waiting', problem: null });
    this.#pump();
    return this.#jobOf(this.#table.all.find(({ id }) => id === record.id) ?? record);
  }

  /** Starts what is next, or looks again later where a job waits for its time. */
  #pump(): void {
    if (this.#closed) return;
    if (this.#poll) clearTimeout(this.#poll);
    this.#poll = null;
    const [first, beside] = this.#runners;
    const next = first.active ? null : nextJob(this.#table.all, this.#now());
    if (next) first.start(next);
    const exported = !first.active || beside.active ? null : this.#nextBeside();
    if (exported) beside.start(exported);
    if (hasScheduled(this.#table.all)) this.#poll = setTimeout(() => this.#pump(), this.#pollMs).unref();
  }

  /** A copy is saved beside another job where the memory of both is there. */
  #nextBeside(): JobRecord | null {
    return nextBeside(this.#table.all, this.#now(), ({ runId }) => {
      const weights = this.#store.runs.find(runId)?.start?.parameters;
      return weights !== undefined && weights * EXPORT_BYTES_A_WEIGHT <= this.#freeBytes();
    });
  }

  #runnerOf(id: string): Runner | undefined {
    return this.#runners.find(({ active }) => active?.id === id);
  }

  #markInterrupted(): void {
    markInterrupted(this.#store, this.#table.all, this.#now());
  }

  /** Puts a job that has no engine into a state in which it has none either. */
  #rest(record: JobRecord, state: JobRecord['state'], startAt: string | null = null): void {
    this.#table.change(record.id, { state, startAt, problem: null });
    const runState: RunState = state === 'paused' ? 'paused' : 'waiting';
    if (record.kind === 'train') this.#updateRun(record.runId, { state: runState, problem: null });
  }

  #updateRun(id: string, change: RunChange): void {
    updateRun(this.#store, id, change);
  }

  #jobOf(record: JobRecord): Job {
    const active = this.#runnerOf(record.id)?.active;
    return jobOf(record, active?.progress ?? { ...NO_PROGRESS, ...record.reached });
  }

  #isoNow(): string {
    return new Date(this.#now()).toISOString();
  }
}

/** The job that makes a run: a training, or making it of another run. */
function training({ config }: RunDetails): Pick<JobRecord, 'kind' | 'isBlend'> {
  return { kind: 'train', ...(madeOf(config) !== null ? { isBlend: true } : {}) };
}

/** Whether a job may still add to the events of a run: those of a paused one go on when it does. */
function isLive(record: JobRecord, runId: string): boolean {
  return record.runId === runId && !isEnded(record);
}

function over({ kind }: JobRecord): AppError {
  return new AppError(
    'job-ended',
    kind === 'train' ? say`The training has ended.` : say`This can only be done with a training.`,
    say`Look for its result in the history.`,
  );
}
