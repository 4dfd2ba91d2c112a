/** A stream that goes on after a lost connection, without a hole and without repeating what was refused. */
import { describe, expect, it } from 'vitest';
import { followWith, sleep } from '../../../renderer/follow.ts';

async function* numbers(from: number, to: number, thenFail = false): AsyncGenerator<number> {
  for (let value = from; value <= to; value += 1) yield value;
  if (thenFail) throw new Error('cut');
}

const noPause = () => Promise.resolve();

describe('following a stream', () => {
  it('goes on after the last value when the stream breaks', async () => {
    const got: number[] = [];
    const starts: (number | undefined)[] = [];
    await followWith<number>(
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
    await followWith<number>(
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
    await followWith<number>(
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
    const following = followWith<number>(
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
    await followWith<number>(
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
    await followWith<number>(
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
