/** Losses before and after on the same rows, as figures with intervals. */
import type { Estimate, LossFigures } from '../../../../common/protocol/protocol.ts';
import type { RowLosses } from '../measure.ts';
import { ratio } from './statistics.ts';

/** The figures of two measurements of the same rows, packed alike. */
export function lossFigures(before: RowLosses, after: RowLosses, seed: number): LossFigures {
  const change = before.nll.map((nll, i) => after.nll[i]! - nll);
  const [lossBefore, lossAfter] = [lossOf(before, seed), lossOf(after, seed)];
  return {
    rows: before.rows.length,
    labelledTokens: before.labelled.reduce((sum, one) => sum + one, 0),
    before: lossBefore,
    after: lossAfter,
    perplexityBefore: exponential(lossBefore),
    perplexityAfter: exponential(lossAfter),
    change: ratio(change, before.labelled, seed),
  };
}

/** Mean loss over labelled tokens; the interval is over rows. */
export function lossOf({ nll, labelled }: RowLosses, seed: number): Estimate {
  return ratio(nll, labelled, seed);
}

function exponential({ value, low, high }: Estimate): Estimate {
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}
