/** What events add up to, and that a page opened in the middle shows the same as one that watched from the beginning. */
import { describe, expect, it } from 'vitest';
import type { EngineEvent, RunCurves } from '../../../common/api/contract.ts';
import { CHARTS } from '../../../common/step-figures.ts';
import { chartsOf } from '../../../renderer/run/training/charts.ts';
import {
  advance,
  byPrompt,
  drawn,
  NO_PROGRESS,
  passOf,
  RunPoints,
} from '../../../renderer/state/run-progress.ts';
import { evaluation, numbered, sample, step } from './run-events.ts';

const RUN: readonly EngineEvent[] = [
  { event: 'phase', phase: 'load' },
  evaluation(0, 3),
  sample(0, 'before'),
  step(1, { learningRate: 1e-4 }),
  step(2, { learningRate: 2e-4 }),
  { event: 'warning', code: 'cut', message: 'Three rows are cut off.' },
  evaluation(2, 2.5),
  sample(2, 'after two'),
  step(3, { learningRate: 1e-4 }),
  { event: 'phase', phase: 'evaluate', fraction: 0.5 },
];

describe('progress', () => {
  it('is the sum of the events', () => {
    const now = advance(NO_PROGRESS, numbered(RUN));
    expect(now.step?.step).toBe(3);
    expect(now.evals.map(({ loss }) => loss)).toEqual([3, 2.5]);
    expect(now.samples.map(({ text }) => text)).toEqual(['before', 'after two']);
    expect(now.warnings).toHaveLength(1);
    expect(now.phase).toMatchObject({ phase: 'evaluate', fraction: 0.5 });
    expect(now.end).toBeNull();
  });

  it('is the same after a reload in the middle, wherever that was', () => {
    const all = advance(NO_PROGRESS, numbered(RUN));
    for (let covered = 0; covered <= RUN.length; covered += 1) {
      const stored = advance(NO_PROGRESS, numbered(RUN.slice(0, covered)));
      const opened = { ...NO_PROGRESS, evals: stored.evals, samples: stored.samples };
      expect(advance(opened, numbered(RUN), covered)).toEqual(all);
    }
  });

  it('tells each time that it went on by itself, and is no longer at its end then', () => {
    const rescue = {
      ...{ event: 'rescue', attempt: 1, reason: 'out-of-memory', failedAfter: 3, resumesFrom: 2 },
      ...{ changes: { splitMicroBatch: 2 }, sameNumbers: true, cause: 'Full.', message: 'It goes on.' },
    } as const;
    const now = advance(NO_PROGRESS, numbered([...RUN, rescue, { ...rescue, attempt: 2 }, step(3)]));
    expect(now.rescues.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect([now.phase, now.end]).toEqual([null, null]);
  });

  it('ends a phase with the first step after it', () => {
    const during = advance(NO_PROGRESS, numbered([{ event: 'phase', phase: 'save' }]));
    expect(during.phase?.phase).toBe('save');
    expect(advance(during, numbered([step(1)], 2)).phase).toBeNull();
  });

  it('knows the warm-up by a learning rate that rises', () => {
    const rising = advance(NO_PROGRESS, numbered(RUN.slice(0, 5)));
    expect(rising.warmingUp).toBe(true);
    expect(advance(rising, numbered([step(3, { learningRate: 1e-4 })], 6)).warmingUp).toBe(false);
  });

  it('lets what a resumed run does again take the place of what it did before', () => {
    const resumed = [...RUN, evaluation(2, 2.4), sample(2, 'again')];
    const now = advance(NO_PROGRESS, numbered(resumed));
    expect(now.evals.map(({ loss }) => loss)).toEqual([3, 2.4]);
    expect(now.samples.map(({ text }) => text)).toEqual(['before', 'again']);
  });

  it('goes on after an end, when the run is taken up again', () => {
    const stopped: EngineEvent = {
      ...{ event: 'stopped', step: 3, steps: 100 },
      ...{ checkpoint: 'c', resume: 'fettle train --resume' },
    };
    const ended = advance(NO_PROGRESS, numbered([...RUN, stopped]));
    expect(ended.end?.event).toBe('stopped');
    const start = { event: 'start', stepsDone: 3 } as EngineEvent;
    expect(advance(ended, numbered([start], 20)).end).toBeNull();
  });

  it('forgets steps that a resumed run has yet to take again', () => {
    const begun = advance(NO_PROGRESS, numbered([step(36)]));
    const resumed = (stepsDone: number) =>
      advance(begun, numbered([{ event: 'start', stepsDone } as EngineEvent], 2)).step?.step;
    expect([resumed(36), resumed(8)]).toEqual([36, undefined]);
  });

  it('does not fail at an event that it does not know', () => {
    const unknown = { event: 'something-new' } as unknown as EngineEvent;
    expect(advance(NO_PROGRESS, numbered([unknown]))).toEqual(NO_PROGRESS);
  });
});

describe('samples by prompt', () => {
  it('has the answer before training apart and the newest first', () => {
    const events = [sample(0, 'a0', 'A'), sample(0, 'b0', 'B'), sample(5, 'a5', 'A'), sample(9, 'a9', 'A')];
    const [a, b] = byPrompt(advance(NO_PROGRESS, numbered(events)).samples);
    expect(a).toMatchObject({ prompt: 'A', before: { text: 'a0' }, later: [{ text: 'a9' }, { text: 'a5' }] });
    expect(b).toMatchObject({ prompt: 'B', before: { text: 'b0' }, later: [] });
  });
});

const curves = (steps: readonly number[]): RunCurves => ({
  step: steps,
  loss: steps.map((one) => 3 - one / 100),
  learningRate: steps.map(() => 1e-3),
  tokensPerSecond: steps.map(() => 500),
  memoryBytes: steps.map(() => 1e9),
  recorded: steps.length,
  evals: [],
});

describe('points', () => {
  it('are those of the store and then those that come', () => {
    const points = new RunPoints();
    points.fill(curves([1, 2, 3]));
    points.add(step(4));
    expect(points.columns().step).toEqual([1, 2, 3, 4]);
    expect(points.columns().loss.at(-1)).toBeCloseTo(2.96);
  });

  it('have the memory in which weights count once, where a run tells it', () => {
    const points = new RunPoints();
    points.add(step(1));
    points.add(step(2, { memoryBytes: 6e8 }));
    expect(points.columns().memoryBytes).toEqual([1e9, 6e8]);
  });

  it('rewind when a resumed run repeats steps', () => {
    const points = new RunPoints();
    points.fill(curves([1, 2, 3, 4]));
    points.add(step(3, { loss: 1 }));
    expect(points.columns().step).toEqual([1, 2, 3]);
    expect(points.columns().loss.at(-1)).toBe(1);
  });

  it('are thinned, and keep the first and the newest', () => {
    const points = new RunPoints(10);
    for (let one = 1; one <= 1000; one += 1) points.add(step(one));
    const { step: steps, loss } = points.columns();
    expect(steps.length).toBeLessThanOrEqual(10);
    expect(loss).toHaveLength(steps.length);
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(1000);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it('have null where there is no number', () => {
    const points = new RunPoints();
    points.add(step(1, { loss: Number.NaN }));
    expect(points.columns().loss).toEqual([null]);
  });
});

describe('the pass through the rows', () => {
  const at = (step: number, epoch: number, steps = 152) => ({ step, epoch, steps });

  it('is one of as many as the run was given, whatever share of its steps is taken', () => {
    // passes have 50, 51 and 51 steps: the share of the steps would make three or four of them
    expect(passOf(at(40, 40 / 50), { epochs: 3 })).toEqual({ pass: 1, passes: 3 });
    expect(passOf(at(64, 1 + 14 / 51), { epochs: 3 })).toEqual({ pass: 2, passes: 3 });
    expect(passOf(at(65, 1 + 15 / 51), { epochs: 3 })).toEqual({ pass: 2, passes: 3 });
    expect(passOf(at(50, 1), { epochs: 3 })).toEqual({ pass: 1, passes: 3 });
    expect(passOf(at(152, 3), { epochs: 3 })).toEqual({ pass: 3, passes: 3 });
    expect(passOf(at(10, 0.2), { epochs: 0.5 })).toEqual({ pass: 1, passes: 1 });
  });

  it('is one of an unknown number where steps end the run, and none before the first', () => {
    expect(passOf(at(60, 1.2, 100), { maxSteps: 100 })).toEqual({ pass: 2, passes: null });
    expect(passOf(at(60, 1.2, 100), { maxSteps: 100, epochs: 3 })).toEqual({ pass: 2, passes: null });
    expect(passOf(at(60, 1.2), { maxSteps: 500, epochs: 3 })).toEqual({ pass: 2, passes: 3 });
    expect(passOf(at(0, 0), { epochs: 3 })).toBeNull();
  });
});

const preferring = (accuracy: number) => ({
  preference: { accuracy, margin: 1, chosen: -1, rejected: -2 },
});
const evalPoint = (at: number, loss: number) => ({
  ...{ step: at, loss, perplexity: Math.exp(loss), labelledTokens: 100, best: true },
});

describe('charts', () => {
  it('have training and held-out loss over one axis', () => {
    const points = new RunPoints();
    points.fill(curves([1, 2, 4]));
    const evals = [0, 2, 3].map((at) => evalPoint(at, 5 - at));
    const {
      xs,
      line: training,
      dots: heldOut,
    } = drawn(CHARTS.find(({ key }) => key === 'loss')!, points.columns(), evals);
    expect(xs).toEqual([0, 1, 2, 3, 4]);
    expect(training.map((value) => value !== null)).toEqual([false, true, true, false, true]);
    expect(heldOut).toEqual([5, null, 3, 2, null]);
  });

  it('are those of every run, before the first step too, and of other figures where the run has them', () => {
    const titles = (evals: Parameters<typeof chartsOf>[1]) =>
      chartsOf(new RunPoints().columns(), evals).map(({ title }) => title);
    const usual = ['Loss', 'Learning rate', 'Speed', 'Memory in use'];
    expect(titles([])).toEqual(usual);
    expect(titles([evalPoint(1, 2)])).toEqual(usual);
    expect(titles([{ ...evalPoint(1, 2), accuracy: 0.5 }])).toContain('Right category');
  });

  it('draw shares in percent and bytes in GB, each evaluation where it has the figure', () => {
    const points = new RunPoints();
    points.add(step(1, { memoryBytes: 6e8 }));
    const evals = [evalPoint(0, 3), { ...evalPoint(1, 2), ...preferring(0.25) }];
    const charts = chartsOf(points.columns(), evals);
    const chart = (title: string) => charts.find((one) => one.title === title)!;
    expect(chart('Memory in use').series).toMatchObject([{ unit: 'GB', values: [0.6], kind: 'line' }]);
    expect(chart('Better answer preferred')).toMatchObject({
      xs: [1],
      series: [{ unit: '%', values: [25], kind: 'points' }],
    });
    expect(chart('Loss').series.map(({ kind, label }) => [kind, label])).toEqual([
      ['raw', 'Training'],
      ['points', 'Test rows'],
    ]);
  });
});
