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

/** What an order by chance gets of `passages`, of which as many answer each question as `answers` has for it. */
export function chanceScores(answers: readonly number[], passages: number): RankingScores {
  const each = answers.map((right) => {
    const share = right / passages;
    const gains = Array.from({ length: Math.min(10, passages) }, () => share);
    return {
      ndcg10: ndcg(
        gains,
        Array.from({ length: right }, () => 1),
      ),
      recall10: Math.min(1, 10 / passages),
      recall100: Math.min(1, 100 / passages),
      mrr: chanceOfFirst(right, passages),
    };
  });
  const mean = (of: (one: (typeof each)[number]) => number) =>
    each.length === 0 ? 0 : each.reduce((sum, one) => sum + of(one), 0) / each.length;
  return {
    questions: each.length,
    ndcg10: mean(({ ndcg10 }) => ndcg10),
    recall10: mean(({ recall10 }) => recall10),
    recall100: mean(({ recall100 }) => recall100),
    mrr: mean(({ mrr }) => mrr),
  };
}

/** The mean of one through the place of the first of `right` passages among `all` in a random order. */
function chanceOfFirst(right: number, all: number): number {
  let [sum, none] = [0, 1];
  for (let place = 1; place <= all - right + 1; place++) {
    const here = right / (all - place + 1);
    sum += (none * here) / place;
    none *= 1 - here;
  }
  return sum;
}

/** How far two lists of numbers have the same order, from -1 to 1 (Spearman); 0 where one of them has none. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length + 1) / 2;
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - middle, y[i]! - middle];
    both += dx * dy;
    first += dx * dx;
    second += dy * dy;
  }
  return first > 0 && second > 0 ? both / Math.sqrt(first * second) : 0;
}

/** The place of each number, from 1; equal ones have the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const found: number[] = [];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) found[order[at]!] = (from + 1 + to) / 2;
    from = to;
  }
  return found;
}
