/**
 * Short work of the engine: one process that is started when it is needed, answers one call after the other, is ended
 * after a minute without any, and replaced when it dies. What was under way then fails and says why.
 */
import { randomUUID } from 'node:crypto';
import type { DataLook } from '../../preload/contract.ts';
import type { EngineCalls, EngineLink, Fork } from '../api/parts.ts';
import type {
  CallEvent,
  EngineCallName,
  EngineCommand,
  EngineFailure,
  EngineReply,
  MeasuredRates,
} from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import { deathOf, type Ending, inWords, problemOf } from './problems.ts';

const IDLE_MS = 60_000;
/** Rounds of blind comparisons that can still be judged. */
const KEPT_ROUNDS = 100;

interface Pending {
  onEvent(event: CallEvent): void;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

type CallEnd = Exclude<Extract<EngineReply, { id: number }>, { event: unknown }>;

interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: CallEvent) => void;
}

/** The engine's calls through processes that `fork` starts; `idleMs`: how long one is kept without work. */
export function openEngineCalls(fork: Fork, { idleMs = IDLE_MS } = {}): EngineCalls {
  const line = new Line(fork, idleMs);
  // a process without a past, as a training has it, that gives the memory back at once
  const benchLine = new Line(fork, 0);
  const rounds = new Map<string, { run: string; rows: number; seed: number }>();
  // the results are what the table of the engine's calls gives for these names
  const ask = <T>(name: EngineCallName, input?: unknown, asking: Asking = {}) =>
    line.ask(name, input, asking) as Promise<T>;
  return {
    async look(config, signal) {
      const found = await ask<DataLook>('look', config, { signal });
      const { problem = null } = found;
      if (problem === null) return found;
      const words = { message: inWords(problem.message), hint: inWords(problem.hint) };
      return { ...found, problem: { ...problem, ...words } };
    },
    preview: (config, signal) => ask('preview', config, { signal }),
    check: (config, onEvent, signal) =>
      ask('check', config, { signal, onEvent: (event) => 'event' in event && onEvent(event) }),
    undo: (file, out) => ask('undo', { file, out }),
    inspect: (model) => ask('inspect', model),
    plan: (config, signal) => ask('plan', config, { signal }),
    prices: (cases, signal) => ask('prices', cases, { signal }),
    bench: (folder, onProgress, signal) =>
      benchLine.ask(
        'bench',
        { folder },
        { signal, onEvent: (event) => 'doing' in event && onProgress(event) },
      ) as Promise<MeasuredRates>,
    generate: (config, onText, signal) =>
      ask('generate', config, { signal, onEvent: (event) => 'text' in event && onText(event.text) }),
    async blind(run, pairs, seed) {
      const round = { run, rows: pairs, seed };
      const { pairs: drawn } = await ask<{ pairs: { prompt: string; first: string; second: string }[] }>(
        'blind',
        round,
      );
      const id = randomUUID();
      rounds.set(id, round);
      if (rounds.size > KEPT_ROUNDS) rounds.delete(rounds.keys().next().value!);
      return { id, pairs: drawn };
    },
    async judge(id, choices) {
      const round = rounds.get(id);
      if (round) return ask('judge', { ...round, choices });
      throw new AppError(
        'no-round',
        'This round of comparing is not known any more.',
        'Begin a new one: Fettle has been started again since.',
      );
    },
    parseRun: (settings) => ask('parseRun', settings),
    parseExport: (settings) => ask('parseExport', settings),
    parseAssess: (settings) => ask('parseAssess', settings),
    settings: () => ask('settings'),
    // models are only open in a process that is there
    closeModels: () => (line.isOpen ? ask('close') : Promise.resolve()),
    close() {
      line.close();
      benchLine.close();
    },
  };
}

/** The process of the moment, and the calls that it has not answered. */
class Line {
  readonly #fork: Fork;
  readonly #idleMs: number;
  readonly #pending = new Map<number, Pending>();
  #link: EngineLink | null = null;
  #idle: NodeJS.Timeout | null = null;
  #lastId = 0;

  constructor(fork: Fork, idleMs: number) {
    this.#fork = fork;
    this.#idleMs = idleMs;
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

  close(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#link?.kill();
  }

  #open(): EngineLink {
    const link = this.#fork();
    link.onMessage((message) => this.#hear(message as EngineReply));
    link.onExit((ending) => this.#died(link, ending));
    return link;
  }

  #hear(reply: EngineReply): void {
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
    if (this.#pending.size === 0) this.#idle = setTimeout(() => this.#end(), this.#idleMs).unref();
  }

  /** The next call begins a new process, also while this one still dies. */
  #end(): void {
    this.#link?.kill();
    this.#link = null;
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
