/**
 * Runs the `fettle` command and reads what it says: to its end within this process, engine included, which saves two starts each time, or
 * as a person or a script does, in a process group of its own with an engine that is a process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { DoneEvent, EngineEvent } from '../../common/protocol/protocol.ts';
import { terminalEngine } from '../../main/app/work-here.ts';
import { runCommand } from '../../main/cli/cli.ts';
import { engineHere } from './engine-here.ts';
import { askToStop, CHANNEL } from './stop.ts';

/** The command's file. */
export const BIN = path.join(import.meta.dirname, '..', '..', 'bin', 'fettle.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Events of `--json`. */
  readonly events: EngineEvent[];
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first event that `matches`; rejects when the command ends without one. */
  event(matches: (event: EngineEvent) => boolean): Promise<EngineEvent>;
  /** Sends a signal to the command and to everything that it started, as a terminal does. */
  signalAll(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Folder of the program; default: this repository. */
  readonly program?: string;
}

/** Starts `fettle` with `args`. */
export function startFettle(args: readonly string[], { env, cwd, program }: StartOptions = {}): Started {
  const { NO_COLOR: _, FETTLE_DEBUG: __, ...inherited } = process.env;
  const bin = program === undefined ? BIN : path.join(program, 'bin', 'fettle.js');
  const child = spawn(process.execPath, [bin, ...args], {
    // a group of processes, which Windows knows none of
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe', ...CHANNEL],
    env: { ...inherited, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const lines = new EventLines();
  let [out, err] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    lines.push(text);
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      lines.end(err);
      resolve({ code, signal, out, err, events: lines.events });
    });
  });
  const signalAll = (signal: NodeJS.Signals) => {
    // there its engine ends with the command
    if (process.platform === 'win32') return signal === 'SIGKILL' ? void child.kill() : askToStop(child);
    try {
      process.kill(-child.pid!, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return { child, ended, signalAll, event: (matches) => lines.first(matches) };
}

const processes = { ...terminalEngine };

interface RunOptions extends Pick<StartOptions, 'env'> {
  /** Whether what computes is a process of its own. */
  readonly ownEngine?: boolean;
  /** Gets each event of `--json` as it is written. */
  readonly onEvent?: (event: EngineEvent) => void;
}

/** Runs `fettle` with `args` to its end, with `env` beside the environment of the test. */
export async function fettle(
  args: readonly string[],
  { env = {}, ownEngine = false, onEvent }: RunOptions = {},
): Promise<Ended> {
  const own: NodeJS.ProcessEnv = { ...env, NO_COLOR: undefined, FETTLE_DEBUG: undefined };
  const before = Object.keys(own).map((name) => [name, process.env[name]] as const);
  const said = { out: '', err: '' };
  const lines = new EventLines(onEvent);
  const to = (where: keyof typeof said) => ({
    write(text: string) {
      said[where] += text;
      if (where === 'out') lines.push(text);
    },
  });
  try {
    setAll(Object.entries(own));
    if (!ownEngine) Object.assign(terminalEngine, { start: engineHere, startReader: engineHere });
    const code = await runCommand(args, { out: to('out'), err: to('err') });
    return { code, signal: null, ...said, events: lines.events };
  } finally {
    Object.assign(terminalEngine, processes);
    setAll(before);
  }
}

function setAll(variables: readonly (readonly [name: string, value: string | undefined])[]): void {
  for (const [name, value] of variables)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
}

/** The `done` event; fails with what the command said where there is none. */
export function doneOf({ events, err }: Ended): DoneEvent {
  const last = events.at(-1);
  if (last?.event === 'done') return last;
  throw new Error(`the run did not end with done but with ${JSON.stringify(last)}\n${err}`);
}

interface Waiting {
  matches(event: EngineEvent): boolean;
  resolve(event: EngineEvent): void;
  reject(error: Error): void;
}

/** JSON Lines that arrive in pieces. */
class EventLines {
  readonly events: EngineEvent[] = [];
  readonly #onEvent: ((event: EngineEvent) => void) | undefined;
  #rest = '';
  #waiting: Waiting[] = [];

  constructor(onEvent?: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('{')) this.#add(JSON.parse(line) as EngineEvent);
  }

  first(matches: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    const there = this.events.find(matches);
    if (there) return Promise.resolve(there);
    return new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject }));
  }

  end(err: string): void {
    for (const { reject } of this.#waiting) reject(new Error(`the command ended before that:\n${err}`));
  }

  #add(event: EngineEvent): void {
    this.events.push(event);
    this.#onEvent?.(event);
    for (const { resolve } of this.#waiting.filter(({ matches }) => matches(event))) resolve(event);
    this.#waiting = this.#waiting.filter(({ matches }) => !matches(event));
  }
}

/** What a command wrote as JSON in its last line; an error that says what it complained about where it wrote nothing. */
export function resultOf<T>({ out, err }: Ended): T {
  if (out === '') throw new Error(`the command wrote nothing: ${err}`);
  return JSON.parse(out.trim().split('\n').at(-1)!) as T;
}
