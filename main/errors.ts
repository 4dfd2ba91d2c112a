/**
 * The one error type that people see. A message says what was expected and what came, the hint says what to do
 * next. Anything else that is thrown is a bug, and its message starts with `internal:`.
 */
export class AppError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.hint = hint;
  }
}

/** An error for a state that only a bug in Fettle can produce. */
export function internal(message: string): Error {
  return new Error(`internal: ${message}`);
}

/** Fails with an `internal:` error when `condition` is false; for what the code guarantees, never for user input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw internal(message);
}

/** The text to print for anything that was thrown: message, then what to do. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) return error.hint ? `${error.message}\n${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
