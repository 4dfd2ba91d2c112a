/** How good an order of passages is for a question: what trec_eval and scikit-learn compute, as pure functions. */

/** How much each found passage answers, in the order in which they were found. */
export type Gains = readonly number[];

const gainSum = (gains: Gains) => gains.reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);

/** Normalised discounted cumulative gain of the first `k`; `all`: the gains of all passages that answer, found or not. */
export function ndcg(found: Gains, all: Gains, k = 10): number {
  const ideal = gainSum(all.toSorted((a, b) => b - a).slice(0, k));
  return ideal > 0 ? gainSum(found.slice(0, k)) / ideal : 0;
}

/** The share of the passages that answer which is among the first `k`. */
export function recall(found: Gains, all: Gains, k: number): number {
  const count = (gains: Gains) => gains.filter((gain) => gain > 0).length;
  const there = count(all);
  return there > 0 ? count(found.slice(0, k)) / there : 0;
}

/** One through the place of the first passage that answers; 0 where none is found. */
export function reciprocalRank(found: Gains): number {
  const first = found.findIndex((gain) => gain > 0);
  return first < 0 ? 0 : 1 / (first + 1);
}

export interface RankingScores {
  readonly questions: number;
  readonly ndcg10: number;
  readonly recall10: number;
  readonly recall100: number;
  readonly mrr: number;
}

/** The means over questions. */
export function rankingScores(
  asked: readonly { readonly found: Gains; readonly all: Gains }[],
): RankingScores {
  const mean = (of: (one: (typeof asked)[number]) => number) =>
    asked.length === 0 ? 0 : asked.reduce((sum, one) => sum + of(one), 0) / asked.length;
  return {
    questions: asked.length,
    ndcg10: mean(({ found, all }) => ndcg(found, all)),
    recall10: mean(({ found, all }) => recall(found, all, 10)),
    recall100: mean(({ found, all }) => recall(found, all, 100)),
    mrr: mean(({ found }) => reciprocalRank(found)),
  };
}
