import { describe, expect, it } from 'vitest';
import {
  chanceScores,
  ndcg,
  rankCorrelation,
  rankingScores,
  recall,
  reciprocalRank,
} from '../../../common/ranking.ts';

/** Gains in the order in which passages were found, all gains, and what trec_eval says of them (pytrec_eval-terrier 0.5). */
const KNOWN = [
  {
    found: [1, 0, 1, 1],
    all: [1, 1, 1],
    ndcg10: 0.9060254355346823,
    recall10: 1.0,
    recall100: 1.0,
    mrr: 1.0,
  },
  {
    found: [0, 3, 0, 0, 0, 2, 1, 3],
    all: [3, 2, 1, 3],
    ndcg10: 0.614367454486485,
    recall10: 1.0,
    recall100: 1.0,
    mrr: 0.5,
  },
  {
    found: [0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0],
    all: [1, 1, 1],
    ndcg10: 0.47084972088011423,
    recall10: 1.0,
    recall100: 1.0,
    mrr: 0.2,
  },
  {
    found: [0, 0, 0, 2, 3, 0, 0, 0, 0, 0],
    all: [3, 2, 1, 2],
    ndcg10: 0.3551864256434151,
    recall10: 0.5,
    recall100: 0.5,
    mrr: 0.25,
  },
  {
    found: [1, 0, 0, 0, 0, 0, 0, 1],
    all: [1, 1, 1],
    ndcg10: 0.617319681505689,
    recall10: 0.6666666666666666,
    recall100: 0.6666666666666666,
    mrr: 1.0,
  },
];

describe('the measures of an order', () => {
  it.each(KNOWN)('are those of trec_eval: $found', ({ found, all, ...known }) => {
    const { questions, ...scores } = rankingScores([{ found, all }]);
    expect(questions).toBe(1);
    for (const [name, value] of Object.entries(known))
      expect(scores[name as keyof typeof scores], name).toBeCloseTo(value, 9);
  });

  it('are means over questions', () => {
    const scores = rankingScores([
      { found: [1, 0], all: [1] },
      { found: [0, 1], all: [1] },
      { found: [0, 0], all: [1] },
    ]);
    expect(scores.mrr).toBeCloseTo((1 + 1 / 2 + 0) / 3, 12);
    expect(scores.ndcg10).toBeCloseTo((1 + 1 / Math.log2(3)) / 3, 12);
    expect(scores.recall10).toBeCloseTo(2 / 3, 12);
  });

  it('are zero where nothing answers or nothing was found', () => {
    expect([ndcg([], [1]), recall([], [1], 10), reciprocalRank([])]).toEqual([0, 0, 0]);
    expect([ndcg([0], []), recall([0], [], 10)]).toEqual([0, 0]);
    expect(rankingScores([]).ndcg10).toBe(0);
  });

  it('count no more than the first k', () => {
    const found = [...Array.from({ length: 10 }, () => 0), 1];
    expect([ndcg(found, [1]), recall(found, [1], 10), recall(found, [1], 100)]).toEqual([0, 0, 1]);
  });
});

describe('an order by chance', () => {
  it('gets what all orders of a few passages get on average', () => {
    // of 4 passages 2 answer: all 24 orders
    const orders = (left: readonly number[]): number[][] =>
      left.length === 0
        ? [[]]
        : left.flatMap((one, i) => orders(left.toSpliced(i, 1)).map((rest) => [one, ...rest]));
    const all = orders([1, 1, 0, 0]).map((found) => ({ found, all: [1, 1] }));
    const { questions: _, ...wanted } = rankingScores(all);
    const { questions, ...found } = chanceScores([2], 4);
    expect(questions).toBe(1);
    for (const [name, value] of Object.entries(wanted))
      expect(found[name as keyof typeof found], name).toBeCloseTo(value, 12);
  });

  it('finds a tenth of the right ones among the first 10 of 100', () => {
    const { recall10, recall100, mrr } = chanceScores([1, 3], 100);
    expect([recall10, recall100]).toEqual([0.1, 1]);
    // one passage: the mean of 1/1 to 1/100; three are met earlier
    const one = Array.from({ length: 100 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b) / 100;
    expect(chanceScores([1], 100).mrr).toBeCloseTo(one, 12);
    expect(mrr).toBeGreaterThan(one);
  });
});

it('the correlation of two orders is that of SciPy', () => {
  // scipy.stats.spearmanr
  expect(rankCorrelation([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
  expect(rankCorrelation([0.1, 0.4, 0.4, 0.9], [3, 2, 2, 1])).toBeCloseTo(-1, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBe(0);
});
