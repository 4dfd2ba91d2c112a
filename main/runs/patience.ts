/**
 * How long an engine process is waited for, in one table. Computing blocks its event loop, so silence alone proves nothing: each
 * limit is far above what the work needs on a slow computer. Seconds in which this process was awake.
 */
import type { EngineCallName } from '../../common/protocol/protocol.ts';

export interface Patience {
  /** Without a sign of life of the process while it works on the call. */
  readonly silent: number;
  /** Without a sign of the call itself: its start, an event, its answer. */
  readonly still: number;
  /** Without a sign of life after the call was aborted or had become late. */
  readonly ending: number;
}

/** Computes nothing. Files that are opened may lie on a network. */
const QUICK: Patience = { silent: 60, still: 120, ending: 10 };
/** Goes through rows or graphs, some without a word until the end. The longest row, of 64 MiB, is tokenised in about a minute. */
const READING: Patience = { silent: 120, still: 1800, ending: 10 };
/** Creates sessions and takes steps, which block for minutes with a model of 8 GB on a slow disk; an open model is worth waiting for. */
const COMPUTING: Patience = { silent: 900, still: 3600, ending: 120 };
/** A step of the largest models takes over an hour on two cores. A job is cancelled by a person; this only frees the queue. */
export const JOB: Patience = { silent: 12 * 3600, still: Number.POSITIVE_INFINITY, ending: 60 };

export const PATIENCE: Readonly<Record<EngineCallName, Patience>> = {
  parseRun: QUICK,
  parseExport: QUICK,
  parseAssess: QUICK,
  inspect: QUICK,
  adapters: QUICK,
  close: QUICK,
  merge: READING,
  judge: QUICK,
  split: QUICK,
  look: READING,
  preview: READING,
  show: READING,
  check: READING,
  undo: READING,
  rows: READING,
  edit: READING,
  prompts: READING,
  plan: READING,
  planTraining: READING,
  planRows: READING,
  prices: READING,
  generate: COMPUTING,
  blind: COMPUTING,
  bench: COMPUTING,
  speed: COMPUTING,
  askGguf: COMPUTING,
  rounding: COMPUTING,
  speedTest: COMPUTING,
  eval: JOB,
  assess: JOB,
  export: JOB,
  endpoint: JOB,
  documents: JOB,
  classify: JOB,
  bundle: JOB,
};

/** A call that nobody wants has ended by then, also where the process still gives signs of life. */
export const ENDED_SECONDS = 60;

/** A job that was asked to stop finishes its step: it may be silent for so many times its longest silence so far. */
export const STEPS_TO_STOP = 3;
