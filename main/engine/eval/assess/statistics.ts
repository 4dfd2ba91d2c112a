/**
 * How sure a figure is. A hundred held-out rows are few: a rate or a difference without its interval invites a person to
 * believe in luck. Every interval here is two-sided and covers the true value in 95 of 100 repetitions.
 */
import { Rng, streamSeed } from '../../data/rng.ts';
import type { Estimate } from '../../protocol.ts';

/** The quantile of the standard normal distribution that leaves 2.5 % above it. */
export const Z_95 = 1.959963984540054;

/** Resamples of a bootstrap: enough for the 2.5 % tails to be steady to the second digit. */
export const RESAMPLES = 2000;

/**
 * A rate of `successes` in `trials` with Wilson's score interval (Wilson 1927), which neither leaves [0, 1] nor shrinks to
 * nothing when all or none succeed. Without trials it is 0 with the interval [0, 1].
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
 * The difference of two rates on the same rows, `second` minus `first`: the observed one, with the interval of Agresti and
 * Min (2005), Wald's after half a row is added to each of the four outcomes. Arrays are by row.
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
 * The ratio sum(numerators) / sum(denominators) over rows, with a bias-corrected and accelerated bootstrap interval (BCa;
 * Efron 1987): rows are drawn with replacement, numerator and denominator together. A mean has denominators of 1; a mean
 * loss per token has the row's tokens. A single row has no spread to learn from: its bounds are its value.
 */
export function ratio(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  seed: number,
  resamples = RESAMPLES,
): Estimate {
  const rows = numerators.length;
  const [top, bottom] = [sum(numerators), sum(denominators)];
  const value = top / bottom;
  if (rows < 2) return { value, low: value, high: value };
  const draws = new Float64Array(resamples);
  const rng = Rng.fromSeed(streamSeed(seed, 'bootstrap'));
  for (let b = 0; b < resamples; b++) {
    let [n, d] = [0, 0];
    for (let i = 0; i < rows; i++) {
      // not `below`: its exactness costs more than all the rest, and is out by less than rows / 2^32
      const row = Math.floor((rng.nextU32() / 2 ** 32) * rows);
      n += numerators[row]!;
      d += denominators[row]!;
    }
    draws[b] = n / d;
  }
  draws.sort();
  const bias = biasOf(draws, value);
  const acceleration = accelerationOf(numerators, denominators, top, bottom);
  const tail = (z: number) => {
    const shifted = bias + z;
    return quantile(draws, normalCdf(bias + shifted / (1 - acceleration * shifted)));
  };
  return { value, low: tail(-Z_95), high: tail(Z_95) };
}

/** The mean of `values` with its bootstrap interval. */
export function mean(values: ArrayLike<number>, seed: number): Estimate {
  return ratio(values, new Float64Array(values.length).fill(1), seed);
}

/** Two-sided p-value of the sign test: how likely a split at least this uneven is when either side is as likely. */
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

/** The standard normal distribution function, by the error function of Abramowitz and Stegun 7.1.26 (error < 1.5e-7). */
export function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const upper = 0.5 * poly * Math.exp((-x * x) / 2);
  return x >= 0 ? 1 - upper : upper;
}

/** The inverse of `normalCdf`, by bisection: `p` in (0, 1). */
export function normalQuantile(p: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** How far the median of the draws lies from the value; ties count half, so that discrete scores are not shifted. */
function biasOf(draws: Float64Array, value: number): number {
  let below = 0;
  for (const draw of draws) below += draw < value ? 1 : draw === value ? 0.5 : 0;
  const share = Math.min(1 - 0.5 / draws.length, Math.max(0.5 / draws.length, below / draws.length));
  return normalQuantile(share);
}

/** The skew of the statistic, from leaving out one row at a time. */
function accelerationOf(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  top: number,
  bottom: number,
): number {
  const left = Float64Array.from(
    { length: numerators.length },
    (_, i) => (top - numerators[i]!) / Math.max(bottom - denominators[i]!, Number.MIN_VALUE),
  );
  const centre = sum(left) / left.length;
  let [cubes, squares] = [0, 0];
  for (const one of left) {
    cubes += (centre - one) ** 3;
    squares += (centre - one) ** 2;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** The value below which the share `p` of the sorted `draws` lies, between neighbours by straight lines. */
function quantile(draws: Float64Array, p: number): number {
  const place = Math.min(1, Math.max(0, p)) * (draws.length - 1);
  const under = Math.floor(place);
  const [a, b] = [draws[under]!, draws[Math.min(under + 1, draws.length - 1)]!];
  return a + (b - a) * (place - under);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
