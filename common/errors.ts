/**
 * The one error type that people see. A message says what happened, the hint says what to do
 * next. Anything else that is thrown is a bug, and its message starts with `internal:`.
 */
import { said } from './words/language.ts';

interface AppErrorOptions extends ErrorOptions {
  /** What a developer would ask for, such as the last words of a process. */
  readonly details?: string | undefined;
}

export class AppError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly details: string | undefined;

  constructor(code: string, message: string, hint: string, options?: AppErrorOptions) {
    super(shortened(message), options);
    this.name = 'AppError';
    this.code = code;
    this.hint = shortened(hint);
    this.details = options?.details;
  }
}

/** Longer than any sentence of Fettle's own; what is longer echoes a value from a file. */
const MAX_LENGTH = 2000;
const KEPT_END = 400;

/** Without its middle where it is long: the start says what is wrong, the end what was expected. */
function shortened(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH - KEPT_END)} … ${text.slice(-KEPT_END)}`.toWellFormed();
}

/** What a library says of a fault, in brackets to end a sentence with; nothing where it speaks of its own code. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error) || cause instanceof TypeError || cause instanceof RangeError) return '';
  return /\bundefined\b/.test(cause.message) ? '' : ` (${cause.message.replace(/\.$/, '')})`;
}

/** An error for a state that only a bug in Fettle can produce. */
export function internal(message: string): Error {
  return new Error(`internal: ${message}`);
}

/** Fails with an `internal:` error when `condition` is false; for what the code guarantees, never for user input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw internal(message);
}

/** What the system refuses, in words: its codes, our code, what happened, what to do. */
export const REFUSALS: readonly (readonly [
  codes: readonly string[],
  code: string,
  what: string,
  hint: string,
])[] = [
  [['ENOENT'], 'file-not-found', 'There is no such file or folder', 'Check the path.'],
  [
    ['EACCES', 'EPERM'],
    'file-forbidden',
    "You don't have permission to use this",
    'Change its permissions, or choose another place.',
  ],
  [['EROFS'], 'file-forbidden', 'This disk is read-only', 'Choose a folder on another disk.'],
  [['EBUSY', 'ETXTBSY'], 'file-forbidden', 'Another program is using this', 'Close it and try again.'],
  [['EISDIR'], 'path-unusable', 'This is a folder, not a file', 'Choose a file.'],
  [['ENOTDIR'], 'path-unusable', 'This is a file, not a folder', 'Choose another path.'],
  [['EEXIST', 'ENOTEMPTY'], 'path-unusable', 'Something else is there already', 'Choose another name.'],
  [['ELOOP'], 'path-unusable', 'This link leads back to itself', 'Remove the link, or choose another path.'],
  [['ENAMETOOLONG'], 'path-unusable', 'This name is too long for the disk', 'Choose a shorter name.'],
  [
    ['ENOSPC', 'EDQUOT'],
    'disk-full',
    'The disk is full',
    'Free some space, or choose a folder on another disk.',
  ],
  [['EFBIG'], 'disk-limit', 'This file is too large for the disk', 'Choose a folder on another disk.'],
  [['EIO'], 'disk-fault', 'The disk failed', 'Check the disk, and copy what you need to another one.'],
  [
    ['EMFILE', 'ENFILE'],
    'system-limit',
    'The system lets Fettle open no more files',
    'Close other programs, or raise the limit for open files.',
  ],
  [
    ['EAGAIN'],
    'system-limit',
    'The system can start no more programs',
    'Close other programs and try again.',
  ],
];
const SHOWN_PATH = 200;

/** What was thrown as a person can act on it, where the system has refused `path` or what it names itself; else as it came. */
export function systemError(error: unknown, path?: string): unknown {
  const { code, syscall, ...at } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  if (error instanceof AppError || code === undefined || syscall === undefined) return error;
  const row = REFUSALS.find(([codes]) => codes.includes(code));
  if (!row) return error;
  const [, ours, what, hint] = row;
  const where = path ?? at.dest ?? at.path ?? '';
  const shown = where.length > SHOWN_PATH ? `${where.slice(0, SHOWN_PATH)}…` : where;
  return new AppError(ours, `${said(what)}${shown && `: ${shown}`}.`, said(hint), { cause: error });
}

/** For `catch`: null where `path` is not there; what the system refuses otherwise is thrown as a person can act on it. */
export const nullIfMissing = (path: string) => (error: unknown) => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw systemError(error, path);
};

/** The text to print for anything that was thrown: message, then what to do. */
export function describeError(thrown: unknown): string {
  const error = systemError(thrown);
  if (error instanceof AppError) return error.hint ? `${error.message}\n${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
