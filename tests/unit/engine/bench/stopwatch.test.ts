import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { median, medianSeconds } from '../../../../main/engine/bench/stopwatch.ts';

const patient = new AbortController().signal;

describe('the time that something takes', () => {
  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 3, 2], 3],
  ])('the middle one of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
    expect(values.length).toBeGreaterThan(0);
  });

  it('leaves the first run out, which is slow', async () => {
    let runs = 0;
    const run = () => setTimeout(runs++ === 0 ? 150 : 2);
    expect(await medianSeconds(run, 0.2, patient)).toBeLessThan(0.1);
    expect(runs).toBeGreaterThan(1);
  });

  it('runs once what takes longer than there is time', async () => {
    let runs = 0;
    const run = () => {
      runs++;
      return setTimeout(30);
    };
    expect(await medianSeconds(run, 0.01, patient)).toBeGreaterThan(0.02);
    expect(runs).toBe(1);
  });

  it('ends between two runs when it is cancelled', async () => {
    const controller = new AbortController();
    let runs = 0;
    const run = async () => {
      if (++runs === 3) controller.abort(new Error('enough'));
    };
    await expect(medianSeconds(run, 5, controller.signal)).rejects.toThrow('enough');
    expect(runs).toBe(3);
  });
});
