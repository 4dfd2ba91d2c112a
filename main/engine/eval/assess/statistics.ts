/**
 * How sure a figure is. A hundred test rows are few: without its interval a figure invites belief in luck.
 * Every interval is two-sided and covers the true value in 95 of 100 repetitions.
 */

import type { Estimate } from '../../../../common/protocol/protocol.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';

/** The quantile of the standard normal distribution that leaves 2.5 % above it. */
const Z_95 = 1.959963984540054;

/** Resamples of a bootstrap: enough for the 2.5 % tails to be steady to the second digit. */
const RESAMPLES = 2000;

/**
 * A rate with Wilson's score interval (Wilson 1927), which neither leaves [0, 1] nor vanishes where all or
 * none succeed. Without trials: 0 in [0, 1].
 */
export function rate(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: 0, low: 0, high: 1 };
  const p = successes / trials;
  const z2 = Z_95 ** 2;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z_95 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  return {
    value: p,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

/**
 * The difference of two rates on the same rows, `second` minus `first`, with the interval of Agresti and Min
 * (2005): Wald's with half a row added to each of the four outcomes.
 */
export function rateDifference(first: readonly boolean[], second: readonly boolean[]): Estimate {
  const n = first.length;
  if (n === 0) return { value: 0, low: -1, high: 1 };
  let [lost, won] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (first[i] && !second[i]) lost++;
    if (!first[i] && second[i]) won++;
  }
  const total = n + 2;
  const centre = (won - lost) / total;
  const discordant = won + lost + 1;
  const half = (Z_95 * Math.sqrt(discordant - (won - lost) ** 2 / total)) / total;
  return { value: (won - lost) / n, low: Math.max(-1, centre - half), high: Math.min(1, centre + half) };
}

/**
 * The ratio sum(numerators) / sum(denominators) over rows, with a studentised bootstrap interval
 * (bootstrap-t; Efron 1982): each draw's distance counts in its own standard error, which keeps the interval
 * honest for skewed rows. A single row's bounds are its value.
 */
export function ratio(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  seed: number,
  resamples = RESAMPLES,
): Estimate {
  const rows = numerators.length;
  const observed = studied(numerators, denominators, (i) => i);
  const { value, error } = observed;
  if (rows < 2 || !(error > 0)) return { value, low: value, high: value };
  const rng = Rng.fromSeed(streamSeed(seed, 'bootstrap'));
  // not `below`: its exactness costs more than all the rest, and is out by less than rows / 2^32
  const drawn = () => Math.floor((rng.nextU32() / 2 ** 32) * rows);
  const distances = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    const one = studied(numerators, denominators, drawn);
    distances[b] = one.error > 0 ? (one.value - value) / one.error : Math.sign(one.value - value) * WIDEST;
  }
  distances.sort();
  return {
    value,
    low: value - error * quantile(distances, 0.975),
    high: value - error * quantile(distances, 0.025),
  };
}

/** The mean of `values` with its bootstrap interval, cut at `bounds`. */
export function mean(
  values: ArrayLike<number>,
  seed: number,
  bounds: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): Estimate {
  const { value, low, high } = ratio(values, new Float64Array(values.length).fill(1), seed);
  return { value, low: Math.max(bounds[0], low), high: Math.min(bounds[1], high) };
}

/** So few rows decide early, and Student's t with as many degrees of freedom that leaves 0.05% above it. */
const FEWEST_SURE = 20;
const T_SURE = 3.85;

/**
 * Whether the mean of `gains` is above `least` so surely that one may stop asking: at one in a thousand (Haybittle 1971, Peto 1976), so that
 * looking early leaves the intervals of what is told as they are. A row at `least` is added: equal gains have no spread.
 */
export function isBeyondDoubt(gains: readonly number[], least: number): boolean {
  if (gains.length < FEWEST_SURE) return false;
  const all = [...gains, least];
  const centre = all.reduce((sum, gain) => sum + gain, 0) / all.length;
  const spread = all.reduce((sum, gain) => sum + (gain - centre) ** 2, 0) / (all.length - 1);
  return centre - T_SURE * Math.sqrt(spread / all.length) > least;
}

/** What `figure` says of the rows 0 to `count`, with a percentile bootstrap interval: for figures that are no means of rows. */
export function resampled(
  count: number,
  figure: (rows: ArrayLike<number>) => number,
  seed: number,
  resamples = RESAMPLES,
): Estimate {
  const rng = Rng.fromSeed(streamSeed(seed, 'bootstrap'));
  const figures = new Float64Array(resamples);
  const drawn = new Uint32Array(count);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < count; i++) drawn[i] = rng.below(count);
    figures[b] = figure(drawn);
  }
  figures.sort();
  return {
    value: figure(Uint32Array.from({ length: count }, (_, row) => row)),
    low: quantile(figures, 0.025),
    high: quantile(figures, 0.975),
  };
}

/** Two-sided p-value of the sign test: how likely so uneven a split is when either side is as likely. */
export function signTest(wins: number, losses: number): number {
  const trials = wins + losses;
  if (trials === 0) return 1;
  const extreme = Math.min(wins, losses);
  let [tail, logChoose] = [0, 0];
  for (let k = 0; k <= extreme; k++) {
    if (k > 0) logChoose += Math.log(trials - k + 1) - Math.log(k);
    tail += Math.exp(logChoose - trials * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}

/** How likely at least `successes` of `trials` are by luck, each with the probability `chance` (the binomial's upper tail). */
export function atLeast(successes: number, trials: number, chance: number): number {
  let [tail, logChoose] = [0, 0];
  for (let k = 0; k <= trials; k++) {
    if (k > 0) logChoose += Math.log(trials - k + 1) - Math.log(k);
    if (k >= successes)
      tail += Math.exp(logChoose + k * Math.log(chance) + (trials - k) * Math.log1p(-chance));
  }
  return Math.min(1, tail);
}

/** Distance, in standard errors, of a draw whose rows are all alike and so has no error of its own. */
const WIDEST = 100;

/**
 * The ratio over the rows that `pick` names, and its standard error by linearisation: the spread of
 * numerator - ratio * denominator over the sum of the denominators.
 */
function studied(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  pick: (i: number) => number,
): { value: number; error: number } {
  const rows = numerators.length;
  let [top, bottom, topTop, topBottom, bottomBottom] = [0, 0, 0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const row = pick(i);
    const [n, d] = [numerators[row]!, denominators[row]!];
    top += n;
    bottom += d;
    topTop += n * n;
    topBottom += n * d;
    bottomBottom += d * d;
  }
  const value = top / bottom;
  const squares = topTop - 2 * value * topBottom + value * value * bottomBottom;
  // what rounding leaves of equal rows is no spread
  const spread = squares > 1e-12 * topTop ? squares : 0;
  return { value, error: Math.sqrt((spread * rows) / (rows - 1)) / bottom };
}

/** The value below which the share `p` of the sorted `draws` lies, between neighbours by straight lines. */
function quantile(draws: Float64Array, p: number): number {
  const place = Math.min(1, Math.max(0, p)) * (draws.length - 1);
  const under = Math.floor(place);
  const [a, b] = [draws[under]!, draws[Math.min(under + 1, draws.length - 1)]!];
  return a + (b - a) * (place - under);
}
