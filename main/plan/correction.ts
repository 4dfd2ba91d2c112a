/**
 * Corrects predictions by this computer's own runs: each keeps what was measured beside what the formula gave. The correction is the
 * weighted median of the newest ratios' logarithms, drawn towards none while there are few; runs count by how much they measured. The
 * range begins as the formula's and narrows as the corrected ratios agree. One odd run bends neither.
 */
import type { RangedFigure, RestsOn } from '../../common/api/contract.ts';

/** A figure of a run as the formula gave it, and as it was. */
export interface Residual {
  readonly predicted: number;
  readonly measured: number;
  /** Steps that the run took, and their seconds in all; where they are left out it counts as a long one. */
  readonly steps?: number;
  readonly seconds?: number;
  /** Threads that it computed with; left out where they make no difference. */
  readonly threads?: number;
}

/** Newest runs that count. */
const NEWEST = 20;
/** The weight of the formula itself: that of so many long runs. */
const PRIOR_RUNS = 0.5;
/** A run of so many steps, or of so many seconds of them, counts in full. */
const FULL_STEPS = 20;
const FULL_SECONDS = 30;
/** One below this weight (fewer than 5 steps, and less than 7.5 seconds) is on memory that nobody used before: it counts only where all are so. */
const ENOUGH = 0.25;
/** A range never becomes narrower than this, either way: runs differ. */
const NARROWEST = 0.03;
/** So many runs may make a range wider than the formula's own. */
const SEVERAL = 4;
/** The spread is that of the runs nearest to the middle, so many of all: those beyond are odd. */
const USUAL = 0.8;
/** Nine of ten values lie within so many mean absolute deviations of those (of a normal distribution: 1.645 / 0.559). */
const NINE_OF_TEN = 2.94;

/** How far the formula is off without any run, as a factor above 1 either way, and what it rests on then. */
interface Basis {
  readonly spread: number;
  readonly restsOn: RestsOn;
}

/** The logarithm of a ratio, and how much it counts: up to 1. */
interface Seen {
  readonly log: number;
  readonly weight: number;
}

/** `formula` corrected by the residuals of the same figure on the same device and executor, the oldest first. */
export function corrected(
  formula: number,
  residuals: readonly Residual[],
  { spread, restsOn }: Basis,
): RangedFigure {
  const own = Math.log(spread);
  const runs = counted(residuals);
  const all = weightOf(runs);
  const middle = median(runs, own);
  const shift = (all / (all + PRIOR_RUNS)) * middle;
  const value = formula * Math.exp(shift);
  const range = rangeOf(runs, { middle, shift, own });
  const low = value * Math.exp(-range);
  const high = value * Math.exp(range);
  return { value, low, high, restsOn: runs.length > 0 ? 'runs' : restsOn };
}

/** The newest runs that measured enough, or all of them where none did. */
function counted(residuals: readonly Residual[]): Seen[] {
  const runs = residuals
    .filter(({ predicted, measured }) => predicted > 0 && measured > 0)
    .map(({ predicted, measured, steps = FULL_STEPS, seconds = 0 }) => ({
      log: Math.log(measured / predicted),
      weight: Math.min(1, Math.max(steps / FULL_STEPS, seconds / FULL_SECONDS)),
    }));
  const enough = runs.filter(({ weight }) => weight >= ENOUGH);
  return (enough.length > 0 ? enough : runs).slice(-NEWEST);
}

/** Half the range, in logarithms: the formula's own until runs say how far it is off. */
function rangeOf(
  runs: readonly Seen[],
  { middle, shift, own }: Readonly<Record<'middle' | 'shift' | 'own', number>>,
): number {
  const count = runs.length;
  if (count < 2) return own;
  const deviation = (usualDeviation(runs, middle) * count) / (count - 1);
  // few runs tell little of how much they vary, and short ones less
  const all = weightOf(runs);
  const known = Math.max(0, all - 1) / (all + 1);
  const range = known * NINE_OF_TEN * deviation + (1 - known) * own + Math.abs(middle - shift);
  return Math.max(Math.log(1 + NARROWEST), count < SEVERAL ? Math.min(own, range) : range);
}

/** The mean absolute deviation of the usual share of runs, by weight: of those that are nearest to `middle`. */
function usualDeviation(runs: readonly Seen[], middle: number): number {
  const far = runs
    .map(({ log, weight }) => ({ distance: Math.abs(log - middle), weight }))
    .sort((a, b) => a.distance - b.distance);
  const usual = USUAL * weightOf(runs);
  let [sum, left] = [0, usual];
  for (const { distance, weight } of far) {
    const taken = Math.min(weight, left);
    sum += taken * distance;
    left -= taken;
  }
  return sum / usual;
}

/**
 * The weighted median. Between two runs it is their mean. If these differ by more than the formula's error (`apart`), one of them is odd:
 * then the one nearer to the formula counts.
 */
function median(runs: readonly Seen[], apart: number): number {
  if (runs.length === 0) return 0;
  const sorted = [...runs].sort((a, b) => a.log - b.log);
  const half = weightOf(runs) / 2;
  let below = 0;
  let at = 0;
  while (below + sorted[at]!.weight < half * (1 - 1e-9)) below += sorted[at++]!.weight;
  const { log, weight } = sorted[at]!;
  const next = sorted[at + 1];
  if (!next || below + weight > half * (1 + 1e-9)) return log;
  if (next.log - log <= apart) return (log + next.log) / 2;
  return Math.abs(log) < Math.abs(next.log) ? log : next.log;
}

function weightOf(runs: readonly Pick<Seen, 'weight'>[]): number {
  return runs.reduce((sum, { weight }) => sum + weight, 0);
}
