import { describe, expect, it } from 'vitest';
import type { EvalEvent, StepEvent } from '../../../../../common/protocol/protocol.ts';
import { courseOf, lossFactor, readCourse } from '../../../../../main/engine/eval/assess/course.ts';

const step = (learningRate: number) => ({ event: 'step', learningRate }) as StepEvent;
const measured = (loss: number) => ({ event: 'eval', loss }) as EvalEvent;

describe('the course of a training', () => {
  it('is its test losses over the way that the weights may have moved', () => {
    const metrics = [measured(2), step(1), step(2), measured(1), step(0.5), measured(0.8)];
    expect(courseOf(metrics)).toEqual([
      { moved: 0, loss: 2 },
      { moved: 3, loss: 1 },
      { moved: 3.5, loss: 0.8 },
    ]);
  });

  it.each([
    [[2, 1, 0.8, 0.6], { rose: false, falls: true, turned: false }],
    [[2, 0.61, 0.605, 0.6], { rose: false, falls: false, turned: false }],
    [[2, 1.99, 1.98], { rose: false, falls: true, turned: false }],
    [[2, 0.5, 0.9], { rose: false, falls: false, turned: true }],
    [[2, 2.5], { rose: true, falls: true, turned: true }],
    [[], { rose: false, falls: false, turned: false }],
  ])('%j is read', (losses, reading) => {
    expect(readCourse(losses)).toEqual(reading);
  });

  it('goes on along its second half, as a power law of which a part may go on', () => {
    const course = [2, 1, 0.5].map((loss, i) => ({ moved: [0, 2, 4][i]!, loss }));
    expect(lossFactor(course, 2)).toEqual({ low: 0.5, high: 2 ** -0.25 });
    expect(lossFactor(course, 4)!.low).toBe(0.25);
  });

  it('tells nothing where it did not fall, or has no loss near its middle', () => {
    const course = (...points: [number, number][]) => points.map(([moved, loss]) => ({ moved, loss }));
    expect(lossFactor(course([0, 2], [2, 0.4], [4, 0.5]), 2)).toBeNull();
    expect(lossFactor(course([0, 2], [4, 0.5]), 2)).toBeNull();
    expect(lossFactor([], 2)).toBeNull();
  });
});
