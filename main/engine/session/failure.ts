/** What was thrown, in a form that travels between processes. */
import { AppError, systemError } from '../../../common/errors.ts';
import type { EngineFailure } from '../../../common/protocol/protocol.ts';

/** The failure that `error` stands for; only what a person can act on has a code. */
export function failureOf(thrown: unknown): EngineFailure {
  const error = systemError(thrown);
  if (error instanceof AppError) {
    const { code, message, hint, stack = '' } = error;
    return { code, message, hint, stack };
  }
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { code: null, message, hint: '', stack };
}
