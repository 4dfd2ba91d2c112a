/** What was thrown, as the three things that a person is shown: a code, what happened, what to do. */
import type { Problem } from '../common/api/contract.ts';
import { isRecord } from '../common/values.ts';
import { common } from './text/text.ts';

/** The call could not be made, because nobody answered at the other end. */
export class ConnectionLost extends Error {
  constructor() {
    super(common.connectionLost.message);
    this.name = 'ConnectionLost';
  }
}

interface RemoteError {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

function isRemote(error: unknown): error is RemoteError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'status' in error;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether the app refused a call for a reason, so that the same call would be refused again. */
export function isRefusal(error: unknown): boolean {
  return (
    isRemote(error) &&
    (error.code === 'PROBLEM' || error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST')
  );
}

/** Whether a call was given up by the page itself; that is nothing to tell anybody. */
export function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Code, message and hint of whatever was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ConnectionLost) return { code: 'connection-lost', ...common.connectionLost };
  if (isRemote(error)) {
    const { code, hint, details } = isRecord(error.data) ? error.data : {};
    return {
      code: text(code) || error.code.toLowerCase(),
      message: error.message,
      hint: text(hint),
      ...(details !== undefined && { details: text(details) }),
    };
  }
  if (isProblem(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', message, hint: common.unexpectedHint };
}

/** All of it, to be copied into a report. */
export function copyOf({ code, message, hint, details = '' }: Problem): string {
  return [code, message, hint, details].filter((part) => part !== '').join('\n');
}

function isProblem(value: unknown): value is Problem {
  return (
    isRecord(value) && !(value instanceof Error) && 'code' in value && 'message' in value && 'hint' in value
  );
}
