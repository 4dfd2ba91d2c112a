/**
 * What more rows would bring, from the errors that parts of them make: on a logit scale these fall in a line with the logarithm of the
 * number of rows. The interval holds the rows' own chance, and that a curve may bend.
 */
import type { Estimate } from '../../../../common/protocol/protocol.ts';

/** Errors of what was learned from `rows` rows, among those that were `asked`. */
export interface CurvePoint {
  readonly rows: number;
  readonly asked: number;
  readonly wrong: number;
}

export interface Forecast {
  /** The share that would be right after learning from so many rows. */
  at(rows: number): Estimate;
  /** The share of errors that so many times the rows would leave of `errors`, of a learner whose errors fall alike. */
  left(errors: number, times: number): Estimate;
}

/** How steeply errors fall before a row was looked at, and how far that may be off. */
const USUAL = { fall: 0.4, spread: 0.2 };
/** How far the fall beyond the last point may differ from that before it. */
const BEND = 0.2;
/** How far it may differ for a learner of another kind. */
const OTHER_BEND = 0.4;
/** Of 95%. */
const Z = 1.96;

/** Of intervals that are no wider the middle lay within 5 points of what came in, 8 of 10 times or more: docs/verdict.md. */
const CLOSE = 0.18;

export const isClose = ({ low, high }: Estimate) => high - low <= CLOSE;

const logit = (share: number) => Math.log(share / (1 - share));
const shareOf = (value: number) => 1 / (1 + Math.exp(-value));
const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

/** The constants were chosen on half of 21 data sets and hold on the other half: docs/decisions/0137. */
export function forecastOf(points: readonly CurvePoint[]): Forecast {
  const known = points.map(({ rows, asked, wrong }) => {
    // half a row on each side, so that no error at all is not certain
    const errors = (wrong + 0.5) / (asked + 1);
    return { at: Math.log(rows), errors: logit(errors), weight: asked * errors * (1 - errors) };
  });
  const all = sum(known.map(({ weight }) => weight));
  const middle = sum(known.map(({ weight, at }) => weight * at)) / all;
  const level = sum(known.map(({ weight, errors }) => weight * errors)) / all;
  const seen = sum(known.map(({ weight, at }) => weight * (at - middle) ** 2));
  const falls = sum(known.map(({ weight, at, errors }) => weight * (middle - at) * (errors - level)));
  const prior = USUAL.spread ** -2;
  const fall = (falls + prior * USUAL.fall) / (seen + prior);
  const last = known.at(-1)!;
  const end = (last.errors + level - fall * (last.at - middle)) / 2;
  const estimate = (value: number, spread: number): Estimate => ({
    value: shareOf(value),
    low: shareOf(value - Z * spread),
    high: shareOf(value + Z * spread),
  });
  return {
    at: (rows) => {
      const further = Math.log(rows) - last.at;
      const spread = Math.sqrt(1 / last.weight + (BEND * further) ** 2);
      return estimate(fall * further - end, spread);
    },
    left: (errors, times) => estimate(logit(errors) - fall * Math.log(times), OTHER_BEND * Math.log(times)),
  };
}
