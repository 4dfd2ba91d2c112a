/** The job that goes on: its engine, what it records, how far it is, and what the person wants of it meanwhile. */
import type { Job, RunDetails } from '../../preload/contract.ts';
import type { Fork, Store } from '../api/parts.ts';
import type { RunConfig } from '../engine/config.ts';
import type { CallEvent } from '../engine/protocol.ts';
import { type Settled, settled, type Wish } from './endings.ts';
import { EngineRun, type Order, type Outcome } from './engine-run.ts';
import { hasCheckpoint } from './folder.ts';
import type { Remains } from './problems.ts';
import { advanced, NO_PROGRESS, type Progress } from './progress.ts';
import type { JobRecord } from './queue.ts';
import { Recorder } from './recorder.ts';

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
}

/** How a job ended, and the seconds that it took. */
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
  readonly #engine: EngineRun;
  readonly #recorder: Recorder | null;
  #abandoned = false;
  #progress: Progress = { ...NO_PROGRESS, doing: 'Starting' };

  constructor(parts: ActiveParts) {
    const { record, run, store, now, fork, onWritten } = parts;
    this.#parts = parts;
    this.id = record.id;
    const recording = { runId: run.id, folder: run.folder, now, onWritten };
    this.#recorder = record.kind === 'train' ? new Recorder(store, recording) : null;
    const started = now();
    this.#engine = new EngineRun(fork, orderFor(record, run), (event) => this.#onEvent(event), now);
    this.ended = this.#engine.outcome.then((outcome) => {
      const remains = this.#remains();
      const result = settled(outcome, this.wish, remains);
      if (result.problem && !this.#abandoned) this.#recorder?.add({ event: 'error', ...result.problem });
      this.#recorder?.flush();
      return { outcome, settled: result, seconds: (now() - started) / 1000 };
    });
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
    this.#progress = advanced(this.#progress, event, {
      kind: record.kind,
      assess: run.config.assess === true,
    });
    this.#parts.onProgress(this.#progress);
  }
}

/** What the engine is told to do for a job. */
function orderFor(record: JobRecord, run: RunDetails): Order {
  const { kind, resume, finish } = record;
  if (kind === 'assess') return { kind: 'call', name: 'assess', input: { run: run.folder } };
  if (kind === 'export') return { kind: 'call', name: 'export', input: record.export };
  const config = run.config as unknown as RunConfig;
  const given = config.samplePrompts ?? [];
  const prompts = given.length > 0 ? given : run.prompts.filter((prompt) => prompt.trim() !== '').slice(0, 3);
  return { kind: 'train', config: { ...config, samplePrompts: prompts }, resume, finish };
}

/** A record as the application shows it. */
export function jobOf(record: JobRecord, progress: Progress): Job {
  const { id, kind, runId, name, state, startAt, problem } = record;
  return { id, kind, runId, name, state, startAt, problem, ...progress };
}
