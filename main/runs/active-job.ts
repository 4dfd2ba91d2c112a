/** The job that goes on: its engine, what it records, how far it is, and what the person wants of it meanwhile. */
import type { Job, RunDetails } from '../../common/api/contract.ts';
import type { CallEvent, RescueEvent } from '../../common/protocol/protocol.ts';
import type { Fork } from '../api/parts.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { Store } from '../store/store.ts';
import { type Settled, settled, type Wish } from './endings.ts';
import { EngineRun, type Order, type Outcome } from './engine-run.ts';
import { hasCheckpoint } from './folder.ts';
import type { Remains } from './problems.ts';
import { advanced, NO_PROGRESS, type Progress } from './progress.ts';
import type { JobRecord } from './queue.ts';
import { Recorder } from './recorder.ts';
import { followed, NO_COURSE, reasonOf, rescueAfter, triedInVain } from './rescue.ts';

/** After this long without a sign of life a job is called silent; a step of a large model may take that long. */
const SILENT_MS = 60_000;

export interface ActiveParts {
  readonly record: JobRecord;
  readonly run: RunDetails;
  readonly store: Store;
  readonly fork: Fork;
  readonly now: () => number;
  /** After each event. */
  onProgress(progress: Progress): void;
  /** After events have been written to the store. */
  onWritten(): void;
  /** After an engine has failed and another one has been started for the same job. */
  onRescue(): void;
}

/** How a job ended, and the seconds that its run has taken with it. */
export interface JobEnd {
  readonly outcome: Outcome;
  readonly settled: Settled;
  readonly seconds: number;
}

export class ActiveJob {
  readonly id: string;
  wish: Wish = null;
  /** How it ended, once everything that it said is written. */
  readonly ended: Promise<JobEnd>;
  readonly #parts: ActiveParts;
  readonly #recorder: Recorder | null;
  readonly #tries: RescueEvent[] = [];
  #engine: EngineRun;
  #config: RunConfig;
  #course = NO_COURSE;
  #abandoned = false;
  #progress: Progress = { ...NO_PROGRESS, doing: 'Starting' };

  constructor(parts: ActiveParts) {
    const { record, run, store, now, onWritten } = parts;
    this.#parts = parts;
    this.id = record.id;
    const started = now();
    const seconds = () => (run.seconds ?? 0) + (now() - started) / 1000;
    const recording = { runId: run.id, folder: run.folder, now, seconds, onWritten };
    this.#recorder = record.kind === 'train' ? new Recorder(store, recording) : null;
    this.#config = run.config as unknown as RunConfig;
    this.#engine = this.#start(orderFor(record, run, this.#config));
    this.ended = this.#toTheEnd().then(({ outcome, settled: result }) => {
      if (result.problem && !this.#abandoned) this.#recorder?.add({ event: 'error', ...result.problem });
      this.#recorder?.flush();
      return { outcome, settled: result, seconds: seconds() };
    });
  }

  #start(order: Order): EngineRun {
    const { fork, now } = this.#parts;
    return new EngineRun(fork, order, (event) => this.#onEvent(event), now);
  }

  /** Waits for the engine, and for those that come after it where it fails for something that can be rescued. */
  async #toTheEnd(): Promise<{ outcome: Outcome; settled: Settled }> {
    for (;;) {
      const outcome = await this.#engine.outcome;
      const result = settled(outcome, this.wish, this.#remains());
      if (!this.#isRescued(result)) return { outcome, settled: withTries(result, this.#tries) };
    }
  }

  /** Starts another engine with settings that take less, where that can help. */
  #isRescued({ problem }: Settled): boolean {
    const { record, run, onRescue, store } = this.#parts;
    const reason = problem && reasonOf(problem.code);
    if (!reason || record.kind !== 'train' || this.wish !== null || this.#abandoned) return false;
    const about = { config: this.#config, course: this.#course, tries: this.#tries };
    const rescue = rescueAfter({ ...about, reason, cause: problem.message });
    if (rescue === null || !store.runs.find(run.id)) return false;
    this.#config = rescue.config;
    this.#tries.push(rescue.event);
    this.#onEvent(rescue.event);
    store.runs.update(run.id, { config: rescue.config });
    this.#engine = this.#start(orderFor({ ...record, resume: true }, run, rescue.config));
    onRescue();
    return true;
  }

  get pid(): number | null {
    return this.#engine.pid;
  }

  /** How far it is; an engine that has not been heard of for a minute is said to be silent. */
  get progress(): Progress {
    const { silentMs } = this.#engine;
    if (silentMs < SILENT_MS) return this.#progress;
    const minutes = Math.floor(silentMs / 60_000);
    const doing = `Not responding for ${minutes === 1 ? 'a minute' : `${minutes} minutes`}: a long step, or it hangs`;
    return { ...this.#progress, doing };
  }

  get isSilent(): boolean {
    return this.#engine.silentMs >= SILENT_MS;
  }

  stop(wish: 'pause' | 'cancel'): void {
    this.wish = wish;
    this.#engine.stop();
  }

  /** Ends the comparison after a training: its result is written, so the engine is done. */
  skip(): void {
    this.wish = null;
    this.#engine.stop();
  }

  finish(): void {
    this.wish = 'finish';
    this.#engine.finish();
  }

  kill(): void {
    this.#engine.kill();
  }

  /** Ends it as if the whole application had died: what it said is kept, and the next start finds it interrupted. */
  abandon(): void {
    this.#abandoned = true;
    this.#recorder?.flush();
    this.#engine.kill();
  }

  get isAbandoned(): boolean {
    return this.#abandoned;
  }

  #remains(): Remains {
    const { record, run } = this.#parts;
    if (record.kind !== 'train') return { resumable: false };
    return { resumable: hasCheckpoint(run.folder), begun: (this.#progress.step ?? run.step) > 0 };
  }

  #onEvent(event: CallEvent): void {
    if (!('event' in event)) return;
    const { record, run } = this.#parts;
    this.#recorder?.add(event);
    this.#course = followed(this.#course, event);
    this.#progress = advanced(this.#progress, event, {
      kind: record.kind,
      assess: run.config.assess === true,
    });
    this.#parts.onProgress(this.#progress);
  }
}

/** How a job stands, with a word about what was tried in vain. */
function withTries(result: Settled, tries: readonly RescueEvent[]): Settled {
  const { problem } = result;
  if (problem === null || !reasonOf(problem.code)) return result;
  return { ...result, problem: { ...problem, hint: `${triedInVain(tries)}${problem.hint}` } };
}

/** What the engine is told to do for a job. */
function orderFor(record: JobRecord, run: RunDetails, config: RunConfig): Order {
  const { kind, resume, finish } = record;
  if (kind === 'assess') return { kind: 'call', name: 'assess', input: { run: run.folder } };
  if (kind === 'export') return { kind: 'call', name: 'export', input: record.export };
  const given = config.samplePrompts ?? [];
  const prompts = given.length > 0 ? given : run.prompts.filter((prompt) => prompt.trim() !== '').slice(0, 3);
  return { kind: 'train', config: { ...config, samplePrompts: prompts }, resume, finish };
}

/** A record as the application shows it. */
export function jobOf(record: JobRecord, { comparing, trainingShare: _, ...progress }: Progress): Job {
  const { id, kind, isBlend, runId, name, state, startAt, problem } = record;
  const marks = { ...(isBlend && { isBlend }), ...(comparing && { comparing }) };
  return { id, kind, ...marks, runId, name, state, startAt, problem, ...progress };
}
