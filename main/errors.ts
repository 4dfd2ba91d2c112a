/**
 * The one error type that people see. A message says what was expected and what came, the hint says what to do
 * next. Anything else that is thrown is a bug, and its message starts with `internal:`.
 */
export class AppError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(shortened(message), options);
    this.name = 'AppError';
    this.code = code;
    this.hint = shortened(hint);
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

/** The text to print for anything that was thrown: message, then what to do. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) return error.hint ? `${error.message}\n${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
