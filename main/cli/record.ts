/**
 * Runs of the command line go into the same history as those of the window. The history is the smaller thing: when it cannot
 * be written, one line says so and the training goes on.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunState } from '../../common/api/contract.ts';
import { describeError } from '../../common/errors.ts';
import type { AssessResult, DoneEvent, EngineEvent, ExportResult } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { isRunning } from '../processes.ts';
import type { RunChange, Store } from '../store/store.ts';
import { stateOfDone } from '../store/store.ts';
import { machineFacts, versions } from '../versions.ts';
import type { Streams } from './command.ts';
import { described } from './exit-codes.ts';

/** Writes at most so often, and at the end. */
const EVERY_MS = 1_000;

export interface Recording {
  /** Takes an event of the run; returns at once. */
  event(event: EngineEvent): void;
  failed(error: unknown): void;
  /** Writes what is left and closes the history. */
  close(): Promise<void>;
}

interface RecordOptions {
  readonly resume: boolean;
  /** Says in one line what is wrong with the history; called once at most. */
  warn(text: string): void;
  open?(): Promise<Store>;
}

/** Records a training from its `start` event on: one that fails before that has left nothing that a history could show. */
export function recordTraining(config: RunConfig, options: RecordOptions): Recording {
  const record = new TrainingRecord(config, options);
  return {
    event: (event) => record.event(event),
    failed: (error) => record.failed(error),
    close: () => record.close(),
  };
}

/** Opens the history of this computer. */
export async function openHistory(): Promise<Store> {
  const { openStore } = await import('../store/open.ts');
  return openStore();
}

class TrainingRecord {
  #config: RunConfig;
  readonly #options: RecordOptions;
  readonly #began = Date.now();
  #queue: { readonly at: number; readonly event: EngineEvent }[] = [];
  #change: RunChange = {};
  #opening: Promise<void> | null = null;
  #store: Store | null = null;
  #id = '';
  #number = 0;
  #secondsBefore = 0;
  #hasCheckpoint = false;
  #isOver = false;
  #hasFailed = false;
  #timer: NodeJS.Timeout | null = null;
  // a second Ctrl-C ends the process at once: what is known by then is written in its last moment
  readonly #atExit = () => this.#end();

  constructor(config: RunConfig, options: RecordOptions) {
    this.#config = config;
    this.#options = options;
  }

  event(event: EngineEvent): void {
    this.#queue.push({ at: Date.now(), event });
    this.#note(event);
    if (event.event === 'start') this.#opening ??= this.#open();
  }

  failed(error: unknown): void {
    if (this.#isOver) return;
    const problem = described(error);
    const isDeath = problem.code === 'engine-died' || problem.code === 'out-of-memory';
    this.event({ event: 'error', ...problem });
    this.#over(isDeath && this.#hasCheckpoint ? 'interrupted' : 'failed', { problem });
  }

  async close(): Promise<void> {
    await this.#opening;
    this.#end();
  }

  /** What the event says about the run as a whole. */
  #note(event: EngineEvent): void {
    const add = (change: RunChange) => {
      this.#change = { ...this.#change, ...change };
    };
    if (event.event === 'start') add({ start: event, steps: event.steps, executor: event.executor });
    else if (event.event === 'step') add({ step: event.step, steps: event.steps });
    else if (event.event === 'eval' && event.best) add({ bestLoss: event.loss });
    else if (event.event === 'checkpoint') this.#hasCheckpoint = true;
    else if (event.event === 'rescue') this.#goOnWith(event.changes as Partial<RunConfig>, add);
    else if (event.event === 'stopped') this.#over('paused', { step: event.step });
    else if (event.event === 'done')
      this.#over(stateOfDone(event), { ...doneChange(event), step: event.steps, problem: null });
  }

  /** The settings that the run goes on with are its settings now. */
  #goOnWith(changes: Partial<RunConfig>, add: (change: RunChange) => void): void {
    this.#config = { ...this.#config, ...changes };
    add({ config: this.#config });
  }

  #over(state: RunState, change: RunChange): void {
    this.#isOver = true;
    this.#change = { ...this.#change, ...change, state, ended: new Date().toISOString() };
  }

  async #open(): Promise<void> {
    try {
      this.#store = await (this.#options.open ?? openHistory)();
      this.#begin(this.#store);
      process.on('exit', this.#atExit);
      this.#write();
      this.#timer = setInterval(() => this.#attempt(() => this.#write()), EVERY_MS).unref();
    } catch (error) {
      this.#fail(error);
    }
  }

  #begin(store: Store): void {
    const { out } = this.#config;
    const known = this.#options.resume ? store.runs.byFolder(out) : null;
    const run = known ?? store.runs.create(newRun(this.#config));
    if (known) store.runs.restore([known.id]);
    this.#id = run.id;
    this.#number = store.events.lastNumber(run.id);
    if (known) this.#takeMissed(store);
    this.#secondsBefore = run.seconds ?? 0;
    if (run.bestLoss !== null && this.#change.bestLoss === undefined)
      this.#change = { ...this.#change, bestLoss: run.bestLoss };
    const started = run.started ?? new Date(this.#began).toISOString();
    this.#change = { state: 'running', started, problem: null, ...this.#change };
    store.kept.set(recorderKey(run.id), { pid: process.pid });
  }

  /** Steps up to the checkpoint that were not recorded, because the command was killed. */
  #takeMissed(store: Store): void {
    const missed = store.events.missed(this.#id, this.#change.start?.stepsDone ?? 0);
    this.#queue = [...missed, ...this.#queue];
    const best = missed.findLast(({ event }) => event.event === 'eval' && event.best)?.event;
    if (best?.event === 'eval') this.#change = { bestLoss: best.loss, ...this.#change };
  }

  /** All or nothing: where it fails, the next call writes the same again. */
  #write(): void {
    const store = this.#store;
    if (!store || (this.#queue.length === 0 && Object.keys(this.#change).length === 0)) return;
    const events = this.#queue.map(({ at, event }, i) => ({ number: this.#number + 1 + i, at, event }));
    const seconds = this.#secondsBefore + this.#seconds();
    store.events.add(this.#id, events, { ...this.#change, seconds });
    if (events.some(({ event }) => event.event === 'assessment')) {
      const assessment = readAssessment(this.#config.out);
      if (assessment) store.assessments.set(this.#id, assessment);
    }
    this.#number += events.length;
    this.#queue = [];
    this.#change = {};
  }

  /** Of this part of the run: as the engine tells at its end, else since the command was given. */
  #seconds(): number {
    return this.#change.done?.seconds ?? (Date.now() - this.#began) / 1000;
  }

  #end(): void {
    const store = this.#store;
    if (!store) return;
    process.removeListener('exit', this.#atExit);
    if (this.#timer) clearInterval(this.#timer);
    if (!this.#isOver) this.#over('interrupted', {});
    this.#attempt(() => {
      this.#write();
      store.kept.set(recorderKey(this.#id), null);
    });
    this.#store = null;
    this.#attempt(() => store.close());
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Says so once, and tries again only at the end: waiting for a disk each second would hold up the display. */
  #fail(error: unknown): void {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.warn(`warning: this run is not kept in the history. ${describeError(error)}`);
  }
}

/** A run that was blended has no evaluation but that of its result. */
function doneChange(done: DoneEvent): RunChange {
  const { steps, heldOutLoss } = done;
  return { done, ...(steps === 0 && heldOutLoss !== null && { bestLoss: heldOutLoss }) };
}

function newRun(config: RunConfig): Parameters<Store['runs']['create']>[0] {
  const data = [config.data].flat();
  const more = data.length > 1 ? ` and ${data.length - 1} more` : '';
  const prompts = [(config as { samplePrompts?: string | readonly string[] }).samplePrompts ?? []].flat();
  return {
    name: path.basename(config.out),
    state: 'running',
    folder: config.out,
    modelId: null,
    model: path.basename(config.model),
    data: path.basename(data[0] ?? '') + more,
    config,
    prompts,
    machine: machineFacts(),
    versions: versions(),
    from: null,
  };
}

function readAssessment(folder: string): AssessResult | null {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'assessment.json'), 'utf8')) as AssessResult;
  } catch {
    return null;
  }
}

/** Warnings of the history go where everything for watching goes. */
export function warnOn({ err }: Streams): (text: string) => void {
  return (text) => err.write(`${text}\n`);
}

/** Keeps an assessment made by `fettle assess`, where the history knows the run. */
export async function recordAssessment(
  folder: string,
  result: AssessResult,
  warn: (text: string) => void,
): Promise<void> {
  await withRun(folder, warn, (store, id) => store.assessments.set(id, result));
}

/** Keeps an export made by `fettle export`, where the history knows the run. */
export async function recordExport(
  folder: string,
  result: ExportResult,
  warn: (text: string) => void,
): Promise<void> {
  const row = {
    id: randomBytes(6).toString('hex'),
    created: new Date().toISOString(),
    result,
    available: true,
  };
  await withRun(folder, warn, (store, id) => store.exports.add(id, row));
}

async function withRun(
  folder: string,
  warn: (text: string) => void,
  work: (store: Store, id: string) => void,
): Promise<void> {
  try {
    const store = await openHistory();
    try {
      const run = store.runs.byFolder(folder);
      if (run) work(store, run.id);
    } finally {
      store.close();
    }
  } catch (error) {
    warn(`warning: this is not kept in the history. ${describeError(error)}`);
  }
}

const recorderKey = (id: string) => `recorder:${id}`;

/** Marks runs of command lines that were killed as interrupted, so that nobody waits for them. */
export function settleKilled(store: Store): void {
  const { rows } = store.runs.list({
    states: ['running'],
    sort: 'created',
    descending: true,
    offset: 0,
    limit: 1000,
  });
  for (const { id } of rows) {
    const recorder = store.kept.get<{ pid: number }>(recorderKey(id));
    if (recorder === null || isRunning(recorder.pid)) continue;
    store.runs.update(id, { state: 'interrupted' });
    store.kept.set(recorderKey(id), null);
  }
}
