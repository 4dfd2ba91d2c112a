/**
 * The order of jobs, as pure functions on the list that is kept in the store: what is next, what changes places, when to
 * look again. One job runs at a time, for each wants all cores and much of the memory.
 */
import type { JobKind, JobState, Problem } from '../../common/api/contract.ts';
import type { ExportConfig } from '../engine/config/config.ts';

/** The part of a job's progress that holds while it rests. */
export interface Reached {
  readonly fraction: number | null;
  readonly step: number | null;
  readonly steps: number | null;
}

/** A job as it outlives the process. */
export interface JobRecord {
  readonly id: string;
  readonly kind: JobKind;
  /** A training without steps, whose run is made of another one. */
  readonly isBlend?: true;
  readonly runId: string;
  readonly name: string;
  readonly state: JobState;
  /** ISO 8601. */
  readonly startAt: string | null;
  /** A training that has been started before: it goes on from its newest checkpoint, where there is one. */
  readonly resume: boolean;
  /** A training that is only to be brought to its end. */
  readonly finish: boolean;
  /** For exports. */
  readonly export: ExportConfig | null;
  readonly problem: Problem | null;
  /** The engine's process while it runs. */
  readonly pid: number | null;
  /** How far it was when it was last heard of: of a training what its run says. Null before it begins. */
  readonly reached: Reached | null;
}

const ACTIVE: readonly JobState[] = ['starting', 'running', 'pausing', 'stopping'];
const ENDED: readonly JobState[] = ['done', 'failed'];

/** Whether the job has an engine. */
export function isActive({ state }: Pick<JobRecord, 'state'>): boolean {
  return ACTIVE.includes(state);
}

/** Whether nothing more will come of it by itself. */
export function isEnded({ state }: Pick<JobRecord, 'state'>): boolean {
  return ENDED.includes(state);
}

/** The job to start now: none while one goes on, else the first that waits or whose time has come. */
export function nextJob(records: readonly JobRecord[], now: number): JobRecord | null {
  if (records.some(isActive)) return null;
  return records.find((record) => isReady(record, now)) ?? null;
}

function isReady({ state, startAt }: JobRecord, now: number): boolean {
  if (state === 'waiting') return true;
  return state === 'scheduled' && startAt !== null && Date.parse(startAt) <= now;
}

/** Whether some job waits for its time. */
export function hasScheduled(records: readonly JobRecord[]): boolean {
  return records.some(({ state }) => state === 'scheduled');
}

/** The state of a job that is to start at `startAt`, or as soon as it can. */
export function waitingState(startAt: string | null, now: number): JobState {
  return startAt !== null && Date.parse(startAt) > now ? 'scheduled' : 'waiting';
}

/**
 * The records with those of `ids` in that order, in the places that they have taken up together; ids that are not there and
 * records that are not named stay as they are.
 */
export function reordered(records: readonly JobRecord[], ids: readonly string[]): JobRecord[] {
  const wanted = [...new Set(ids)].flatMap((id) => records.find((record) => record.id === id) ?? []);
  const named = new Set(wanted);
  return records.map((record) => (named.has(record) ? wanted.shift()! : record));
}
