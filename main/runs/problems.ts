/**
 * What went wrong, in words: what happened, why, what to do. For pages, where flags have the names of settings, and for a terminal.
 * A system that runs out of memory ends a process without a word, so its signs are read from how it ended.
 */

import type { Problem } from '../../common/api/contract.ts';
import { AppError, systemError } from '../../common/errors.ts';
import type { EngineFailure } from '../../common/protocol/protocol.ts';
import { duration } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { withoutSecrets } from '../log.ts';
import { type Excess, type ProcessEnding, saysNoMemory } from './engine-link.ts';
import type { Outcome } from './engine-run.ts';

/**
 * Aborted after a failed allocation, or by Windows for lack of memory: STATUS_NO_MEMORY and STATUS_COMMITMENT_LIMIT of its
 * ntstatus.h, and the code with which Chromium's allocator ends a process.
 */
const NO_MEMORY_CODES: readonly (number | null)[] = [134, 0xc0000017, 0xc000012d, 0xe0000008];
/** Ended from outside: 128 plus the signal where a shell tells of it. */
const KILLED_CODE = 137;

/**
 * Whether a process ended as one does that got no memory. The system kills without a word, and so does a person: where the
 * system counts its own kills, they decide.
 */
export function looksLikeNoMemory({
  code,
  signal,
  stderr,
  memoryKill = null,
  hungSeconds,
  excess,
}: ProcessEnding): boolean {
  if (hungSeconds !== undefined || excess !== undefined) return false;
  if (saysNoMemory(stderr)) return true;
  if (signal === 'SIGKILL' || code === KILLED_CODE) return memoryKill !== false;
  // an abort with other last words has another reason
  const isAborted = signal === 'SIGABRT' || NO_MEMORY_CODES.includes(code);
  return isAborted && !ABORTED_FOR.test(stderr);
}

/** What asserts and uncaught exceptions of native code say before they abort. */
const ABORTED_FOR = /assert|terminate called|fatal error/i;

/** What Vulkan's libraries say before they end the process. */
const LOST_DEVICE = /DeviceLost|VK_ERROR_DEVICE_LOST/;

/** What asks a process to end, or ends it, and is never a fault of its own. */
const FROM_OUTSIDE: readonly (string | null)[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];

/** Whether a person, another program or the system that shuts down has ended a process: the same work would go well. */
export function wasEnded(ending: ProcessEnding): boolean {
  if (ending.hungSeconds !== undefined || ending.excess !== undefined) return false;
  if (looksLikeNoMemory(ending)) return false;
  return FROM_OUTSIDE.includes(ending.signal);
}

/** `was ended by SIGTERM`, `ended with code 3`. */
function howItEnded(code: number | null, signal: string | null): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}

/** Whether what is left behind can be gone on with. */
export interface Remains {
  readonly resumable: boolean;
  /** Whether steps were taken: a training without a checkpoint yet begins again. */
  readonly hasBegun?: boolean;
}

const lessMemory = () => say`Close other programs, or use shorter rows or a smaller model.`;

/** The problem of an engine that ended without saying how its job went. */
export function deathOf(ending: ProcessEnding, { resumable, hasBegun = false }: Remains): Problem {
  const next = nextAfter({ resumable, hasBegun });
  if (ending.hungSeconds !== undefined) return hangOf(ending.hungSeconds, { resumable, hasBegun });
  if (ending.excess) return excessOf(ending.excess);
  if (ending.refusal instanceof AppError) {
    const { code, message, hint } = ending.refusal;
    return { code, message, hint };
  }
  if (looksLikeNoMemory(ending)) {
    const message = say`The computer ran out of memory.`;
    return { code: 'out-of-memory', message, hint: `${lessMemory()}${next}` };
  }
  if (wasEnded(ending)) {
    const message = say`Another program or a person ended the work.`;
    const again = next.trim() || say`Start it again.`;
    return { code: 'engine-died', message, hint: again };
  }
  if (LOST_DEVICE.test(ending.stderr)) {
    const message = say`The graphics card was lost.`;
    return { code: 'device-lost', message, hint: next.trim() || say`Start it again.` };
  }
  const how = ending.signal ?? say`code ${String(ending.code)}`;
  const words = ending.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return {
    code: 'engine-died',
    ...detailsIn(ending.stderr),
    message: words
      ? say`The work ended unexpectedly (${how}). Last words: ${words}`
      : say`The work ended unexpectedly (${how}).`,
    hint: next.trim() || say`Start it again. If it happens again, copy the details and report it.`,
  };
}

/** The problem of a file that takes too much to read. */
function excessOf({ file, of }: Excess): Problem {
  const isTime = of === 'time';
  return {
    code: isTime ? 'data-too-slow' : 'data-too-large',
    message: isTime
      ? say`${file} takes far too long to read for its size.`
      : say`${file} takes far too much memory to read for its size.`,
    hint: say`It may be damaged or made to do harm. If you trust it, save it again with its program.`,
  };
}

/** The problem of work that was ended because nothing was heard of it for so long. */
function hangOf(seconds: number, remains: Remains): Problem {
  return {
    code: 'engine-hung',
    message: say`This stopped responding for ${duration(seconds)} and was ended.`,
    hint:
      nextAfter(remains).trim() || say`Try again. If it happens again, use another file or another model.`,
  };
}

function nextAfter({ resumable, hasBegun = false }: Remains): string {
  if (resumable) return `${marks().gap}${say`Resume to continue from the last checkpoint.`}`;
  return hasBegun ? `${marks().gap}${say`Resume to start again: there was no checkpoint yet.`}` : '';
}

/** The problem that an engine has told of; a failed allocation is no bug. */
export function problemOf(failure: EngineFailure, remains: Remains): Problem {
  const { code, message, hint } = failure;
  if (code !== null) return { code, message, hint };
  if (saysNoMemory(message)) return deathOf({ code: 134, signal: null, stderr: message }, remains);
  return {
    code: 'internal',
    message: say`Something in Fettle went wrong: ${message}`,
    hint: say`This is a bug in Fettle, not your mistake. Copy the details and report it.`,
    ...detailsIn(failure.stack),
  };
}

const detailsIn = (text: string) => (text.trim() === '' ? {} : { details: withoutSecrets(text.trim()) });

/** What went wrong in an engine as an error: one that a person can act on, or a bug. */
export function errorOnPage(wrong: Extract<Outcome, { kind: 'failed' | 'died' }>): Error {
  const none = { resumable: false };
  const { code, message, hint, details } =
    wrong.kind === 'died' ? deathOf(wrong.ending, none) : problemOf(wrong.failure, none);
  if (wrong.kind === 'died' || code !== 'internal') return new AppError(code, message, hint, { details });
  const error = new Error(wrong.failure.message);
  error.stack = wrong.failure.stack;
  return error;
}

/** What is said at a terminal of the end of an engine; null where nothing went wrong. A training can be resumed, as a rule. */
export function problemAtTerminal(outcome: Outcome, { resumable } = { resumable: true }): Problem | null {
  if (outcome.kind === 'died') return deathAtTerminal(outcome.ending, resumable);
  if (outcome.kind !== 'failed') return null;
  const { code, message, hint } = outcome.failure;
  return code === null ? described(new Error(message)) : { code, message, hint };
}

/** The same as an error, which knows where in the engine it happened. */
export function errorAtTerminal(outcome: Outcome, { code, message, hint }: Problem): AppError {
  const error = new AppError(code, message, hint);
  if (outcome.kind === 'failed') error.stack = outcome.failure.stack;
  return error;
}

function deathAtTerminal(ending: ProcessEnding, resumable: boolean): Problem {
  if (ending.refusal instanceof AppError) return described(ending.refusal);
  if (ending.hungSeconds !== undefined) {
    const hang = hangOf(ending.hungSeconds, { resumable: false });
    return resumable ? { ...hang, hint: 'Continue from the newest checkpoint with --resume.' } : hang;
  }
  if (ending.excess) return excessOf(ending.excess);
  const how = howItEnded(ending.code, ending.signal);
  if (looksLikeNoMemory(ending))
    return {
      code: 'out-of-memory',
      message: `The engine process ${how}, as the system does when memory runs out.`,
      hint: resumable
        ? 'Lower --max-length, take a smaller model, or close other programs; then resume with --resume.'
        : 'Take a smaller model, or close other programs.',
    };
  if (LOST_DEVICE.test(ending.stderr))
    return {
      code: 'device-lost',
      message: 'The graphics card was lost.',
      hint: resumable ? 'Resume from the newest checkpoint with --resume.' : 'Give the same command again.',
    };
  const outside = ending.signal === 'SIGKILL' ? ' from outside, and not for lack of memory' : '';
  return {
    code: 'engine-died',
    message: `The engine process ${how}${outside}.`,
    hint: resumable ? 'Resume from the newest checkpoint with --resume.' : 'Give the same command again.',
  };
}

/** The problem on a page of anything that was thrown. */
export function describedOnPage(thrown: unknown): Problem {
  const { code, message, hint } = described(thrown);
  if (code !== 'internal') return { code, message, hint };
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  return problemOf({ code: null, message, hint, stack }, { resumable: false });
}

/** Code, message and advice at a terminal for anything that was thrown. */
export function described(thrown: unknown): Problem {
  const error = systemError(thrown);
  if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'stopped', message: 'Stopped before it was done.', hint: '' };
  const message = error instanceof Error ? error.message : String(error);
  if (saysNoMemory(message) || message.includes('ENOMEM')) {
    return {
      code: 'out-of-memory',
      message: `There was not enough memory: ${message}`,
      hint: 'Close other programs, or take a smaller --tokens-per-micro-batch, --max-length or model.',
    };
  }
  return {
    code: 'internal',
    message,
    hint: 'This looks like a bug in Fettle. FETTLE_DEBUG=1 shows where it happened.',
  };
}
