import { describe, expect, it } from 'vitest';
import {
  advanced,
  ending,
  hasScheduled,
  type JobRecord,
  NO_PROGRESS,
  nextJob,
  reordered,
  type Work,
  waitingState,
} from '../../../main/runs/queue.ts';
import { EVAL, START, step } from '../cli/sample-events.ts';

function job(id: string, state: JobRecord['state'], startAt: string | null = null): JobRecord {
  return {
    ...{ id, state, startAt, kind: 'train', runId: `run-${id}`, name: id },
    ...{ resume: false, finish: false, export: null, problem: null, pid: null, reached: null },
  };
}

const NOON = Date.parse('2026-11-25T12:00:00Z');
const LATER = '2026-11-25T22:00:00Z';

describe('nextJob', () => {
  it('is the first that waits, an export before all others', () => {
    const waiting = [job('a', 'paused'), job('b', 'waiting'), job('c', 'waiting')];
    expect(nextJob(waiting, NOON)?.id).toBe('b');
    expect(nextJob([...waiting, { ...job('d', 'waiting'), kind: 'export' }], NOON)?.id).toBe('d');
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

const TRAIN: Work = { kind: 'train', assess: true };

describe('the progress of a training', () => {
  it('says in words what goes on between steps, and nothing while it steps', () => {
    const loading = advanced(NO_PROGRESS, { event: 'phase', phase: 'load', fraction: 0.5 }, TRAIN);
    expect(loading).toEqual({ ...NO_PROGRESS, doing: 'Loading the model' });
    const detailed = advanced(loading, { event: 'phase', phase: 'assess', detail: 'quiz' }, TRAIN);
    expect(detailed.doing).toBe('Comparing with the base model: quiz');
    expect(advanced(detailed, step(150), TRAIN)).toMatchObject({ doing: '', step: 150, steps: 300 });
    expect(advanced(detailed, EVAL, TRAIN).doing).toBe('');
  });

  it('is one bar and one time over training and comparison, each with its share of the time', () => {
    // 150 steps more take 100 seconds, so all of them 200, and the comparison as long
    const timed = { ...step(150), secondsLeft: 100, assessmentSeconds: 200 };
    const half = advanced(NO_PROGRESS, timed, TRAIN);
    expect(half).toMatchObject({ fraction: 0.25, secondsLeft: 300, comparing: false });
    const measuring = advanced(half, { event: 'phase', phase: 'evaluate', fraction: 0.9 }, TRAIN);
    expect(measuring).toMatchObject({ fraction: 0.25, secondsLeft: 300 });
    const over = { event: 'phase' as const, phase: 'assess' as const };
    // ended early: what is left of the training is passed over
    const begun = advanced(half, { ...over, fraction: 0 }, TRAIN);
    expect(begun).toMatchObject({ fraction: 0.5, comparing: true });
    const later = advanced(begun, { ...over, fraction: 0.5, secondsLeft: 90 }, TRAIN);
    expect(later).toMatchObject({ fraction: 0.75, secondsLeft: 90, comparing: true });
    expect(advanced(later, { ...over, fraction: 1 }, TRAIN).fraction).toBe(1);
    expect(advanced(NO_PROGRESS, step(300), { ...TRAIN, assess: false }).fraction).toBe(1);
  });

  it('has only the comparison left where it is asked to end early', () => {
    const timed = { ...step(150), secondsLeft: 900, assessmentSeconds: 20 };
    const half = advanced(NO_PROGRESS, timed, TRAIN);
    expect(half.secondsLeft).toBe(920);
    expect(ending(half).secondsLeft).toBe(20);
    // the step that was under way says what the whole run would have taken
    const last = advanced(ending(half), { ...timed, step: 151 }, { ...TRAIN, isEnding: true });
    expect(last).toMatchObject({ step: 151, secondsLeft: 20 });
    const saving = advanced(last, { event: 'phase', phase: 'save' }, { ...TRAIN, isEnding: true });
    expect(saving.secondsLeft).toBe(20);
    const unknown = advanced(NO_PROGRESS, { ...step(150), secondsLeft: 900 }, TRAIN);
    expect(ending(unknown).secondsLeft).toBeNull();
  });

  it('never goes back, though the estimate of the comparison changes', () => {
    const slow = { ...step(150), secondsLeft: 100, assessmentSeconds: 10 };
    const half = advanced(NO_PROGRESS, slow, TRAIN);
    const next = advanced(half, { ...step(151), secondsLeft: 99, assessmentSeconds: 500 }, TRAIN);
    expect(next.fraction).toBe(half.fraction);
  });

  it('begins where an earlier part has stopped', () => {
    const resumed = advanced(NO_PROGRESS, { ...START, stepsDone: 100 }, { kind: 'train', assess: false });
    expect(resumed.step).toBe(100);
    expect(resumed.fraction).toBeCloseTo(1 / 3);
  });

  it('is not moved by a warning', () => {
    const half = advanced(NO_PROGRESS, step(150), TRAIN);
    expect(advanced(half, { event: 'warning', code: 'x', message: 'y' }, TRAIN)).toBe(half);
  });
});

it('shows of an assessment only how far all of it is', () => {
  const work: Work = { kind: 'assess', assess: false };
  expect(advanced(NO_PROGRESS, { event: 'phase', phase: 'load', fraction: 0.9 }, work).fraction).toBeNull();
  const asking = { event: 'phase' as const, phase: 'assess' as const, fraction: 0.3, secondsLeft: 20 };
  expect(advanced(NO_PROGRESS, asking, work)).toMatchObject({ fraction: 0.3, secondsLeft: 20 });
});

it('shows the part of an export by its own measure', () => {
  const writing = { event: 'phase' as const, phase: 'export' as const, fraction: 0.3, detail: 'writing' };
  expect(advanced(NO_PROGRESS, writing, { kind: 'export', assess: false })).toMatchObject({
    doing: 'Exporting: writing',
    fraction: 0.3,
  });
});
