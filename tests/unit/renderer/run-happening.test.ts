/** What goes on in words, and when a person is told that stopping would be better. */
import { describe, expect, it } from 'vitest';
import type { EngineEvent, Job, JobState, RunState } from '../../../common/api/contract.ts';
import { adviceFor, courseOf, happening, jobOf } from '../../../renderer/state/run-happening.ts';
import { advance, NO_PROGRESS, type Progress } from '../../../renderer/state/run-progress.ts';
import { DONE, START } from '../cli/sample-events.ts';
import { evaluation, numbered, step } from './run-events.ts';

const job = (state: JobState, change: Partial<Job> = {}): Job => ({
  ...{ id: 'j1', kind: 'train', runId: 'r1', name: 'Run', state, startAt: null, doing: '' },
  ...{ fraction: null, step: null, steps: null, secondsLeft: null, problem: null },
  ...change,
});
const progressAfter = (...events: EngineEvent[]): Progress => advance(NO_PROGRESS, numbered(events));
const scene = (progress: Progress, one: Job | null, state: RunState = 'running') =>
  happening({ progress, taken: progress.step?.step ?? null, job: one, state, problem: null });
const NO_MEMORY = { now: null, totalMemory: null };

describe('what goes on', () => {
  it('is a phase in words, with what it works on', () => {
    const now = scene(
      progressAfter({ event: 'phase', phase: 'load', detail: 'model.gguf', fraction: 0.4 }),
      job('running'),
    );
    expect(now).toMatchObject({
      title: 'Loading the model',
      detail: 'model.gguf',
      busy: true,
    });
  });

  it('says how far a phase is that lasts, and how long it goes on', () => {
    const evaluating = { event: 'phase', phase: 'evaluate', fraction: 0.25 } as const;
    const detail = (event: EngineEvent) => scene(progressAfter(event), job('running')).detail;
    expect(detail(evaluating)).toBe('');
    expect(detail({ ...evaluating, secondsLeft: 600 })).toMatch(/^25%, about 10.minutes left$/);
  });

  it('says how far the held-out loss has fallen', () => {
    const now = scene(progressAfter(evaluation(0, 3.25), step(10), evaluation(10, 1.5)), job('running'));
    expect(now.title).toBe('Learning');
    expect(now.detail).toContain('from 3.250 to 1.500');
  });

  it('does not call it learning when the held-out loss has not fallen', () => {
    expect(
      scene(progressAfter(evaluation(0, 1), step(10), evaluation(10, 1.5)), job('running')).title,
    ).not.toBe('Learning');
  });

  it('names the warm-up', () => {
    const warming = progressAfter(step(1, { learningRate: 1e-5 }), step(2, { learningRate: 2e-5 }));
    expect(scene(warming, job('running')).title).toBe('Warming up');
  });

  it('says what is done after the last step, rather than only that it is stopping', () => {
    expect(scene(NO_PROGRESS, job('stopping')).title).toBe('Stopping');
    const saving = progressAfter({ event: 'phase', phase: 'save' });
    expect(scene(saving, job('stopping'))).toMatchObject({ title: 'Saving', busy: true });
  });

  it('says of a comparison that it can be skipped, and of one that is skipped that it stops', () => {
    const assessing = progressAfter({ event: 'phase', phase: 'assess', detail: 'quiz', fraction: 0.2 });
    const comparing = (state: JobState) => scene(assessing, job(state, { comparing: true }));
    expect(comparing('running')).toMatchObject({
      title: 'Comparing with the base model',
      detail: 'The model is saved. You can skip this and compare later.',
    });
    expect(comparing('stopping').title).toBe('Stopping');
  });

  it('says where it was paused', () => {
    const now = scene(progressAfter(step(42)), job('paused'));
    expect(now).toMatchObject({ title: 'Paused after step 42', busy: false });
  });

  it('says why it was interrupted, whether its job is there or not', () => {
    const problem = { code: 'out-of-memory', message: 'No memory.', hint: 'Take shorter rows.' };
    const progress = progressAfter(step(42));
    const words = {
      tone: 'warn',
      title: 'Interrupted after step 42',
      detail: 'No memory. Take shorter rows.',
    };
    const resting = { ...job('paused'), problem };
    for (const known of [null, resting, job('failed')])
      expect(happening({ progress, taken: 42, job: known, state: 'interrupted', problem })).toMatchObject(
        words,
      );
  });

  it('has words for every state of a job and of a run', () => {
    const states: JobState[] = [
      'waiting',
      'scheduled',
      'starting',
      'running',
      'pausing',
      'paused',
      'stopping',
    ];
    const runs: RunState[] = [
      ...(['waiting', 'running', 'paused', 'done', 'stopped-early', 'stopped', 'failed'] as const),
      'interrupted',
    ];
    const titles = states.map((state) => scene(NO_PROGRESS, job(state)).title);
    for (const title of [...titles, ...runs.map((state) => scene(NO_PROGRESS, null, state).title)])
      expect(title).not.toBe('');
    expect(new Set(titles).size).toBe(titles.length - 1);
  });

  it('takes the state of the run once its job is over', () => {
    expect(scene(NO_PROGRESS, job('done'), 'done').title).toBe('Training is done');
    const early = progressAfter(step(43), { ...DONE, steps: 43, reason: 'finished-early' });
    expect(scene(early, job('done'), 'stopped-early')).toMatchObject({
      title: 'Stopped early',
      detail: 'You ended it early.',
    });
    const blend = { of: '/runs/learned', strength: 0.7 };
    const blended = progressAfter({ ...START, blend }, { ...DONE, steps: 0 });
    expect(scene(blended, null, 'done')).toMatchObject({ title: 'The blend is ready', detail: '' });
    const problem = { code: 'x', message: 'The disk is full.', hint: 'Free some space.' };
    const failed = happening({
      ...{ progress: NO_PROGRESS, taken: null, job: job('failed'), state: 'failed' },
      problem,
    });
    expect(failed).toMatchObject({ tone: 'bad', title: 'The disk is full.', detail: 'Free some space.' });
  });
});

const evals = (...losses: number[]) => losses.map((loss, index) => ({ step: 10 * index, loss, best: false }));

describe('the course of the held-out loss', () => {
  it.each([
    ['falls', evals(3, 2, 1.5, 1.2, 1), 'falling'],
    ['is not known after few evaluations', evals(3, 1, 1, 1), 'falling'],
    ['has stopped', evals(3, 1, 1.001, 0.999, 1.002), 'plateau'],
    ['trembles around the best', evals(3, 1, 1.01, 1.015, 1.01), 'plateau'],
    ['rises again', evals(3, 1, 1.02, 1.05, 1.1), 'rising'],
    ['still falls slowly', evals(3, 1, 0.99, 0.98, 0.97), 'falling'],
    ['has never fallen', evals(1, 1.1, 1.2, 1.3), 'falling'],
  ] as const)('%s', (_, points, course) => {
    expect(courseOf(points)).toBe(course);
  });
});

describe('advice', () => {
  const flat = [0, 10, 20, 30, 40].map((at) => evaluation(at, at === 0 ? 3 : 1));

  it('says how much time stopping would save', () => {
    const [advice] = adviceFor(progressAfter(...flat, step(40, { secondsLeft: 1200 })), NO_MEMORY);
    expect(advice).toMatchObject({ id: 'plateau', action: 'finish' });
    expect(advice?.title).toBe('It no longer improves: stopping now saves about 20 minutes');
    expect(advice?.detail).toContain('Step 10');
  });

  it('is silent when hardly any time is left, and while the loss falls', () => {
    expect(adviceFor(progressAfter(...flat, step(99, { secondsLeft: 20 })), NO_MEMORY)).toEqual([]);
    const falling = [0, 10, 20, 30, 40].map((at) => evaluation(at, 3 - at / 20));
    expect(adviceFor(progressAfter(...falling, step(40, { secondsLeft: 1200 })), NO_MEMORY)).toEqual([]);
  });

  it('comes first when the loss is no number', () => {
    const [first] = adviceFor(
      progressAfter(...flat, step(40, { loss: Number.NaN, secondsLeft: 1200 })),
      NO_MEMORY,
    );
    expect(first).toMatchObject({ id: 'not-finite', tone: 'bad', action: 'cancel' });
  });

  it('warns when memory is nearly full', () => {
    const memory = (freeMemory: number) => ({ now: { freeMemory, load: 1 }, totalMemory: 16e9 });
    expect(adviceFor(progressAfter(step(1)), memory(0.5e9)).map(({ id }) => id)).toEqual(['memory']);
    expect(adviceFor(progressAfter(step(1)), memory(4e9))).toEqual([]);
  });
});

describe('the job of a run', () => {
  it('is what goes on before what has ended, of the wanted kind', () => {
    const all = [
      job('running', { id: 'export', kind: 'export' }),
      job('done', { id: 'train' }),
      job('running', { id: 'other', runId: 'r2' }),
    ];
    expect(jobOf(all, 'r1')?.id).toBe('export');
    expect(jobOf(all, 'r1', 'train')?.id).toBe('train');
    expect(jobOf(all, 'r3')).toBeNull();
  });
});
