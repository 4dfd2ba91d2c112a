import { describe, expect, it } from 'vitest';
import { advanced, NO_PROGRESS, type Work } from '../../../main/runs/progress.ts';
import { EVAL, START, step } from '../cli/sample-events.ts';

const TRAIN: Work = { kind: 'train', assess: true };

describe('the progress of a training', () => {
  it('says in words what goes on between steps, and nothing while it steps', () => {
    const loading = advanced(NO_PROGRESS, { event: 'phase', phase: 'load', fraction: 0.5 }, TRAIN);
    expect(loading).toEqual({ ...NO_PROGRESS, doing: 'Loading the model' });
    const detailed = advanced(loading, { event: 'phase', phase: 'assess', detail: 'quiz' }, TRAIN);
    expect(detailed.doing).toBe('Comparing with the untouched model: quiz');
    expect(advanced(detailed, step(150), TRAIN)).toMatchObject({ doing: '', step: 150, steps: 300 });
    expect(advanced(detailed, EVAL, TRAIN).doing).toBe('');
  });

  it('keeps a tenth of the bar for the comparison at the end, where there is one', () => {
    const half = advanced(NO_PROGRESS, step(150), TRAIN);
    expect(half.fraction).toBeCloseTo(0.45);
    expect(half.secondsLeft).toBeCloseTo(120);
    const measuring = advanced(half, { event: 'phase', phase: 'evaluate', fraction: 0.9 }, TRAIN);
    expect(measuring.fraction).toBeCloseTo(0.45);
    expect(advanced(half, { event: 'phase', phase: 'assess', fraction: 0.1 }, TRAIN).fraction).toBe(0.9);
    expect(advanced(NO_PROGRESS, step(300), { ...TRAIN, assess: false }).fraction).toBe(1);
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

it('shows the part of an export by its own measure', () => {
  const writing = { event: 'phase' as const, phase: 'export' as const, fraction: 0.3, detail: 'writing' };
  expect(advanced(NO_PROGRESS, writing, { kind: 'export', assess: false })).toMatchObject({
    doing: 'Exporting: writing',
    fraction: 0.3,
  });
});
