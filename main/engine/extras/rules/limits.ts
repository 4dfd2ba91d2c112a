/** What a rule may take for one answer. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';

export const RULE_LIMITS = {
  /** Of a function, whose machine ends it; of any rule, whose thread is ended. */
  scriptMs: 500,
  threadMs: 3000,
  memoryBytes: 32 * 2 ** 20,
  stackBytes: 2 ** 19,
  threadBytes: 256 * 2 ** 20,
} as const;

/** The code of an error that says that a limit was reached. */
export const RULE_LIMIT = 'rule-limit';

export function limitReached(limit: { readonly ms: number } | { readonly bytes: number }): AppError {
  return new AppError(
    RULE_LIMIT,
    'ms' in limit
      ? say`The rule took longer than ${limit.ms / 1000} seconds.`
      : say`The rule took more than ${limit.bytes / 2 ** 20} MB.`,
    say`Make it simpler, and try it on a few answers.`,
  );
}
