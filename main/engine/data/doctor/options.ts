/** What a job of the data doctor is given. */
import type { TrainingRow } from '../schema.ts';
import type { EncodedRow } from '../tokenizer-types.ts';
import type { Source } from './scan.ts';

export interface DoctorOptions extends Source {
  /** Files that the held-out rows are in; without them the rows are split as a run would. */
  readonly evalPaths?: readonly string[];
  /** The most tokens of a row in training. */
  readonly maxLength: number;
  readonly heldOut: number;
  readonly seed: number;
  /** Tokens of a row as training makes them; without it they are estimated. */
  readonly encode?: (row: TrainingRow) => EncodedRow;
  readonly minutes?: number;
  readonly tokensPerSecond?: number;
  readonly epochs: number;
  /** Names of fixes, `all` for the safe ones. */
  readonly fix?: readonly string[];
  /** Where the mended rows go; null to only say what would change. */
  readonly out?: string | null;
  readonly overwrite?: boolean;
  /** From 0 to 1, and what goes on. */
  readonly onProgress?: (fraction: number, detail: string) => void;
}

/** Begins a pass over the files and gives what is to be told of its bytes. */
export type Passes = (detail: string) => Promise<(bytes: number) => void>;
