import { describe, expect, it } from 'vitest';
import {
  atLeast,
  isBeyondDoubt,
  mean,
  rate,
  rateDifference,
  ratio,
  signTest,
} from '../../../../../main/engine/eval/assess/statistics.ts';
import { Rng } from '../../../../../main/rows/rng.ts';

/** Enough for a simulation, in a fifth of the time. */
const FEWER_RESAMPLES = 400;

/** Share of `repetitions` in which the interval that `draw` makes holds `truth`, in per cent. */
function coverage(repetitions: number, truth: number, draw: () => { low: number; high: number }): number {
  let held = 0;
  for (let i = 0; i < repetitions; i++) {
    const { low, high } = draw();
    if (low <= truth && truth <= high) held++;
  }
  return (100 * held) / repetitions;
}

describe('rate', () => {
  it.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [9, 10, 0.5958, 0.9821],
    [10, 10, 0.7225, 1],
    [50, 100, 0.4038, 0.5962],
    [81, 263, 0.2553, 0.3662],
    [1, 1, 0.2065, 1],
  ])('gives the Wilson interval of %i of %i', (successes, trials, low, high) => {
    const found = rate(successes, trials);
    expect(found.value).toBe(successes / trials);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it('knows nothing without trials', () => {
    expect(rate(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });

  it.each([
    [0.1, 60],
    [0.35, 60],
    [0.5, 100],
    [0.93, 100],
  ])('covers a true rate of %f in %i rows', (truth, rows) => {
    const rng = Rng.fromSeed(7);
    const hits = () => Array.from({ length: rows }, () => rng.uniform()).filter((u) => u < truth).length;
    const share = coverage(4000, truth, () => rate(hits(), rows));
    expect(share).toBeGreaterThan(92);
    expect(share).toBeLessThan(97.5);
  });
});

describe('rateDifference', () => {
  it('is nothing for equal answers, with room for doubt', () => {
    const same = Array<boolean>(50).fill(true);
    const { value, low, high } = rateDifference(same, same);
    expect(value).toBe(0);
    expect(low).toBeLessThan(0);
    expect(high).toBeCloseTo(-low, 12);
  });

  it('gives the interval of Agresti and Min', () => {
    // 20 rows: 9 won, 1 lost; b* = 9.5, c* = 1.5, n* = 22
    const first = Array.from({ length: 20 }, (_, i) => i === 0);
    const second = Array.from({ length: 20 }, (_, i) => i >= 1 && i <= 9);
    const half = (1.959964 * Math.sqrt(11 - 64 / 22)) / 22;
    const { value, low, high } = rateDifference(first, second);
    expect(value).toBeCloseTo(0.4, 12);
    expect(low).toBeCloseTo(8 / 22 - half, 6);
    expect(high).toBeCloseTo(8 / 22 + half, 6);
  });

  it.each([
    [0.34, 0.85, 60],
    [0.6, 0.65, 100],
    [0.9, 0.88, 200],
  ])('covers a change from %f to %f in %i rows', (before, after, rows) => {
    const rng = Rng.fromSeed(11);
    const share = coverage(3000, after - before, () => {
      // a row's difficulty is shared by both answers, as it is in life
      const difficulty = Array.from({ length: rows }, () => rng.uniform());
      const answers = (p: number) => difficulty.map((u) => (rng.uniform() < 0.5 ? u : rng.uniform()) < p);
      return rateDifference(answers(before), answers(after));
    });
    expect(share).toBeGreaterThan(92);
    expect(share).toBeLessThan(97.5);
  });
});

describe('ratio', () => {
  it('is the ratio of the sums, and repeats with its seed', () => {
    const [losses, tokens] = [
      [3, 5, 8, 2, 7.5, 1.2, 9.1, 4.4],
      [1, 2, 4, 1, 3, 1, 5, 2],
    ];
    const found = ratio(losses, tokens, 5);
    expect(found.value).toBeCloseTo(40.2 / 19, 12);
    expect(found.low).toBeLessThan(found.value);
    expect(found.high).toBeGreaterThan(found.value);
    expect(ratio(losses, tokens, 5)).toEqual(found);
    expect(ratio(losses, tokens, 6)).not.toEqual(found);
  });

  it('is cut where values cannot lie', () => {
    const nearlyAll = Array.from({ length: 30 }, (_, i) => (i === 0 ? 0.2 : 1));
    expect(mean(nearlyAll, 1).high).toBeGreaterThan(1);
    expect(mean(nearlyAll, 1, [0, 1])).toMatchObject({ high: 1, value: mean(nearlyAll, 1).value });
  });

  it('has no width where all rows are equal, or where there is one row', () => {
    expect(mean([2, 2, 2, 2], 1)).toEqual({ value: 2, low: 2, high: 2 });
    expect(mean([2], 1)).toEqual({ value: 2, low: 2, high: 2 });
  });

  it.each([
    [0.8, 30],
    [0.8, 80],
    [0.4, 80],
  ])('covers the mean of values with a log-spread of %f in %i rows', (spread, rows) => {
    const rng = Rng.fromSeed(3);
    const share = coverage(1500, Math.exp(0.5 * spread ** 2), () =>
      ratio(
        Array.from({ length: rows }, () => Math.exp(spread * rng.normal())),
        Array<number>(rows).fill(1),
        rng.nextU32(),
        FEWER_RESAMPLES,
      ),
    );
    expect(share).toBeGreaterThan(92);
    expect(share).toBeLessThan(97.5);
  });

  it('covers a change of loss per token in rows of different length', () => {
    const rng = Rng.fromSeed(4);
    const truth = -0.3;
    const share = coverage(1500, truth, () => {
      const tokens = Array.from({ length: 60 }, () => 5 + rng.below(40));
      const changes = tokens.map((count) => count * (truth + 0.4 * rng.normal()) + rng.normal());
      return ratio(changes, tokens, rng.nextU32(), FEWER_RESAMPLES);
    });
    expect(share).toBeGreaterThan(92);
    expect(share).toBeLessThan(97.5);
  });
});

describe('atLeast', () => {
  it.each([
    [0, 10, 0.25, 1],
    [14, 28, 0.25, 0.003781377],
    [12, 28, 0.25, 0.029411027],
    [10, 10, 0.5, 1 / 1024],
    [22, 28, 0.5, 0.00185958],
  ])('%i of %i by a chance of %f: %f', (successes, trials, chance, p) => {
    expect(atLeast(successes, trials, chance)).toBeCloseTo(p, 8);
  });
});

describe('signTest', () => {
  it.each([
    [0, 0, 1],
    [5, 5, 1],
    [6, 0, 0.03125],
    [9, 1, 0.021484375],
    [8, 2, 0.109375],
    [0, 10, 0.001953125],
  ])('of %i against %i is %f', (wins, losses, p) => {
    expect(signTest(wins, losses)).toBeCloseTo(p, 9);
  });

  it('holds for many pairs', () => {
    expect(signTest(600, 400)).toBeLessThan(1e-8);
    expect(signTest(510, 490)).toBeGreaterThan(0.5);
  });
});

describe('isBeyondDoubt', () => {
  const gains = (rng: Rng, rows: number, gain: number) =>
    Array.from({ length: rows }, () => gain + 0.25 * rng.normal());

  it('is never so by few rows, by equal ones only where all gain', () => {
    expect(isBeyondDoubt(new Array(19).fill(1), 0.05)).toBe(false);
    expect(isBeyondDoubt(new Array(20).fill(1), 0.05)).toBe(true);
    expect(isBeyondDoubt(new Array(20).fill(0.05), 0.05)).toBe(false);
    expect(isBeyondDoubt([...new Array(5).fill(1), ...new Array(15).fill(0)], 0.05)).toBe(false);
  });

  it('is hardly ever so by luck', () => {
    const rng = Rng.fromSeed(5);
    let found = 0;
    for (let i = 0; i < 4000; i++) found += Number(isBeyondDoubt(gains(rng, 20, 0.05), 0.05));
    expect(found / 4000).toBeLessThan(0.002);
  });

  it('leaves the interval of the gain as it is, whenever asking is stopped early', () => {
    for (const gain of [0.1, 0.25, 0.4]) {
      const rng = Rng.fromSeed(7);
      const held = coverage(800, gain, () => {
        const all = gains(rng, 60, gain);
        const first = all.slice(0, 20);
        const asked = isBeyondDoubt(first, 0.05) ? first : all;
        return ratio(asked, new Array(asked.length).fill(1), 3, FEWER_RESAMPLES);
      });
      expect(held).toBeGreaterThan(92.5);
    }
  });

  it.each([
    [0.05, 0.1],
    [0.1, 0.4],
    [0.2, 0.7],
    [0.3, 0.85],
  ])('leaves the interval of answers right or wrong as it is, from %f to %f', (before, after) => {
    const rng = Rng.fromSeed(9);
    const held = coverage(3000, after - before, () => {
      const right = (p: number) => Array.from({ length: 100 }, () => rng.uniform() < p);
      const [first, second] = [right(before), right(after)];
      const gains = first.map((was, i) => Number(second[i]!) - Number(was));
      const rows = isBeyondDoubt(gains.slice(0, 20), 0.05) ? 20 : 100;
      return rateDifference(first.slice(0, rows), second.slice(0, rows));
    });
    expect(held).toBeGreaterThan(92.5);
  });
});
