/**
 * Writes what a training says into the store: numbered events in batches, and the run's own fields beside them. Steps may
 * come by the hundred a second, so they wait for each other a moment; anything else is written at once.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NumberedEvent } from '../../common/api/contract.ts';
import type { AssessResult, EngineEvent } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { RunChange, Store } from '../store/store.ts';

const BATCH_MS = 250;
/** A store that another process holds makes the writer wait: one that failed is tried again after this long, and at the end. */
const RETRY_MS = 60_000;

interface RecorderOptions {
  readonly runId: string;
  /** The run's folder, where its assessment lies. */
  readonly folder: string;
  readonly now: () => number;
  /** What the run has taken so far, earlier parts of it included. */
  readonly seconds: () => number;
  /** Also how far a phase has got, which is no event of its own otherwise. */
  readonly everyEvent?: boolean;
  /** Called when events have been written. */
  onWritten?(): void;
  /** Something could not be kept; by default the log says so. */
  onFailure?(error: unknown, what: string): void;
}

export class Recorder {
  readonly #store: Store;
  readonly #options: RecorderOptions;
  #number: number;
  #pending: NumberedEvent[] = [];
  #change: RunChange = {};
  #phase = '';
  #timer: NodeJS.Timeout | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** Goes on numbering where the run's events end. */
  constructor(store: Store, options: RecorderOptions) {
    this.#store = store;
    this.#options = options;
    this.#number = store.events.lastNumber(options.runId);
  }

  add(event: EngineEvent, at = this.#options.now()): void {
    if (!this.#options.everyEvent && this.#isOldNews(event)) return;
    if (event.event === 'start' && event.stepsDone > 0) this.#takeMissed(event.stepsDone);
    this.#take(event, at);
    if (this.#options.now() - this.#failedAt < RETRY_MS) return;
    if (event.event !== 'step') this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Writes what is not written yet, with `change` of the run; whether that went well. What fails is tried again later. */
  flush(change: RunChange = {}): boolean {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#change = { ...this.#change, ...change };
    if (this.#pending.length === 0 && Object.keys(this.#change).length === 0) return true;
    const { runId, seconds, onWritten } = this.#options;
    const events = this.#pending;
    try {
      this.#store.events.add(runId, events, { seconds: seconds(), ...this.#change });
      this.#pending = [];
      this.#change = {};
      this.#failedAt = Number.NEGATIVE_INFINITY;
      if (events.some(({ event }) => event.event === 'assessment')) this.#takeAssessment();
    } catch (error) {
      this.#failedAt = this.#options.now();
      this.#failed(error, 'The history could not be written');
    }
    onWritten?.();
    return this.#pending.length === 0;
  }

  #failed(error: unknown, what: string): void {
    const { onFailure } = this.#options;
    if (onFailure) onFailure(error, what);
    else console.error(`${what}: ${error instanceof Error ? error.message : error}`);
  }

  #take(event: EngineEvent, at: number): void {
    this.#pending.push({ number: ++this.#number, at, event });
    this.#change = { ...this.#change, ...this.#changeBy(event) };
  }

  /** A run that goes on after step `upTo` has taken steps that nobody could record: the recorder's process was killed. */
  #takeMissed(upTo: number): void {
    this.flush();
    try {
      const missed = this.#store.events.missed(this.#options.runId, upTo);
      for (const { event, at } of missed) this.#take(event as EngineEvent, at);
    } catch (error) {
      this.#failed(error, 'What was missed could not be read');
    }
  }

  #isOldNews(event: EngineEvent): boolean {
    const phase = event.event === 'phase' ? `${event.phase} ${event.detail ?? ''}` : '';
    const isOld = phase !== '' && phase === this.#phase;
    this.#phase = phase;
    return isOld;
  }

  #takeAssessment(): void {
    const { folder, runId } = this.#options;
    try {
      const text = readFileSync(path.join(folder, 'assessment.json'), 'utf8');
      this.#store.assessments.set(runId, JSON.parse(text) as AssessResult);
    } catch (error) {
      this.#failed(error, 'The assessment could not be kept');
    }
  }

  /** The settings of the run as they are now. */
  #config(): Partial<RunConfig> {
    return this.#change.config ?? this.#store.runs.find(this.#options.runId)?.config ?? {};
  }

  /** What an event says about its run as a whole. */
  #changeBy(event: EngineEvent): RunChange {
    switch (event.event) {
      case 'start':
        return { start: event, step: event.stepsDone };
      case 'step':
        return { step: event.step };
      case 'eval':
        return event.best ? { bestLoss: event.loss } : {};
      case 'look': {
        const { look: _, ...before } = this.#config();
        return { config: { ...before, learningRate: event.learningRate } as RunConfig };
      }
      case 'rescue':
        return { config: { ...this.#config(), ...event.changes } as RunConfig };
      case 'done':
        // a run that was blended has no evaluation but that of its result
        return {
          done: event,
          step: event.steps,
          ...(event.steps === 0 && event.heldOutLoss !== null && { bestLoss: event.heldOutLoss }),
        };
      default:
        return {};
    }
  }
}
