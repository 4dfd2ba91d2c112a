/** What a further way to sort likely brings, and how long that is worth waiting for. */

/**
 * The share of the errors so far that a first encoder likely takes away, and another one after it; of whole sets of categories far less
 * (docs/decisions/0144-several-categories-of-a-text.md).
 */
const LIKELY = { one: { first: 0.4, another: 0.15 }, set: { first: 0.05, another: 0.02 } };
/** A smaller gain is not looked for. */
export const LEAST_GAIN = 0.005;
/** Seconds that a row more of 100 is worth, and seconds that are always spent. */
const WORTH = { aPoint: 60, always: 30 };

/** What an encoder likely adds to so many right, as a share of rows. */
export function likelyGain(accuracy: number, isFirst: boolean, of: keyof typeof LIKELY = 'one'): number {
  return (1 - accuracy) * LIKELY[of][isFirst ? 'first' : 'another'];
}

/** How long that gain is worth waiting for. */
export function worthSeconds(gain: number): number {
  return Math.max(WORTH.always, 100 * gain * WORTH.aPoint);
}

/**
 * Rows a category up to which training an encoder brought nothing over a head on it as it is (docs/decisions/0121-trained-encoders.md); where
 * it brings the share of errors that was published for all of Banking77.
 */
const TRAINING = { from: 30, all: 130, share: 0.4 };

/** What training all layers likely adds to so many right, with so many rows a category. */
export function gainOfTraining(accuracy: number, rowsEach: number): number {
  const { from, all, share } = TRAINING;
  const along = Math.log(rowsEach / from) / Math.log(all / from);
  return (1 - accuracy) * share * Math.min(1, Math.max(0, along));
}
