/** Tries again what failed for a reason that may pass, after longer and longer waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../common/errors.ts';
import { Passing } from '../errors.ts';
import type { Tuning } from '../tuning.ts';

const LONGEST_MS = 60_000;

export interface RetryOptions {
  readonly tuning: Tuning;
  readonly signal?: AbortSignal | undefined;
  /** A number that grows with what was reached: when it has grown, the count of failures begins anew. */
  readonly reached?: () => number;
  /** The error after the last try. */
  readonly giveUp: (cause: unknown) => Error;
}

/** The first result of `attempt`; errors that will not pass come through at once. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { tuning, signal, reached = () => 0, giveUp }: RetryOptions,
): Promise<T> {
  let failures = 0;
  let before = reached();
  while (true) {
    try {
      signal?.throwIfAborted();
      return await attempt();
    } catch (error) {
      if (signal?.aborted || !mayPass(error)) throw error;
      if (reached() > before) failures = 0;
      before = reached();
      if (++failures >= tuning.tries) throw giveUp(error);
      await sleep(waitMs(failures, error, tuning), undefined, signal ? { signal } : {});
    }
  }
}

/** What the server asks for, else the back-off with a spread, so that ranges do not all come back at one moment. */
function waitMs(failures: number, error: unknown, { backOffMs }: Tuning): number {
  if (error instanceof Passing && error.retryAfterMs !== null) return error.retryAfterMs;
  return Math.min(backOffMs * 2 ** (failures - 1), LONGEST_MS) * (0.75 + Math.random() / 2);
}

/** Of fetch, every failure on the way is a TypeError; what the file system says has a `syscall` and is no matter of the way. */
function mayPass(error: unknown): boolean {
  if (error instanceof Passing) return true;
  if (error instanceof AppError || !(error instanceof TypeError)) return false;
  const { code } = (error.cause ?? {}) as { code?: string };
  return !LASTING.has(code ?? '') && !/CERT|SELF_SIGNED|UNABLE_TO/.test(code ?? '');
}

const LASTING = new Set(['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG']);
