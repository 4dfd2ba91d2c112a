/**
 * A line of calls to an engine process that is started when it is needed, answers one call after the other, is ended after a while
 * without any, and replaced when it dies or hangs. The call that was the cause fails and says why; the others are asked again.
 */

import { AppError } from '../../common/errors.ts';
import type { CallEvent, EngineCommand, EngineFailure, EngineReply } from '../../common/protocol/protocol.ts';
import { language, say } from '../../common/words/language.ts';
import { callOf, type EngineCallName, type InputOf, type ResultOf } from '../engine/session/call-table.ts';
import type { EngineLink, Fork, ProcessEnding } from './engine-link.ts';
import { ENDED_SECONDS, type Outcome } from './engine-run.ts';
import { errorOnPage } from './problems.ts';

interface Pending {
  readonly name: EngineCallName;
  readonly input: unknown;
  onEvent(event: CallEvent): void;
  resolve(result: unknown): void;
  reject(error: unknown): void;
  hasBegun: boolean;
  /** Whether text was passed on: asked again it would come twice. */
  hasSpoken: boolean;
  isWanted: boolean;
  /** Since its last sign, or since nobody wants it. */
  stillSeconds: number;
}

type CallEnd = Exclude<Extract<EngineReply, { id: number }>, { event: unknown } | { begun: true }>;

export interface Asking {
  readonly signal?: AbortSignal | undefined;
  /** Asks the engine to end with what it has so far, which is then the result. */
  readonly finish?: AbortSignal | undefined;
  readonly onEvent?: (event: CallEvent) => void;
}

export interface LineOptions {
  /** How long a process is kept without work. */
  readonly idleMs: number;
  /** One with more resident memory is ended as soon as it has answered. */
  readonly mostBytes?: number;
  /** What went wrong, in words; by default those of a page. */
  readonly errorOf?: (wrong: Wrong) => Error;
}

/** How a call ends that has no result. */
export type Wrong = Extract<Outcome, { kind: 'failed' | 'died' }>;

/** The process of the moment, and the calls that it has not answered. */
export class CallLine {
  readonly #fork: Fork;
  readonly #options: LineOptions;
  readonly #errorOf: (wrong: Wrong) => Error;
  readonly #pending = new Map<number, Pending>();
  #link: EngineLink | null = null;
  #idle: NodeJS.Timeout | null = null;
  #clock: NodeJS.Timeout | null = null;
  #lastId = 0;
  #silentSeconds = 0;
  #isUnwanted = false;

  constructor(fork: Fork, options: LineOptions) {
    this.#fork = fork;
    this.#options = options;
    this.#errorOf = options.errorOf ?? errorOnPage;
  }

  get isOpen(): boolean {
    return this.#link !== null;
  }

  /** Calls without an answer. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Asks the engine; rejects with what it says went wrong, or with the reason of `signal`. */
  ask<Name extends EngineCallName>(
    name: Name,
    input: InputOf<Name>,
    { signal, finish, onEvent = () => {} }: Asking = {},
  ): Promise<ResultOf<Name>> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#idle) clearTimeout(this.#idle);
    this.#link ??= this.#open();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const abort = () => this.#giveUp(id, signal?.reason);
      const end = () => this.#send({ command: 'cancel', id });
      const after = (settle: (value: unknown) => void) => (value: unknown) => {
        signal?.removeEventListener('abort', abort);
        finish?.removeEventListener('abort', end);
        settle(value);
      };
      signal?.addEventListener('abort', abort, { once: true });
      finish?.addEventListener('abort', end, { once: true });
      this.#pending.set(id, {
        name,
        input,
        onEvent,
        resolve: after((result) => resolve(result as ResultOf<Name>)),
        reject: after(reject),
        hasBegun: false,
        hasSpoken: false,
        isWanted: true,
        stillSeconds: 0,
      });
      this.#call(id, name, input);
    });
  }

  /** Starts the process before anything is asked of it. */
  start(): void {
    this.#link ??= this.#open();
  }

  /** Ends the process: now, or as soon as it has answered. */
  retire(): void {
    this.#isUnwanted = true;
    if (this.#pending.size === 0) this.#end();
  }

  /** Ends the process; what it has not answered fails. */
  close(): void {
    const error = new AppError('stopped', say`It was stopped before it was done.`, '');
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#end();
  }

  #open(): EngineLink {
    const link = this.#fork();
    this.#isUnwanted = false;
    this.#silentSeconds = 0;
    this.#clock ??= setInterval(() => this.#tick(), 1000).unref();
    link.onMessage((message) => this.#hear(link, message as EngineReply));
    link.onExit((ending) => this.#died(link, ending));
    return link;
  }

  #call(id: number, name: EngineCallName, input: unknown): void {
    this.#send({ command: 'call', id, name, input, language: language() });
  }

  #send(command: EngineCommand<never>): void {
    this.#link?.send(command);
  }

  #hear(link: EngineLink, reply: EngineReply): void {
    // what is left of a process before is for nobody
    if (link !== this.#link) return;
    this.#silentSeconds = 0;
    if ('beat' in reply) this.#beat(reply.beat.rssBytes);
    else if ('failed' in reply && reply.isLast) this.#broke(reply);
    else if ('id' in reply) this.#hearOf(reply);
  }

  #hearOf(reply: Extract<EngineReply, { id: number }>): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    if ('begun' in reply) pending.hasBegun = true;
    else if (!('event' in reply)) this.#settle(reply, pending);
    else if (pending.isWanted) {
      pending.hasSpoken ||= 'text' in reply.event;
      pending.onEvent(reply.event);
    }
    if (pending.isWanted) pending.stillSeconds = 0;
  }

  #settle(reply: CallEnd, pending: Pending): void {
    this.#pending.delete(reply.id);
    if ('failed' in reply) pending.reject(this.#errorOf({ kind: 'failed', failure: reply.failed }));
    else pending.resolve(reply.result);
    if (this.#pending.size > 0) return;
    if (this.#isUnwanted) this.#end();
    else this.#idle = setTimeout(() => this.#end(), this.#options.idleMs).unref();
  }

  #beat(rssBytes: number): void {
    const { mostBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (rssBytes > mostBytes) this.retire();
  }

  /** The next call begins a new process, also while this one still dies. */
  #end(): void {
    for (const timer of [this.#idle, this.#clock]) if (timer) clearTimeout(timer);
    this.#clock = null;
    const link = this.#link;
    this.#link = null;
    link?.kill();
  }

  /** Rejects a call with `reason` and asks the engine to end it; what the engine still says of it is for nobody. */
  #giveUp(id: number, reason: unknown): void {
    const pending = this.#pending.get(id);
    if (!pending?.isWanted) return;
    pending.isWanted = false;
    pending.stillSeconds = 0;
    pending.reject(reason);
    this.#send({ command: 'cancel', id });
  }

  /** A second has passed. */
  #tick(): void {
    this.#silentSeconds++;
    for (const [id, pending] of this.#underWay()) {
      const { silent, still, ending } = callOf(pending.name).patience;
      const stillSeconds = ++pending.stillSeconds;
      if (pending.isWanted) {
        const isLate = stillSeconds >= still || Math.min(stillSeconds, this.#silentSeconds) >= silent;
        if (isLate) this.#giveUp(id, this.#errorOf({ kind: 'died', ending: hung(stillSeconds) }));
      } else if (
        Math.min(stillSeconds, this.#silentSeconds) >= ending ||
        stillSeconds >= Math.max(ending, ENDED_SECONDS)
      ) {
        this.#replace(() => false);
        return;
      }
    }
  }

  /** The calls that the engine works on; where it has begun none, the oldest holds up the others. */
  #underWay(): (readonly [number, Pending])[] {
    const begun = [...this.#pending].filter(([, { hasBegun }]) => hasBegun);
    return begun.length > 0 ? begun : [...this.#pending].slice(0, 1);
  }

  /** Something failed in the engine that nobody awaited: it ends, and says whose it was where it knows. */
  #broke(reply: { readonly id?: number; readonly failed: EngineFailure }): void {
    const { id, failed } = reply;
    const error = this.#errorOf({ kind: 'failed', failure: failed });
    this.#replace((pending, itsId) => (id === undefined ? pending.hasBegun : itsId === id), error);
  }

  #died(link: EngineLink, ending: ProcessEnding): void {
    if (this.#link !== link) return;
    // one that dies before its first call would do so again
    const isStillborn = ![...this.#pending.values()].some(({ hasBegun }) => hasBegun);
    const error = this.#errorOf({ kind: 'died', ending });
    this.#replace(({ hasBegun }) => hasBegun || isStillborn, error);
  }

  /** Ends the process. Calls that were the cause fail with `error`, the others are asked again in a new one. */
  #replace(isCause: (pending: Pending, id: number) => boolean, error?: Error): void {
    const pending = [...this.#pending];
    this.#pending.clear();
    this.#end();
    for (const [id, one] of pending) {
      if (!one.isWanted) continue;
      if (isCause(one, id)) one.reject(error);
      else if (one.hasSpoken)
        one.reject(new AppError('engine-died', say`The answer was cut off.`, say`Ask again.`));
      else this.#pending.set(id, { ...one, hasBegun: false, stillSeconds: 0 });
    }
    if (this.#pending.size === 0) return;
    this.#link = this.#open();
    for (const [id, { name, input }] of this.#pending) this.#call(id, name, input);
  }
}

/** The end of a process that was ended because nothing was heard of it for so long. */
const hung = (hungSeconds: number): ProcessEnding => ({ code: null, signal: null, stderr: '', hungSeconds });
