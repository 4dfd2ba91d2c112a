/**
 * One engine process and its one job: what it is told, what it tells, and how it ended. A job has ended when its process
 * has: only then its memory is free for the next one.
 */
import type {
  CallEvent,
  DoneEvent,
  EngineCallName,
  EngineCommand,
  EngineFailure,
  EngineReply,
  ProbeLimits,
  StoppedEvent,
} from '../../common/protocol/protocol.ts';
import { language } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
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

// How long an engine process is waited for, in one table. Computing blocks its event loop, so silence alone proves nothing: each limit is
// far above what the work needs on a slow computer. Seconds in which this process was awake.

export interface Patience {
  /** Without a sign of life of the process while it works on the call. */
  readonly silent: number;
  /** Without a sign of the call itself: its start, an event, its answer. */
  readonly still: number;
  /** Without a sign of life after the call was aborted or had become late. */
  readonly ending: number;
}

/** Computes nothing. Files that are opened may lie on a network. */
const QUICK: Patience = { silent: 60, still: 120, ending: 10 };
/** Goes through rows or graphs, some without a word until the end. The longest row, of 64 MiB, is tokenised in about a minute. */
const READING: Patience = { silent: 120, still: 1800, ending: 10 };
/** Creates sessions and takes steps, which block for minutes with a model of 8 GB on a slow disk; an open model is worth waiting for. */
const COMPUTING: Patience = { silent: 900, still: 3600, ending: 120 };
/** A step of the largest models takes over an hour on two cores. A job is cancelled by a person; this only frees the queue. */
export const JOB: Patience = { silent: 12 * 3600, still: Number.POSITIVE_INFINITY, ending: 60 };

export const PATIENCE: Readonly<Record<EngineCallName, Patience>> = {
  inspect: QUICK,
  adapters: QUICK,
  close: QUICK,
  merge: READING,
  judge: QUICK,
  split: QUICK,
  look: READING,
  preview: READING,
  show: READING,
  check: READING,
  undo: READING,
  rows: READING,
  edit: READING,
  prompts: READING,
  document: READING,
  documentFiles: READING,
  plan: READING,
  planTraining: READING,
  planRows: READING,
  prices: READING,
  generate: COMPUTING,
  blind: COMPUTING,
  bench: COMPUTING,
  speed: COMPUTING,
  askGguf: COMPUTING,
  rounding: COMPUTING,
  speedTest: COMPUTING,
  eval: JOB,
  assess: JOB,
  export: JOB,
  endpoint: JOB,
  documents: JOB,
  classify: JOB,
  sorter: JOB,
  bundle: JOB,
};

/** A call that nobody wants has ended by then, also where the process still gives signs of life. */
export const ENDED_SECONDS = 60;

/** A job that was asked to stop finishes its step: it may be silent for so many times its longest silence so far. */
export const STEPS_TO_STOP = 3;
