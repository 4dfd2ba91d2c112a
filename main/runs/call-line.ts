/**
 * A line of calls to an engine process that is started when it is needed, answers one call after the other, is ended after a while
 * without any, and replaced when it dies. What was under way then fails and says why.
 */
import type { EngineLink, Fork } from '../api/parts.ts';
import type {
  CallEvent,
  EngineCallName,
  EngineCommand,
  EngineFailure,
  EngineReply,
} from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import { deathOf, type Ending, problemOf } from './problems.ts';

interface Pending {
  onEvent(event: CallEvent): void;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

type CallEnd = Exclude<Extract<EngineReply, { id: number }>, { event: unknown }>;

export interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: CallEvent) => void;
}

export interface LineOptions {
  /** How long a process is kept without work. */
  readonly idleMs: number;
  /** One with more resident memory is ended as soon as it has answered. */
  readonly mostBytes?: number;
}

/** The process of the moment, and the calls that it has not answered. */
export class CallLine {
  readonly #fork: Fork;
  readonly #options: LineOptions;
  readonly #pending = new Map<number, Pending>();
  #link: EngineLink | null = null;
  #idle: NodeJS.Timeout | null = null;
  #lastId = 0;
  #isUnwanted = false;

  constructor(fork: Fork, options: LineOptions) {
    this.#fork = fork;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#link !== null;
  }

  /** Asks the engine; rejects with what it says went wrong, or with the reason of `signal`. */
  ask(name: EngineCallName, input: unknown, { signal, onEvent = () => {} }: Asking): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#idle) clearTimeout(this.#idle);
    this.#link ??= this.#open();
    const link = this.#link;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const abort = () => {
        send(link, { command: 'cancel', id });
        reject(signal?.reason);
        // what the engine still says of it is for nobody
        this.#pending.set(id, { onEvent: () => {}, resolve: () => {}, reject: () => {} });
      };
      const after = (settle: (value: unknown) => void) => (value: unknown) => {
        signal?.removeEventListener('abort', abort);
        settle(value);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, { onEvent, resolve: after(resolve), reject: after(reject) });
      send(link, { command: 'call', id, name, input });
    });
  }

  /** Ends the process: now, or as soon as it has answered. */
  retire(): void {
    this.#isUnwanted = true;
    if (this.#pending.size === 0) this.#end();
  }

  close(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#link?.kill();
  }

  #open(): EngineLink {
    const link = this.#fork();
    this.#isUnwanted = false;
    link.onMessage((message) => this.#hear(link, message as EngineReply));
    link.onExit((ending) => this.#died(link, ending));
    return link;
  }

  #hear(link: EngineLink, reply: EngineReply): void {
    // what is left of a process before is for nobody
    if (link !== this.#link) return;
    if ('beat' in reply) this.#beat(reply.beat.rssBytes);
    if (!('id' in reply)) return;
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    if ('event' in reply) pending.onEvent(reply.event);
    else this.#settle(reply, pending);
  }

  #settle(reply: CallEnd, pending: Pending): void {
    this.#pending.delete(reply.id);
    if ('failed' in reply) pending.reject(errorOf(reply.failed));
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
    if (this.#idle) clearTimeout(this.#idle);
    const link = this.#link;
    this.#link = null;
    link?.kill();
  }

  #died(link: EngineLink, ending: Ending): void {
    if (this.#link !== link) return;
    this.#link = null;
    const { code, message, hint } = deathOf(ending, { resumable: false });
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new AppError(code, message, hint));
  }
}

function send(link: EngineLink, command: EngineCommand<never>): void {
  link.send(command);
}

/** An error that a person can act on as one, a bug as a bug. */
function errorOf(failure: EngineFailure): Error {
  const { code, message, hint } = problemOf(failure, { resumable: false });
  if (code !== 'internal') return new AppError(code, message, hint);
  const error = new Error(failure.message);
  error.stack = failure.stack;
  return error;
}
