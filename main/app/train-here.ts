/**
 * A training in the foreground, as the command line has it: beside whatever an application does with the same data folder, and kept
 * in the history as far as that can be written. It says at a terminal what its engines say.
 */
import path from 'node:path';
import { describeError } from '../../common/errors.ts';
import type { DoneEvent, EngineEvent, ProbeLimits, StoppedEvent } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { thisProcess } from '../locks.ts';
import type { Fork } from '../runs/engine-link.ts';
import { errorAtTerminal, problemAtTerminal } from '../runs/problems.ts';
import { Recorder } from '../runs/recorder.ts';
import { type RescuedEnd, RescuedRun, standingAfter } from '../runs/rescued-run.ts';
import type { RunChange, Store } from '../store/store.ts';
import { machineFacts, versions } from '../versions.ts';
import { openHistory, recorderKey } from './history.ts';
import { dataName } from './uploads.ts';
import { forkShown } from './work-here.ts';

interface Foreground {
  readonly config: RunConfig;
  readonly resume: boolean;
  /** Only try it out, so far. */
  readonly probe?: ProbeLimits;
  /** Aborted: the engine finishes its step, saves and ends. */
  readonly stop: AbortSignal;
  /** Gets all events; the last one comes when the process has ended. */
  emit(event: EngineEvent): void;
  readonly fork?: Fork;
  /** From when its seconds count, in ms since 1970: for a command that does nothing else, its own start; otherwise now. */
  readonly startedAt?: number;
}

interface Keeping {
  /** Says in one line what is wrong with the history; called once at most. */
  warn(text: string): void;
  open?(): Promise<Store>;
}

/** Trains to the end, with settings that take less where memory is short. Throws an AppError where that fails. */
export async function trainHere(request: Foreground): Promise<DoneEvent | StoppedEvent> {
  return endOf(await runHere(request), request);
}

/** The same, kept in the history of this computer; where that cannot be, the training goes on. */
export async function trainRecorded(
  request: Foreground,
  keeping: Keeping,
): Promise<DoneEvent | StoppedEvent> {
  const record = new ForegroundRecord(request, keeping);
  const emit = (event: EngineEvent) => {
    request.emit(event);
    record.event(event);
  };
  try {
    const ended = await runHere({ ...request, emit });
    record.ended(ended);
    return endOf(ended, { emit });
  } finally {
    await record.close();
  }
}

async function runHere(request: Foreground): Promise<RescuedEnd> {
  const { config, resume, probe, stop, emit, fork = forkShown, startedAt = Date.now() } = request;
  const order = { kind: 'train', config, resume, finish: false, startedAt, ...(probe && { probe }) } as const;
  const run = new RescuedRun(order, {
    fork,
    now: Date.now,
    onEvent: (event) => 'event' in event && !isEnd(event) && emit(event),
    problemOf: problemAtTerminal,
    isWanted: () => !stop.aborted,
  });
  const ask = () => run.stop();
  if (stop.aborted) ask();
  stop.addEventListener('abort', ask);
  return run.ended.finally(() => stop.removeEventListener('abort', ask));
}

const isEnd = ({ event }: EngineEvent) => event === 'done' || event === 'stopped';

function endOf(
  { outcome, problem }: RescuedEnd,
  { emit }: Pick<Foreground, 'emit'>,
): DoneEvent | StoppedEvent {
  if (problem) throw errorAtTerminal(outcome, problem);
  const end =
    outcome.kind === 'done' ? outcome.done : (outcome as { readonly stopped: StoppedEvent }).stopped;
  emit(end);
  return end;
}

/** Records a training from its `start` event on: one that fails before that has left nothing that a history could show. */
export class ForegroundRecord {
  readonly #training: Pick<Foreground, 'config' | 'resume' | 'stop'>;
  readonly #keeping: Keeping;
  readonly #began = Date.now();
  /** What came before the history was open. */
  #early: { readonly at: number; readonly event: EngineEvent }[] = [];
  #opening: Promise<void> | null = null;
  #store: Store | null = null;
  #recorder: Recorder | null = null;
  #id = '';
  /** Of this part of the run, as the engine tells at its end. */
  #seconds: number | null = null;
  #step = 0;
  #hasCheckpoint = false;
  #end: RunChange | null = null;
  #hasFailed = false;
  // a second Ctrl-C ends the process at once: what is known by then is written in its last moment
  readonly #atExit = () => this.#finish();

  constructor(training: Pick<Foreground, 'config' | 'resume' | 'stop'>, keeping: Keeping) {
    this.#training = training;
    this.#keeping = keeping;
  }

  /** Takes an event of the run; returns at once. */
  event(event: EngineEvent): void {
    const at = Date.now();
    if (event.event === 'done') this.#seconds = event.seconds;
    if (event.event === 'step') this.#step = event.step;
    this.#hasCheckpoint ||= event.event === 'checkpoint' || (event.event === 'start' && event.stepsDone > 0);
    if (this.#recorder) this.#recorder.add(event, at);
    else if (!this.#hasFailed) this.#early.push({ at, event });
    if (event.event === 'start') this.#opening ??= this.#open();
  }

  ended({ outcome, problem }: RescuedEnd): void {
    const remains = { resumable: this.#hasCheckpoint, hasBegun: this.#step > 0 };
    const { run: state } = standingAfter(outcome, this.#training.stop.aborted ? 'pause' : null, remains);
    if (problem) this.event({ event: 'error', ...problem });
    this.#end = { state, problem, ended: new Date().toISOString() };
  }

  /** Writes what is left and closes the history. */
  async close(): Promise<void> {
    await this.#opening;
    this.#finish();
  }

  async #open(): Promise<void> {
    try {
      this.#store = await (this.#keeping.open ?? openHistory)();
      this.#begin(this.#store);
      process.on('exit', this.#atExit);
    } catch (error) {
      this.#fail(error);
    }
  }

  #begin(store: Store): void {
    const { config, resume } = this.#training;
    const known = resume ? store.runs.byFolder(config.out) : null;
    if (known) store.runs.restore([known.id]);
    const run = known ?? store.runs.create(newRun(config));
    this.#id = run.id;
    const started = run.started ?? new Date(this.#began).toISOString();
    store.runs.update(run.id, { state: 'running', started, problem: null });
    store.kept.set(recorderKey(run.id), thisProcess());
    const recorder = new Recorder(store, {
      runId: run.id,
      folder: config.out,
      now: Date.now,
      everyEvent: true,
      seconds: () => (run.seconds ?? 0) + (this.#seconds ?? (Date.now() - this.#began) / 1000),
      onFailure: (error) => this.#fail(error),
    });
    for (const { at, event } of this.#early) recorder.add(event, at);
    this.#recorder = recorder;
    this.#early = [];
  }

  #finish(): void {
    const store = this.#store;
    this.#store = null;
    if (!store) return;
    process.removeListener('exit', this.#atExit);
    try {
      const isWritten = this.#recorder?.flush(
        this.#end ?? { state: 'interrupted', ended: new Date().toISOString() },
      );
      if (isWritten) store.kept.set(recorderKey(this.#id), null);
      store.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#keeping.warn(`warning: this run is not kept in the history. ${describeError(error)}`);
  }
}

function newRun(config: RunConfig): Parameters<Store['runs']['create']>[0] {
  return {
    name: path.basename(config.out),
    state: 'running',
    folder: config.out,
    modelId: null,
    model: path.basename(config.model),
    data: dataName([config.data].flat()),
    config,
    prompts: [config.samplePrompts ?? []].flat(),
    machine: machineFacts(),
    versions: versions(),
    from: null,
  };
}
