/**
 * Writes what a training says into the store: numbered events in batches, and the run's own fields beside them. Steps may
 * come by the hundred a second, so they wait for each other a moment; anything else is written at once.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NumberedEvent } from '../../common/api/contract.ts';
import type { AssessResult, EngineEvent } from '../../common/protocol/protocol.ts';
import type { RunChange, Store } from '../store/store.ts';

const BATCH_MS = 250;

export interface RecorderOptions {
  readonly runId: string;
  /** The run's folder, where its assessment lies. */
  readonly folder: string;
  readonly now: () => number;
  /** What the run has taken so far, earlier parts of it included. */
  readonly seconds: () => number;
  /** Called when events have been written. */
  onWritten(): void;
}

export class Recorder {
  readonly #store: Store;
  readonly #options: RecorderOptions;
  #number: number;
  #pending: NumberedEvent[] = [];
  #change: RunChange = {};
  #phase = '';
  #timer: NodeJS.Timeout | null = null;

  /** Goes on numbering where the run's events end. */
  constructor(store: Store, options: RecorderOptions) {
    this.#store = store;
    this.#options = options;
    this.#number = store.events.lastNumber(options.runId);
  }

  /** Takes an event; how far a phase has got is no event of its own. */
  add(event: EngineEvent): void {
    if (this.#isOldNews(event)) return;
    if (event.event === 'start' && event.stepsDone > 0) this.#takeMissed(event.stepsDone);
    this.#take(event, this.#options.now());
    if (event.event !== 'step') this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
    if (event.event === 'assessment') this.#takeAssessment();
  }

  /** Writes what is not written yet. Where the store cannot be written now, it is tried again with what comes next. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending.length === 0) return;
    const { runId, seconds, onWritten } = this.#options;
    try {
      this.#store.events.add(runId, this.#pending, { ...this.#change, seconds: seconds() });
      this.#pending = [];
      this.#change = {};
    } catch (error) {
      console.error(`The history could not be written: ${error instanceof Error ? error.message : error}`);
    }
    onWritten();
  }

  #take(event: EngineEvent, at: number): void {
    this.#pending.push({ number: ++this.#number, at, event });
    this.#change = { ...this.#change, ...changeBy(event) };
  }

  /** A run that goes on after step `upTo` has taken steps that nobody could record: the recorder's process was killed. */
  #takeMissed(upTo: number): void {
    this.flush();
    try {
      const missed = this.#store.events.missed(this.#options.runId, upTo);
      for (const { event, at } of missed) this.#take(event as EngineEvent, at);
    } catch (error) {
      console.error(`What was missed could not be read: ${error instanceof Error ? error.message : error}`);
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
      console.error(`The assessment could not be kept: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** What an event says about its run as a whole. */
function changeBy(event: EngineEvent): RunChange {
  switch (event.event) {
    case 'start': {
      const { stepsDone, steps, executor, dataHash, modelHash } = event;
      return {
        ...{ start: event, step: stepsDone, steps, executor },
        ...(dataHash !== undefined && { dataHash }),
        ...(modelHash !== undefined && { modelHash }),
      };
    }
    case 'step':
      return { step: event.step };
    case 'eval':
      return event.best ? { bestLoss: event.loss } : {};
    case 'done':
      // a run that was blended has no evaluation but that of its result
      return {
        ...{ done: event, step: event.steps },
        ...(event.steps === 0 && event.heldOutLoss !== null && { bestLoss: event.heldOutLoss }),
      };
    default:
      return {};
  }
}
