/**
 * Recovers jobs and runs after a restart of the application. A job that was running is offered for resuming. One that waited waits for the
 * person's word, because a computer that computes by itself after a restart is a surprise. One whose own time is still to come keeps it.
 */

import type { Problem, RunDetails, RunRow, RunState } from '../../common/api/contract.ts';
import { say } from '../../common/words/language.ts';
import { isElsewhere } from '../elsewhere.ts';
import { workingProcess } from '../locks.ts';
import { type Store, stateOfDone } from '../store/store.ts';
import { isActive, type JobRecord, recordedProgress } from './queue.ts';

const interrupted = (): Problem => ({
  code: 'interrupted',
  message: say`Fettle or the computer was shut down during this.`,
  hint: say`Resume to continue from the last checkpoint, or from the beginning.`,
});

/** A run is marked as going on a moment before its process takes the folder. */
export const YOUNG_MS = 30_000;

/** The records of the process before as they are now, and their runs marked accordingly. */
export function recoveredJobs(store: Store, kept: readonly JobRecord[], now: number): JobRecord[] {
  return kept.flatMap((record) => {
    const run = store.runs.find(record.runId);
    if (!run || (record.kind === 'train' && isActive(record) && finished(store, run, now))) return [];
    const [state, problem] = goesOn(record, run) ? (['waiting', null] as const) : stateAfter(record, now);
    if (record.kind === 'train' && state === 'paused' && run.state !== 'paused')
      store.runs.update(run.id, {
        state: problem ? 'interrupted' : 'paused',
        ...(problem && { problem }),
      });
    const startAt = state === 'scheduled' ? record.startAt : null;
    const reached = record.kind === 'train' ? recordedProgress(run) : record.reached;
    return [{ ...record, state, problem, pid: null, startAt, reached }];
  });
}

/** Whether a training had said that it is done before its recorder died: then it is. */
function finished(store: Store, { id, started, seconds }: RunDetails, now: number): boolean {
  const last = store.events.read(id, store.events.lastNumber(id) - 1).at(-1)?.event;
  if (last?.event !== 'done') return false;
  const ended = new Date(now).toISOString();
  const taken = seconds ?? (started === null ? null : (now - Date.parse(started)) / 1000);
  store.runs.update(id, {
    state: stateOfDone(last),
    problem: null,
    ended,
    ...(taken !== null && { seconds: taken }),
  });
  return true;
}

/** A job elsewhere went on meanwhile: it is watched again, and nothing begins to compute here. */
function goesOn(record: JobRecord, { folder }: RunDetails): boolean {
  return record.kind === 'train' && isActive(record) && isElsewhere(folder);
}

function stateAfter(record: JobRecord, now: number): [JobRecord['state'], Problem | null] {
  if (isActive(record)) return ['paused', interrupted()];
  const isToCome = record.startAt !== null && Date.parse(record.startAt) > now;
  return record.state === 'scheduled' && isToCome ? ['scheduled', null] : ['paused', record.problem];
}

/** Marks runs as interrupted that are said to wait or to go on and that no process works at any more. */
export function markInterrupted(store: Store, jobs: readonly JobRecord[], now: number): void {
  const ours = new Set(jobs.map(({ runId }) => runId));
  for (const { id } of allRuns(store, ['running', 'waiting'])) {
    if (ours.has(id)) continue;
    const { folder, started, created } = store.runs.get(id);
    const isYoung = now - Date.parse(started ?? created) < YOUNG_MS;
    if (!isYoung && workingProcess(folder) === null)
      store.runs.update(id, { state: 'interrupted', problem: interrupted() });
  }
}

/** All runs of the history, the newest first; only those in one of `states` where some are named. */
export function allRuns(store: Pick<Store, 'runs'>, states?: RunState[]): RunRow[] {
  const filter = { sort: 'created', descending: true, limit: 1000, ...(states && { states }) } as const;
  const rows: RunRow[] = [];
  for (let total = 1; rows.length < total; ) {
    const found = store.runs.list({ ...filter, offset: rows.length });
    rows.push(...found.rows);
    total = found.rows.length === 0 ? 0 : found.total;
  }
  return rows;
}
