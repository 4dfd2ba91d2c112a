import { describe, expect, it } from 'vitest';
import { type CurvePoint, forecastOf, isClose } from '../../../../../main/engine/eval/rivals/forecast.ts';
import { Rng } from '../../../../../main/rows/rng.ts';

const SIZES = [24, 48, 96, 192];
/** Errors on a logit scale, from half of the rows wrong at the first size. */
const errorAt = (fall: number) => (rows: number) => 1 / (1 + (rows / 24) ** fall);
const points = (fall: number, asked: number): CurvePoint[] =>
  SIZES.map((rows) => ({ rows, asked, wrong: asked * errorAt(fall)(rows) }));

describe('a forecast of more rows', () => {
  it.each([0.2, 0.5, 0.9])('follows a curve that was measured on many rows: a fall of %f', (fall) => {
    const forecast = forecastOf(points(fall, 100_000));
    for (const rows of [240, 480, 960]) {
      const { value, low, high } = forecast.at(rows);
      expect(Math.abs(1 - value - errorAt(fall)(rows))).toBeLessThan(0.01);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    const { value } = forecast.left(0.2, 2);
    expect(value).toBeCloseTo(1 / (1 + 4 * 2 ** fall), 2);
  });

  it('is the less sure the fewer rows were asked, and the further it reaches', () => {
    const width = (asked: number, rows: number) => {
      const { low, high } = forecastOf(points(0.6, asked)).at(rows);
      return high - low;
    };
    expect(width(60, 480)).toBeGreaterThan(1.3 * width(6000, 480));
    expect(width(6000, 960)).toBeGreaterThan(width(6000, 240));
  });

  it('has a middle to be named where the interval is narrow', () => {
    const isNamed = (asked: number, rows: number) => isClose(forecastOf(points(0.2, asked)).at(rows));
    expect([isNamed(60, 480), isNamed(6000, 480), isNamed(6000, 20_000)]).toEqual([false, true, false]);
  });

  it('takes the usual fall where a few rows say nothing', () => {
    const chance = [30, 28, 31, 29].map((wrong, i) => ({ rows: SIZES[i]!, asked: 40, wrong }));
    const { at } = forecastOf(chance);
    expect(at(400).value).toBeGreaterThan(at(200).value);
    expect(at(400).low).toBeLessThan(11 / 40);
  });

  it('is no certainty where nothing was wrong, or all', () => {
    const all = (wrong: number) => forecastOf(SIZES.map((rows) => ({ rows, asked: 60, wrong }))).at(480);
    expect(all(0).value).toBeGreaterThan(0.97);
    expect([all(0).low > 0.8, all(0).high < 1, all(60).low > 0, all(60).high < 0.5]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('holds what is true where curves bend as real ones do', () => {
    const rng = Rng.fromSeed(7);
    const uniform = () => rng.nextU32() / 2 ** 32;
    const [asked, cases] = [200, 200];
    let held = 0;
    for (let i = 0; i < cases; i++) {
      // before the last point one fall, beyond it another
      const before = 0.2 + 0.4 * uniform();
      const beyond = before + 0.6 * (uniform() - 0.5);
      const drawn = SIZES.map((rows) => {
        const rate = errorAt(before)(rows);
        return {
          rows,
          asked,
          wrong: Array.from({ length: asked }, uniform).filter((one) => one < rate).length,
        };
      });
      const odds = (192 / 24) ** before * (480 / 192) ** beyond;
      const { low, high } = forecastOf(drawn).at(480);
      if (low <= odds / (1 + odds) && odds / (1 + odds) <= high) held++;
    }
    expect(held / cases).toBeGreaterThan(0.9);
  });
});
