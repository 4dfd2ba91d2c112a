/** A look before a run: a few steps at each of three learning rates, whose best one the run takes. How many, and which. */

/** Each rate is so many times the one below it. */
const SPREAD = 3;
/** The highest that a run may have. */
const MOST_RATE = 10;
/** All steps of a look, as a share of the run's. */
const SHARE = 0.1;
/** With fewer steps at each rate chance decides, and more tell nothing new. */
const LEAST_STEPS = 4;
const MOST_STEPS = 20;

/** The rates that are tried around the usual one, the lowest first; in two digits, which people can read and type again. */
export function ratesOfLook(usual: number): [low: number, usual: number, high: number] {
  const plain = (rate: number) => Number(rate.toPrecision(2));
  return [plain(usual / SPREAD), usual, Math.min(MOST_RATE, plain(usual * SPREAD))];
}

/** Steps at each rate in a run of `steps`; 0 where it is too short for a look. */
export function stepsOfLook(steps: number): number {
  const each = Math.floor((SHARE * steps) / 3);
  return each < LEAST_STEPS ? 0 : Math.min(MOST_STEPS, each);
}
