/** What a subcommand's file exports: the words and flags that help and parsing need, and the function that does it. */
import type { Arguments } from './arguments.ts';
import type { Flag } from './flags.ts';

export interface Command {
  /** The call in short, after `fettle`. */
  readonly usage: string;
  /** A few sentences below the usage. */
  readonly about?: string;
  readonly examples: readonly string[];
  readonly flags: readonly Flag[];
  /** Placeholders of the arguments without a flag; all are required. `FILE…`, as the last, takes one or more. */
  readonly positionals?: readonly string[];
  /** Does the work and returns the exit code; throws `AppError` for what the user can mend. */
  run(args: Arguments, streams: Streams): Promise<number>;
}

/** The part of a writable stream that the command line uses. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where a command writes: results to `out`, everything for watching to `err`. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
}

/** A command as the overview lists it; its own file is read only when it is used. */
export interface CommandEntry {
  /** One word, or two: `data show`. */
  readonly name: string;
  readonly summary: string;
  /** Names that other tools use for it. */
  readonly alsoCalled: readonly string[];
  load(): Promise<{ readonly command: Command }>;
}
