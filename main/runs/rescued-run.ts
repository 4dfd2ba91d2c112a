/**
 * A job with all the engines that it takes: where one fails for something that can be rescued (rescue.ts), the next goes on with
 * settings that take less. The application and the command line train with it.
 */
import type { Problem, RunState } from '../../common/api/contract.ts';
import type { CallEvent, RescueEvent } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { stateOfDone } from '../store/store.ts';
import type { Fork } from './engine-link.ts';
import { EngineRun, type Order, type Outcome } from './engine-run.ts';
import { deathOf, problemOf, type Remains, wasEnded } from './problems.ts';
import { followed, NO_COURSE, reasonOf, rescueAfter, triedInVain } from './rescue.ts';

interface RescuedRunParts {
  readonly fork: Fork;
  readonly now: () => number;
  onEvent(event: CallEvent): void;
  /** What a person is told of the end of an engine; null where nothing went wrong. */
  problemOf(outcome: Outcome): Problem | null;
  /** Whether another engine may be started after a failure. */
  isWanted(): boolean;
}

/** How the last engine ended; its problem tells, too, that less was tried. */
export interface RescuedEnd {
  readonly outcome: Outcome;
  readonly problem: Problem | null;
}

export class RescuedRun {
  /** Resolves when the last process has ended; never rejects. */
  readonly ended: Promise<RescuedEnd>;
  readonly #parts: RescuedRunParts;
  readonly #tries: RescueEvent[] = [];
  #order: Order;
  #engine: EngineRun;
  #course = NO_COURSE;

  constructor(order: Order, parts: RescuedRunParts) {
    this.#parts = parts;
    this.#order = order;
    this.#engine = this.#start();
    this.ended = this.#toTheEnd();
  }

  get pid(): number | null {
    return this.#engine.pid;
  }

  /** Milliseconds since the last sign of life. */
  get silentMs(): number {
    return this.#engine.silentMs;
  }

  /** Asks the engine to save and end. */
  stop(): void {
    this.#engine.stop();
  }

  speak(): void {
    this.#engine.speak();
  }

  /** Asks a training to end with its best weights. */
  finish(): void {
    this.#engine.finish();
  }

  kill(): void {
    this.#engine.kill();
  }

  #start(): EngineRun {
    const { fork, now } = this.#parts;
    return new EngineRun(fork, this.#order, (event) => this.#hear(event), now);
  }

  #hear(event: CallEvent): void {
    if ('event' in event) this.#course = followed(this.#course, event);
    this.#parts.onEvent(event);
  }

  async #toTheEnd(): Promise<RescuedEnd> {
    for (;;) {
      const outcome = await this.#engine.outcome;
      const problem = this.#parts.problemOf(outcome);
      if (problem === null || reasonOf(problem.code) === null) return { outcome, problem };
      if (!this.#goesOnAfter(problem))
        return { outcome, problem: { ...problem, hint: `${triedInVain(this.#tries)}${problem.hint}` } };
    }
  }

  /** Starts another engine with settings that take less, where that can help. */
  #goesOnAfter({ code, message: cause }: Problem): boolean {
    const order = this.#order;
    const reason = reasonOf(code);
    if (order.kind !== 'train' || order.probe || reason === null || !this.#parts.isWanted()) return false;
    const failure = { config: order.config, course: this.#course, tries: this.#tries, reason, cause };
    const rescue = rescueAfter<RunConfig>(failure);
    if (rescue === null) return false;
    this.#tries.push(rescue.event);
    this.#order = { ...order, config: rescue.config, resume: true };
    this.#engine = this.#start();
    this.#hear(rescue.event);
    return true;
  }
}

/** What a person asked of a job that goes on. */
export type Wish = 'pause' | 'cancel' | 'finish' | null;

export interface JobOutcome {
  /** `gone`: the job leaves the list. */
  readonly job: 'done' | 'paused' | 'failed' | 'gone';
  /** For trainings. */
  readonly run: RunState;
  readonly problem: Problem | null;
}

const DONE: JobOutcome = { job: 'done', run: 'done', problem: null };
const PAUSED: JobOutcome = { job: 'paused', run: 'paused', problem: null };
const CANCELLED: JobOutcome = { job: 'gone', run: 'stopped', problem: null };

/** How a job stands after `outcome`; a result that was written in spite of a wish to stop is a result. */
export function standingAfter(outcome: Outcome, wish: Wish, remains: Remains): JobOutcome {
  if (outcome.kind === 'done') return { ...DONE, run: stateOfDone(outcome.done) };
  if (outcome.kind === 'result') return DONE;
  if (wish === 'cancel') return CANCELLED;
  if (outcome.kind === 'stopped') return PAUSED;
  if (outcome.kind === 'failed') {
    // asked to stop before its first step, also by a system that shuts down: nothing was saved, nothing is lost
    if (outcome.failure.code === 'stopped' && remains.hasBegun !== undefined) return PAUSED;
    const run = remains.resumable ? 'interrupted' : 'failed';
    return { job: 'failed', run, problem: problemOf(outcome.failure, remains) };
  }
  const { hasBegun, resumable } = remains;
  // one that fails at its first step would do so again; one that was ended later, or by somebody, is worth another try
  const isWorthIt = hasBegun !== undefined && (hasBegun || wasEnded(outcome.ending));
  const problem = deathOf(outcome.ending, { resumable, hasBegun: isWorthIt });
  return { job: 'failed', run: resumable || isWorthIt ? 'interrupted' : 'failed', problem };
}
