import { describe, expect, it } from 'vitest';
import { hasScheduled, type JobRecord, nextJob, reordered, waitingState } from '../../../main/runs/queue.ts';

function job(id: string, state: JobRecord['state'], startAt: string | null = null): JobRecord {
  return {
    ...{ id, state, startAt, kind: 'train', runId: `run-${id}`, name: id },
    ...{ resume: false, finish: false, export: null, problem: null, pid: null, reached: null },
  };
}

const NOON = Date.parse('2026-11-25T12:00:00Z');
const LATER = '2026-11-25T22:00:00Z';

describe('nextJob', () => {
  it('is the first that waits, and none while one goes on', () => {
    const waiting = [job('a', 'paused'), job('b', 'waiting'), job('c', 'waiting')];
    expect(nextJob(waiting, NOON)?.id).toBe('b');
    for (const state of ['starting', 'running', 'pausing', 'stopping'] as const)
      expect(nextJob([...waiting, job('d', state)], NOON)).toBeNull();
    expect(nextJob([job('a', 'done'), job('b', 'failed'), job('c', 'paused')], NOON)).toBeNull();
  });

  it('takes a scheduled job when its time has come, and not a moment earlier', () => {
    const jobs = [job('late', 'scheduled', LATER), job('soon', 'waiting')];
    expect(nextJob(jobs, NOON)?.id).toBe('soon');
    expect(nextJob(jobs.slice(0, 1), Date.parse(LATER) - 1)).toBeNull();
    expect(nextJob(jobs, Date.parse(LATER))?.id).toBe('late');
    expect([hasScheduled(jobs), hasScheduled(jobs.slice(1))]).toEqual([true, false]);
  });
});

describe('waitingState', () => {
  it('is scheduled only for a time that is still to come', () => {
    expect(waitingState(LATER, NOON)).toBe('scheduled');
    expect(waitingState(LATER, Date.parse(LATER))).toBe('waiting');
    expect(waitingState(null, NOON)).toBe('waiting');
  });
});

describe('reordered', () => {
  const jobs = ['a', 'b', 'c', 'd'].map((id) => job(id, 'waiting'));
  const ids = (records: readonly JobRecord[]) => records.map(({ id }) => id).join('');

  it('moves the named ones within the places that they have', () => {
    expect(ids(reordered(jobs, ['d', 'a']))).toBe('dbca');
    expect(ids(reordered(jobs, ['c', 'b', 'a']))).toBe('cbad');
  });

  it('loses and doubles nothing, whatever it is given', () => {
    expect(ids(reordered(jobs, ['d', 'x', 'd', 'a']))).toBe('dbca');
    expect(ids(reordered(jobs, []))).toBe('abcd');
  });
});
