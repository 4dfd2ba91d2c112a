import { describe, expect, it } from 'vitest';
import { thinned } from '../../../main/store/curves.ts';

describe('thinned', () => {
  it.each([
    [0, 10],
    [1, 10],
    [10, 10],
  ])('keeps all of %i points where %i are allowed', (length, points) => {
    expect(thinned([new Array(length).fill(1)], points)).toEqual(Array.from({ length }, (_, i) => i));
  });

  it.each([
    [11, 10],
    [1000, 10],
    [100_000, 1000],
    [1001, 1000],
  ])('takes of %i at most %i, ascending, with the ends', (length, points) => {
    const curves = [0, 1].map((shift) => Array.from({ length }, (_, i) => Math.sin(i * i + shift)));
    const kept = thinned(curves, points);
    expect(kept.length).toBeLessThanOrEqual(points);
    expect(kept.length).toBeGreaterThan(points / 3);
    expect([kept[0], kept.at(-1)]).toEqual([0, length - 1]);
    expect(kept.every((index, i) => i === 0 || index > kept[i - 1]!)).toBe(true);
    for (const curve of curves) {
      const shown = kept.map((i) => curve[i]!);
      expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...curve), Math.max(...curve)]);
    }
  });

  it('lets what is not a number be neither lowest nor highest', () => {
    const curve = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? Number.NaN : i === 51 ? Number.POSITIVE_INFINITY : i,
    );
    expect(thinned([curve], 10)).toContain(51);
    expect(thinned([new Array(100).fill(Number.NaN)], 10)).toEqual([0, 99]);
  });
});
