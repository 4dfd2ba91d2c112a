/**
 * Corrects predictions by this computer's own runs: each keeps what was measured beside what the formula gave. The correction is the
 * median of the newest ratios' logarithms, drawn towards none while there are few. The range begins as the formula's and becomes that of
 * the runs. One odd run among several bends neither.
 */
import type { RangedFigure, RestsOn } from '../../common/api/contract.ts';

/** A figure of a run as the formula gave it, and as it was. */
export interface Residual {
  readonly predicted: number;
  readonly measured: number;
  /** Threads that it computed with; left out where they make no difference. */
  readonly threads?: number;
}

/** Newest runs that count. */
const NEWEST = 20;
/** The weight of the formula itself: that of so many runs. */
const PRIOR_RUNS = 0.5;
/** A range never becomes narrower than this, either way: runs differ. */
const NARROWEST = 0.03;
/** So many runs may make a range wider than the formula's own. */
const SEVERAL = 4;
/** The share of runs that a range holds. */
const HELD = 0.9;

/** How far the formula is off without any run, as a factor above 1 either way, and what it rests on then. */
interface Basis {
  readonly spread: number;
  readonly restsOn: RestsOn;
}

/** `formula` corrected by the residuals of the same figure on the same device and executor, the oldest first. */
export function corrected(
  formula: number,
  residuals: readonly Residual[],
  { spread, restsOn }: Basis,
): RangedFigure {
  const runs = residuals
    .filter(({ predicted, measured }) => predicted > 0 && measured > 0)
    .slice(-NEWEST)
    .map(({ predicted, measured }) => Math.log(measured / predicted));
  if (runs.length === 0) return { value: formula, low: formula / spread, high: formula * spread, restsOn };
  const middle = median(runs);
  const shift = (runs.length / (runs.length + PRIOR_RUNS)) * middle;
  const range = rangeOf(runs, middle, Math.log(spread)) + Math.abs(middle - shift);
  const held = Math.max(
    Math.log(1 + NARROWEST),
    runs.length < SEVERAL ? Math.min(Math.log(spread), range) : range,
  );
  const value = formula * Math.exp(shift);
  return { value, low: value * Math.exp(-held), high: value * Math.exp(held), restsOn: 'runs' };
}

/** Half the range, in logarithms: few runs tell little of how much they vary, so the formula's own gives way to theirs. */
function rangeOf(runs: readonly number[], middle: number, own: number): number {
  const far = runs.map((log) => Math.abs(log - middle)).sort((a, b) => a - b);
  const usual = far[Math.max(0, Math.floor(HELD * far.length) - 1)]!;
  const known = (runs.length - 1) / (runs.length + 1);
  return known * usual + (1 - known) * own;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}
