/** Other computers that can train: what is known of one, and what it must do for a job. */
import type { TargetFacts, TargetSpec } from '../../common/api/contract.ts';

export type { TargetFacts, TargetSpec };

/** How the job stood when it was last looked at: `ended` with the exit code of its script where that is known. */
export type JobState =
  | { readonly kind: 'queued' | 'running' }
  | { readonly kind: 'ended'; readonly code: number | null };

/** A file to send: where it lies here, and its name there. */
export interface FileToSend {
  readonly file: string;
  readonly name: string;
}

/** What a target does for jobs. Names of folders are from `folder`. All may throw AppErrors; `target-unreachable` is worth another try. */
export interface Target {
  readonly spec: TargetSpec;
  test(signal?: AbortSignal): Promise<TargetFacts>;
  /** Sends files that are not there yet; one that was broken off continues. `onBytes` gets what is done. */
  send(folder: string, files: readonly FileToSend[], how: Sending): Promise<void>;
  /** Makes the Python there where it is not named, and starts the job in `folder`, whose model may lie in another one. */
  start(folder: string, model: string | null, signal?: AbortSignal): Promise<void>;
  /** Gives the job's log from a byte on, and how the job stands, until it has ended. */
  follow(folder: string, offset: number, on: Following, signal: AbortSignal): Promise<void>;
  /** Asks the job to end after its step: `STOP` saves, `FINISH` makes the result. A job in the queue leaves it. */
  ask(folder: string, wish: 'STOP' | 'FINISH'): Promise<void>;
  /** Brings a file of the result. */
  fetch(folder: string, name: string, to: string, how: Sending): Promise<void>;
}

export interface Sending {
  onBytes(done: number, total: number): void;
  readonly signal?: AbortSignal;
}

export interface Following {
  onLog(bytes: Buffer): void;
  onState(state: JobState): void;
}
