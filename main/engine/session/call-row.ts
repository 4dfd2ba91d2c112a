/** What a row of the table of engine calls is made of. It imports types alone. */
import type { CallEvent } from '../../../common/protocol/protocol.ts';

/** How long a call is waited for, in seconds in which the asking process was awake. Computing blocks an event loop, so silence alone proves nothing: each limit is far above what the work needs on a slow computer. */
export interface Patience {
  /** Without a sign of life of the process while it works on the call. */
  readonly silent: number;
  /** Without a sign of the call itself: its start, an event, its answer. */
  readonly still: number;
  /** Without a sign of life after the call was aborted or had become late. */
  readonly ending: number;
}

/** Computes nothing. Files that are opened may lie on a network. */
export const QUICK: Patience = { silent: 60, still: 120, ending: 10 };
/** Goes through rows or graphs, some without a word until the end. The longest row, of 64 MiB, is tokenised in about a minute. */
export const READING: Patience = { silent: 120, still: 1800, ending: 10 };
/** Creates sessions and takes steps, which block for minutes with a model of 8 GB on a slow disk; an open model is worth waiting for. */
export const COMPUTING: Patience = { silent: 900, still: 3600, ending: 120 };
/** A step of the largest models takes over an hour on two cores. A job is cancelled by a person; this only frees the queue. */
export const JOB: Patience = { silent: 12 * 3600, still: Number.POSITIVE_INFINITY, ending: 60 };

/**
 * The process that answers: one that keeps models open, one of several that may only read, whichever is there, or one for its kind of
 * work; `aside` is that of an extra, `own` ends with the call.
 */
export type At =
  | 'models'
  | 'vectors'
  | 'reader'
  | 'whichever'
  | 'planner'
  | 'prices'
  | 'bench'
  | 'serve'
  | 'aside'
  | 'sort'
  | 'sorter'
  | 'own';

interface More {
  /** It computes nothing and waits for no other call. */
  readonly isQuick?: true;
  /** It keeps what it has done so far, which takes so much longer after Ctrl-C. */
  readonly keepingMs?: number;
  /** A library of it leaves promises that nobody awaits; what is awaited says how it went. */
  readonly hasStrays?: true;
}

export interface Call<Input, Result> extends More {
  readonly patience: Patience;
  readonly at: At;
  /** For the compiler alone. */
  readonly types?: { readonly input: Input; readonly result: Result };
}

export const call = <Input, Result>(patience: Patience, at: At, more: More = {}): Call<Input, Result> => ({
  patience,
  at,
  ...more,
});

/** Settings as given, of which only those named must be; the engine fills in the rest. */
export type Given<Config, Needed extends keyof Config = never> = Pick<Config, Needed> & {
  readonly [Name in keyof Config]?: Config[Name] | undefined;
};

/** What the work of a call tells, and when it is to stop. */
export interface CallIo {
  emit(event: CallEvent): void;
  readonly stop: AbortSignal;
}
