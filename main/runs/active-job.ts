/** The job that goes on: its engine, what it records, how far it is, and what the person wants of it meanwhile. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Job, RunDetails } from '../../common/api/contract.ts';
import type { CallEvent, PhaseEvent } from '../../common/protocol/protocol.ts';
import { plural } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { Store } from '../store/store.ts';
import type { Fork } from './engine-link.ts';
import { callOrder, type Order, type Outcome } from './engine-run.ts';
import type { Remains } from './problems.ts';
import { advanced, doing, ending, type JobRecord, NO_PROGRESS, type Progress } from './queue.ts';
import { Recorder } from './recorder.ts';
import { type JobOutcome, RescuedRun, standingAfter, type Wish } from './rescued-run.ts';

/** After this long without a sign of life a job is called silent; a step of a large model may take that long. */
const SILENT_MS = 60_000;

interface ActiveParts {
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
  readonly settled: JobOutcome;
  readonly seconds: number;
}

export class ActiveJob {
  readonly id: string;
  wish: Wish = null;
  /** How it ended, once everything that it said is written. */
  readonly ended: Promise<JobEnd>;
  readonly #parts: ActiveParts;
  readonly #recorder: Recorder | null;
  readonly #engines: RescuedRun;
  #abandoned = false;
  /** What it is busy with between steps; null while it takes them. */
  #phase: PhaseEvent | null = null;
  #progress: Progress;

  constructor(parts: ActiveParts) {
    const { record, run, store, fork, now, onWritten } = parts;
    this.#parts = parts;
    this.#progress = { ...NO_PROGRESS, doing: say`Starting` };
    this.id = record.id;
    const started = now();
    const seconds = () => (run.seconds ?? 0) + (now() - started) / 1000;
    const recording = { runId: run.id, folder: run.folder, now, seconds, onWritten };
    this.#recorder = record.kind === 'train' ? new Recorder(store, recording) : null;
    this.#engines = new RescuedRun(orderFor(record, run), {
      fork,
      now,
      onEvent: (event) => this.#onEvent(event),
      problemOf: (outcome) => this.#settled(outcome).problem,
      isWanted: () => this.wish === null && !this.#abandoned && store.runs.find(run.id) !== null,
    });
    this.ended = this.#engines.ended.then(({ outcome, problem }) => {
      if (problem && !this.#abandoned) this.#recorder?.add({ event: 'error', ...problem });
      this.#recorder?.flush();
      return { outcome, settled: { ...this.#settled(outcome), problem }, seconds: seconds() };
    });
  }

  #settled(outcome: Outcome): JobOutcome {
    return standingAfter(outcome, this.wish, this.#remains());
  }

  get pid(): number | null {
    return this.#engines.pid;
  }

  /** How far it is; an engine that has not been heard of for a minute is said to be silent. */
  get progress(): Progress {
    const { silentMs } = this.#engines;
    if (silentMs < SILENT_MS) return this.#progress;
    const minutes = Math.floor(silentMs / 60_000);
    const doing = say`Not responding for ${plural(minutes, 'minute')}. It may be a long step.`;
    return { ...this.#progress, doing };
  }

  get isSilent(): boolean {
    return this.#engines.silentMs >= SILENT_MS;
  }

  stop(wish: 'pause' | 'cancel'): void {
    this.wish = wish;
    this.#engines.stop();
  }

  /** Says on in the language of this process what goes on. */
  speak(): void {
    this.#engines.speak();
    this.#progress = { ...this.#progress, doing: this.#phase === null ? '' : doing(this.#phase) };
    this.#parts.onProgress(this.#progress);
  }

  /** Ends the comparison after a training: its result is written, so the engine is done. */
  skip(): void {
    this.wish = null;
    this.#engines.stop();
  }

  finish(): void {
    this.wish = 'finish';
    this.#progress = ending(this.#progress);
    this.#engines.finish();
  }

  kill(): void {
    this.#engines.kill();
  }

  /** Ends it as if the whole application had died: what it said is kept, and the next start finds it interrupted. */
  abandon(): void {
    this.#abandoned = true;
    this.#recorder?.flush();
    this.#engines.kill();
  }

  get isAbandoned(): boolean {
    return this.#abandoned;
  }

  #remains(): Remains {
    const { record, run } = this.#parts;
    if (record.kind !== 'train') return { resumable: false };
    return { resumable: hasCheckpoint(run.folder), hasBegun: (this.#progress.step ?? run.step) > 0 };
  }

  #onEvent(event: CallEvent): void {
    if (!('event' in event)) return;
    const { record, run } = this.#parts;
    this.#recorder?.add(event);
    // of its details the engine knows the words, and says them again with its next event
    if (event.event === 'phase') this.#phase = { event: 'phase', phase: event.phase };
    else if (event.event !== 'warning') this.#phase = null;
    this.#progress = advanced(this.#progress, event, {
      kind: record.kind,
      assess: run.config.assess === true,
      isEnding: this.wish === 'finish',
    });
    this.#parts.onProgress(this.#progress);
    if (event.event === 'rescue') this.#parts.onRescue();
  }
}

function orderFor(record: JobRecord, run: RunDetails): Order {
  const { kind, resume, finish, thorough = false } = record;
  if (kind === 'assess') return callOrder('assess', { run: run.folder, ...(thorough && { thorough }) });
  if (kind === 'export') return callOrder('export', record.export!);
  const config = run.config as unknown as RunConfig;
  const given = config.samplePrompts ?? [];
  const prompts = given.length > 0 ? given : run.prompts.filter((prompt) => prompt.trim() !== '').slice(0, 3);
  return { kind: 'train', config: { ...config, samplePrompts: prompts }, resume, finish };
}

/** A record as the application shows it. */
export function jobOf(
  record: JobRecord,
  { comparing, trainingShare: _, comparisonSeconds: __, ...progress }: Progress,
): Job {
  const { id, kind, isBlend, runId, name, state, startAt, problem } = record;
  const marks = { ...(isBlend && { isBlend }), ...(comparing && { comparing }) };
  return { id, kind, ...marks, runId, name, state, startAt, problem, ...progress };
}

/** Whether a checkpoint is in the folder of a run. */
function hasCheckpoint(folder: string): boolean {
  try {
    const names = readdirSync(path.join(folder, 'checkpoints'));
    return names.some((name) => /^step-\d+\.safetensors$/.test(name));
  } catch {
    return false;
  }
}
