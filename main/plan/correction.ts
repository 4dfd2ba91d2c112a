/**
 * What this computer's own runs teach: after each run the figure that was measured is kept beside the one that the formula gave, and later
 * figures are corrected by what the ratios of both have been. The correction is the median of the logarithms of the newest ratios
 * (a regression to a constant that one odd run cannot bend), drawn towards none while there are few; the range is that of
 * the formula alone, narrowed by how much the corrected ratios still vary.
 */
import type { RangedFigure, RestsOn } from '../../preload/contract.ts';

/** A figure of a run as the formula gave it, and as it was. */
export interface Residual {
  readonly predicted: number;
  readonly measured: number;
}

/** Newest runs that count. */
const NEWEST = 20;
/** The weight of the formula itself: that of so many runs. */
const PRIOR_RUNS = 0.5;
/** A range never becomes narrower than this, either way: runs differ. */
const NARROWEST = 0.03;
/** Nine of ten values lie within so many mean absolute deviations (of a normal distribution: 1.645 / 0.798). */
const NINE_OF_TEN = 2.06;

/** How far the formula is off without any run, as a factor above 1 either way, and what it rests on then. */
export interface Basis {
  readonly spread: number;
  readonly restsOn: RestsOn;
}

/** `formula` corrected by the residuals of the same figure on the same device and executor, the oldest first. */
export function corrected(
  formula: number,
  residuals: readonly Residual[],
  { spread, restsOn }: Basis,
): RangedFigure {
  const logs = residuals
    .filter(({ predicted, measured }) => predicted > 0 && measured > 0)
    .slice(-NEWEST)
    .map(({ predicted, measured }) => Math.log(measured / predicted));
  const weight = logs.length / (logs.length + PRIOR_RUNS);
  const shift = weight * median(logs);
  const value = formula * Math.exp(shift);
  const range = rangeOf(logs, shift, spread);
  const low = value * Math.exp(-range);
  const high = value * Math.exp(range);
  return { value, low, high, restsOn: logs.length > 0 ? 'runs' : restsOn };
}

/** Half the range, in logarithms: the formula's own until runs say how far it is off. */
function rangeOf(logs: readonly number[], shift: number, spread: number): number {
  const own = Math.log(spread);
  if (logs.length < 2) return own;
  const middle = median(logs);
  const deviation = logs.reduce((sum, log) => sum + Math.abs(log - middle), 0) / (logs.length - 1);
  // few runs tell little of how much they vary
  const known = (logs.length - 1) / (logs.length + 1);
  const range = known * NINE_OF_TEN * deviation + (1 - known) * own + Math.abs(middle - shift);
  return Math.max(Math.log(1 + NARROWEST), range);
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
