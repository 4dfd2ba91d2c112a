/**
 * A small log of what went wrong inside Fettle, in the data folder, for the person who is asked about it.
 * What is shown on a page is a reference number; what happened stands here, without secrets. The file is put
 * aside when it is full. With FETTLE_DEBUG faults also go to the terminal.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { renameAtOnce } from './rename.ts';

export interface Log {
  /** The file that is written to now. */
  readonly file: string;
  /** Adds a line with the time. */
  note(text: string): void;
  /** Adds an error in full; returns the number under which it is found. */
  failure(what: string, error: unknown): string;
  /** Adds the details of a problem that has some; gives it back. */
  problem<P extends { readonly message: string; readonly details?: string }>(what: string, problem: P): P;
}

const MOST_BYTES = 1_000_000;
const KEPT_FILES = 3;

/** What looks like a secret, each with what is written in its place. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bhf_[A-Za-z0-9]{8,}/g, 'hf_…'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 …'],
  [/((?:token|password|secret|authorization|cookie)["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi, '$1…'],
  [/(\w+:\/\/)[^\s/@]+@/g, '$1…@'],
];

/** The log in the data folder of `store`, wherever that lies at the moment. */
export const logIn = (store: { readonly folder: string }): Log =>
  openLog(() => path.join(store.folder, 'logs'));

/** A log in the folder that `folder` gives at the moment, which may change while it is open; `fettle.log` there. */
export function openLog(folder: () => string, { mostBytes = MOST_BYTES } = {}): Log {
  const fileNow = () => path.join(folder(), 'fettle.log');
  const add = (text: string) => {
    // a full disk must not turn one error into two
    try {
      mkdirSync(folder(), { recursive: true });
      makeRoom(fileNow(), mostBytes);
      appendFileSync(fileNow(), `${new Date().toISOString()} ${withoutSecrets(text)}\n`, { mode: 0o600 });
    } catch {}
  };
  const fault = (text: string) => {
    add(text);
    if (process.env.FETTLE_DEBUG) process.stderr.write(`${withoutSecrets(text)}\n`);
  };
  return {
    get file() {
      return fileNow();
    },
    note: add,
    failure(what, error) {
      const reference = randomBytes(3).toString('hex');
      fault(`[${reference}] ${what}: ${inFull(error)}`);
      return reference;
    },
    problem(what, problem) {
      const { message, details } = problem;
      if (details !== undefined) fault(`${what}: ${message}\n${details}`);
      return problem;
    },
  };
}

/** `text` with everything that looks like a token, a password or a cookie replaced. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
}

/** An error with its stack and its causes. */
function inFull(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined || depth > 4 ? own : `${own}\ncaused by ${inFull(error.cause, depth + 1)}`;
}

/** Puts a full file aside as `.1`, older ones as `.2` and so on; the oldest goes. */
function makeRoom(file: string, mostBytes: number): void {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes < mostBytes) return;
  for (let age = KEPT_FILES - 1; age >= 1; age--)
    if (statSync(`${file}.${age}`, { throwIfNoEntry: false }))
      renameAtOnce(`${file}.${age}`, `${file}.${age + 1}`);
  renameAtOnce(file, `${file}.1`);
}
