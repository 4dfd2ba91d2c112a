/** Streams: one that survives a lost connection, and events handed over once a frame. */
import { describe, expect, it } from 'vitest';
import { batched, follow, sleep } from '../../../renderer/streams.ts';

async function* numbers(from: number, to: number, thenFail = false): AsyncGenerator<number> {
  for (let value = from; value <= to; value += 1) yield value;
  if (thenFail) throw new Error('cut');
}

const noPause = () => Promise.resolve();

describe('following a stream', () => {
  it('goes on after the last value when the stream breaks', async () => {
    const got: number[] = [];
    const starts: (number | undefined)[] = [];
    await follow<number>(
      new AbortController().signal,
      async (last) => {
        starts.push(last);
        return numbers((last ?? 0) + 1, (last ?? 0) + 3, starts.length < 3);
      },
      (value) => got.push(value),
      { pause: noPause },
    );
    expect(got).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(starts).toEqual([undefined, 3, 6]);
  });

  it('waits longer after each failure in a row, and short again after a value', async () => {
    const pauses: number[] = [];
    let attempt = 0;
    await follow<number>(
      new AbortController().signal,
      async () => {
        attempt += 1;
        if (attempt === 4) return numbers(1, 1, true);
        if (attempt < 7) throw new Error('away');
        return numbers(2, 2);
      },
      () => {},
      {
        pause: (ms) => {
          pauses.push(ms);
          return Promise.resolve();
        },
      },
    );
    expect(pauses).toEqual([250, 500, 1000, 250, 500, 1000]);
  });

  it('never waits longer than eight seconds', async () => {
    const pauses: number[] = [];
    let attempt = 0;
    await follow<number>(
      new AbortController().signal,
      async () => {
        attempt += 1;
        if (attempt < 20) throw new Error('away');
        return numbers(1, 1);
      },
      () => {},
      { pause: async (ms) => void pauses.push(ms) },
    );
    expect(Math.max(...pauses)).toBe(8000);
    expect(pauses).toHaveLength(19);
  });

  it('rejects with what repeating cannot help', async () => {
    const refused = new Error('no such run');
    const following = follow<number>(
      new AbortController().signal,
      () => Promise.reject(refused),
      () => {},
      { isFinal: (error) => error === refused, pause: noPause },
    );
    await expect(following).rejects.toBe(refused);
  });

  it('ends when it is given up, and gives no value after that', async () => {
    const end = new AbortController();
    const got: number[] = [];
    await follow<number>(
      end.signal,
      async () => numbers(1, 100),
      (value) => {
        got.push(value);
        if (value === 5) end.abort();
      },
    );
    expect(got).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not try again when it is given up during a failure', async () => {
    const end = new AbortController();
    let starts = 0;
    await follow<number>(
      end.signal,
      () => {
        starts += 1;
        end.abort();
        return Promise.reject(new Error('cut'));
      },
      () => {},
      { pause: noPause },
    );
    expect(starts).toBe(1);
  });
});

describe('a pause', () => {
  it('ends at once when it is given up before or during', async () => {
    await sleep(60_000, AbortSignal.abort());
    const end = new AbortController();
    const pausing = sleep(60_000, end.signal);
    end.abort();
    await pausing;
  });
});

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
