/** Events that come faster than a page can draw are handed over once a frame, in order, none lost, a bounded number at a time. */
import { describe, expect, it } from 'vitest';
import { batched } from '../../../renderer/state/frame-batch.ts';

/** Frames that pass when the test says so. */
function clock() {
  const waiting: (() => void)[] = [];
  return {
    schedule: (run: () => void) => void waiting.push(run),
    frame: () => {
      for (const run of waiting.splice(0)) run();
    },
    asked: () => waiting.length,
  };
}

describe('a batch of events', () => {
  it('is handed over once a frame, in order', () => {
    const { schedule, frame, asked } = clock();
    const got: (readonly number[])[] = [];
    const batch = batched<number>((items) => got.push(items), { schedule });
    for (let i = 0; i < 200; i += 1) batch.push(i);
    expect(asked()).toBe(1);
    expect(got).toEqual([]);
    frame();
    expect(got).toEqual([Array.from({ length: 200 }, (_, i) => i)]);
    frame();
    expect(got).toHaveLength(1);
  });

  it('spreads a backlog over frames, so that none is long', () => {
    const { schedule, frame } = clock();
    const got: (readonly number[])[] = [];
    const batch = batched<number>((items) => got.push(items), { schedule, most: 100 });
    for (let i = 0; i < 250; i += 1) batch.push(i);
    for (let i = 0; i < 3; i += 1) frame();
    expect(got.map((items) => items.length)).toEqual([100, 100, 50]);
    expect(got.flat()).toEqual(Array.from({ length: 250 }, (_, i) => i));
  });

  it('takes what is pushed while it hands over', () => {
    const { schedule, frame } = clock();
    const got: number[] = [];
    const batch = batched<number>(
      (items) => {
        got.push(...items);
        if (items.includes(1)) batch.push(2);
      },
      { schedule },
    );
    batch.push(1);
    frame();
    frame();
    expect(got).toEqual([1, 2]);
  });

  it('gives nothing any more once it is closed', () => {
    const { schedule, frame } = clock();
    const got: number[] = [];
    const batch = batched<number>((items) => got.push(...items), { schedule });
    batch.push(1);
    batch.close();
    batch.push(2);
    frame();
    expect(got).toEqual([]);
  });
});
