import { describe, expect, it } from 'vitest';
import { nearest } from '../../../main/extras/find/nearest.ts';

const rows = (count: number, width: number, seed = 1) => {
  let state = seed;
  return Float32Array.from({ length: count * width }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 1073741824 - 1;
  });
};

describe('the nearest vectors', () => {
  it.each([
    [500, 384],
    [200, 7],
    [3, 24],
  ])('are those of a full sort of %i rows of %i numbers', (count, width) => {
    const all = rows(count, width);
    const query = rows(1, width, 77);
    const scored = Array.from({ length: count }, (_, at) => ({
      at,
      score: query.reduce((sum, value, i) => sum + value * all[at * width + i]!, 0),
    })).toSorted((a, b) => b.score - a.score);
    const found = nearest(all, query, 10);
    expect(found.map(({ at }) => at)).toEqual(scored.slice(0, 10).map(({ at }) => at));
    for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(scored[i]!.score, 9);
  });

  it('keep their order where they are equally near', () => {
    expect(nearest(Float32Array.from([1, 1, 2, 1]), Float32Array.from([1]), 3)).toEqual([
      { at: 2, score: 2 },
      { at: 0, score: 1 },
      { at: 1, score: 1 },
    ]);
  });

  it('of nothing are none', () => {
    expect(nearest(new Float32Array(), Float32Array.from([1]), 5)).toEqual([]);
    expect(nearest(new Float32Array(), new Float32Array(), 5)).toEqual([]);
  });
});
