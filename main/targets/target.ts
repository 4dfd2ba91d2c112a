/** Other computers that can train: what is known of one, and what it must do for a job. */
import type { TargetFacts, TargetSpec } from '../../common/api/contract.ts';

export type { TargetFacts, TargetSpec };

/** Gives what lets in, where that is no key of ssh; null where there is none. */
export type Token = () => Promise<string | null>;
export type OpenTarget = (spec: TargetSpec, token: Token) => Target;

/** A kind of target that an extra brings. */
export interface ExtraTarget {
  readonly open: OpenTarget;
  /** Throws an AppError for an address that is none, or that a token must not go to. */
  requireAddress(address: string): void;
}

/** How the job stood when it was last looked at. */
export interface JobState {
  readonly kind: 'queued' | 'running' | 'ended';
  /** Whether its disk is full, which its log can't say. */
  readonly isFull?: boolean;
}

/** A file to send: where it lies here, and its name there. */
export interface FileToSend {
  readonly file: string;
  readonly name: string;
}

/** Files for a folder there. */
export interface Load {
  readonly folder: string;
  readonly files: readonly FileToSend[];
}

/** A job there: its name, new for each start, the run's folder, and the model's, where it was sent. */
export interface Job {
  readonly id: string;
  readonly folder: string;
  readonly model: string | null;
}

/** What a target does for jobs. Names of folders are from `folder`. All may throw AppErrors; `target-unreachable` is worth another try. */
export interface Target {
  readonly spec: TargetSpec;
  test(signal?: AbortSignal): Promise<TargetFacts>;
  /** Sends what is not there yet. `onBytes` gets what is done. */
  send(loads: readonly Load[], how: Sending): Promise<void>;
  /** Starts the job, whose log is empty then; one that goes on already is left alone. */
  start(job: Job, signal?: AbortSignal): Promise<void>;
  /** Gives the job's log from a byte on, and how the job stands, until it has ended. */
  follow(job: Job, offset: number, on: Following, signal: AbortSignal): Promise<void>;
  /** Asks the job to end after its step: `STOP` saves, `FINISH` makes the result. A job in the queue leaves it. */
  ask(job: Job, wish: Wish): Promise<void>;
  /** Brings a file of so many bytes; more is an `AppError('target-damaged')`, and leaves nothing. */
  fetch(job: Job, name: string, to: string, how: Fetching): Promise<void>;
}

export type Wish = 'STOP' | 'FINISH';

export interface Sending {
  onBytes(done: number, total: number): void;
  readonly signal?: AbortSignal | undefined;
}

export interface Fetching extends Sending {
  readonly bytes: number;
}

export interface Following {
  onLog(bytes: Buffer): void;
  onState(state: JobState): void;
}
