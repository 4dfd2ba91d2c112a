/**
 * Limits for what the files of a model ask to be computed: a chat template is a program, and a regular expression can take longer
 * than anyone lives. Whoever runs either ends it with the error from here.
 */

import { type Context, createContext, Script } from 'node:vm';
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';

/** The code of the error; no row is at fault for it, so nobody goes on to the next one. */
export const TOO_MUCH = 'model-file.too-much';

/** The error for a part of a model that goes beyond its limits; `what` names it, e.g. "The chat template of this model". */
export function tooMuch(what: string, options?: ErrorOptions): AppError {
  return new AppError(
    TOO_MUCH,
    say`${what} takes too long or makes too much text.`,
    say`It is broken or malicious. Get the model from a source that you trust.`,
    options,
  );
}

/** Thrown where a limit is reached, before it is known whose fault to tell. */
export class LimitReached extends Error {}

/** Whether `error` comes from a limit: one of Fettle's, or those of the JavaScript engine on stacks, texts and patterns. */
export function isLimit(error: unknown): boolean {
  if (error instanceof LimitReached || error instanceof RangeError) return true;
  // Made in the context that was interrupted, so it is no instance of this one's Error.
  return (error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

const guarded = new Script('work()');
let context: Context | null = null;

/**
 * What `work` returns, unless it takes longer: then it is interrupted, even within a regular expression. That costs a thread each
 * time (0.1 ms), so it is for what has no cheaper limit.
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  context ??= createContext();
  context.work = work;
  return guarded.runInContext(context, { timeout: milliseconds }) as T;
}
