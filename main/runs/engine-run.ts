/**
 * One engine process and its one job: what it is told, what it tells, and how it ended. A job has ended when its process
 * has: only then its memory is free for the next one.
 */
import type {
  CallEvent,
  DoneEvent,
  EngineCommand,
  EngineFailure,
  EngineReply,
  ProbeLimits,
  StoppedEvent,
} from '../../common/protocol/protocol.ts';
import { language } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { type EngineCallName, type InputOf, JOB } from '../engine/session/call-table.ts';
import type { Fork, ProcessEnding } from './engine-link.ts';

export type Outcome =
  | { readonly kind: 'done'; readonly done: DoneEvent }
  | { readonly kind: 'stopped'; readonly stopped: StoppedEvent }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly failure: EngineFailure }
  | { readonly kind: 'died'; readonly ending: ProcessEnding };

/** What an engine is started for. */
export type Order =
  | {
      readonly kind: 'train';
      readonly config: RunConfig;
      readonly resume: boolean;
      readonly finish: boolean;
      /** Only try it out, so far. */
      readonly probe?: ProbeLimits;
      /** When the person asked for it, in milliseconds since 1970; now where it is left out. */
      readonly startedAt?: number;
    }
  | { readonly kind: 'call'; readonly name: EngineCallName; readonly input: unknown };

/** An engine that is started for one call. */
export function callOrder<Name extends EngineCallName>(name: Name, input: InputOf<Name>): Order {
  return { kind: 'call', name, input };
}

const CALL_ID = 1;
/** An engine that has said its last word ends by itself, or is ended. */
const LAST_WORD_MS = 5000;

export class EngineRun {
  readonly pid: number | null;
  /** Resolves when the process has ended; never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly #link: ReturnType<Fork>;
  readonly #order: Order;
  readonly #now: () => number;
  #heardAt: number;
  /** Seconds of silence in which this process was awake: those of the moment, the longest so far, and those that it was ended for. */
  #silence = 0;
  #longestSilence = 0;
  #hungSeconds: number | null = null;
  #isStopping = false;

  /** Starts an engine for `order`; `onEvent` gets its events. */
  constructor(fork: Fork, order: Order, onEvent: (event: CallEvent) => void, now: () => number) {
    this.#order = order;
    this.#now = now;
    this.#heardAt = now();
    this.#link = fork();
    this.pid = this.#link.pid ?? null;
    this.outcome = this.#listen(onEvent);
    for (const command of commandsFor(order, now())) this.#send(command);
  }

  /** Milliseconds since its last sign of life. A long step is silent: that alone means nothing. */
  get silentMs(): number {
    return this.#now() - this.#heardAt;
  }

  /** Asks it to save and end: after its current step, or as soon as it hears. */
  stop(): void {
    this.#isStopping = true;
    this.#silence = 0;
    this.#send(this.#order.kind === 'train' ? { command: 'stop' } : { command: 'cancel', id: CALL_ID });
  }

  /** Asks a training to end with its best weights. */
  finish(): void {
    this.#send({ command: 'finish' });
  }

  /** Asks it to speak the language of this process. */
  speak(): void {
    this.#send({ command: 'speak', language: language() });
  }

  kill(): void {
    this.#link.kill();
  }

  /** A second has passed. A step that goes on may be as long as those before; an engine that hangs is ended. */
  #tick(): void {
    this.#silence++;
    const limit = this.#isStopping ? Math.max(JOB.ending, STEPS_TO_STOP * this.#longestSilence) : JOB.silent;
    if (this.#silence < limit || this.#hungSeconds !== null) return;
    this.#hungSeconds = this.#silence;
    this.#link.kill();
  }

  #send(command: EngineCommand<RunConfig>): void {
    this.#link.send(command);
  }

  #listen(onEvent: (event: CallEvent) => void): Promise<Outcome> {
    let last: Outcome | null = null;
    const clock = setInterval(() => this.#tick(), 1000).unref();
    this.#link.onMessage((message) => {
      this.#heardAt = this.#now();
      this.#longestSilence = Math.max(this.#longestSilence, this.#silence);
      this.#silence = 0;
      const reply = message as EngineReply;
      const end = outcomeOf(reply);
      if (end === null && 'event' in reply) onEvent(reply.event);
      if (end === null || last !== null) return;
      last = end;
      if (end.kind === 'done') onEvent(end.done);
      if (end.kind === 'stopped') onEvent(end.stopped);
      // who answers calls waits for the next one
      if (this.#order.kind === 'call') this.#link.kill();
      else setTimeout(() => this.#link.kill(), LAST_WORD_MS).unref();
    });
    return new Promise((resolve) => {
      this.#link.onExit((ending) => {
        clearInterval(clock);
        const hung = this.#hungSeconds === null ? {} : { hungSeconds: this.#hungSeconds };
        resolve(last ?? { kind: 'died', ending: { ...ending, ...hung } });
      });
    });
  }
}

function commandsFor(order: Order, now: number): EngineCommand<RunConfig>[] {
  if (order.kind === 'call')
    return [{ command: 'call', id: CALL_ID, name: order.name, input: order.input, language: language() }];
  const { config, resume, finish, probe, startedAt = now } = order;
  return [
    { command: 'train', config, resume, startedAt, language: language(), ...(probe && { probe }) },
    ...(finish ? [{ command: 'finish' as const }] : []),
  ];
}

/** The end that `reply` tells of; null for anything else. */
function outcomeOf(reply: EngineReply): Outcome | null {
  if ('failed' in reply) return { kind: 'failed', failure: reply.failed };
  if ('result' in reply) return { kind: 'result', result: reply.result };
  if (!('event' in reply) || !('event' in reply.event)) return null;
  if (reply.event.event === 'done') return { kind: 'done', done: reply.event };
  return reply.event.event === 'stopped' ? { kind: 'stopped', stopped: reply.event } : null;
}

/** A call that nobody wants has ended by then, also where the process still gives signs of life. */
export const ENDED_SECONDS = 60;

/** A job that was asked to stop finishes its step: it may be silent for so many times its longest silence so far. */
export const STEPS_TO_STOP = 3;
