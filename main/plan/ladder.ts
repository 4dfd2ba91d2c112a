/**
 * The first of many drafts that fits, told by few prices. Drafts stand on rungs, each of which needs less memory than the one before; on a
 * rung micro-batches become smaller. Where a draft fits, so do those that are lighter in both ways, and where it does not, neither do
 * those that are heavier. So the one that is likely to be the first is looked at first, and then the next heavier ones, which prove it. What
 * is likely is told by a rule of thumb, and by what was priced; only the number of the questions hangs on it.
 */
import type { PlanRecompute, PlanSettings } from '../../preload/contract.ts';
import type { Draft } from './defaults.ts';
import { depthTimesWidth } from './model-shape.ts';

/** Drafts by falling size of the micro-batches. */
export type Sizes = readonly Draft[];

/** What is asked of drafts, and what is said of their prices. */
export interface Question<Priced> {
  price(draft: Draft): Promise<Priced>;
  /** A price that is told sooner and needs no more than the true one: where that does not fit, neither does the draft. */
  atLeast(draft: Draft): Promise<Priced>;
  /** What it needs, bytes. */
  bytesOf(priced: Priced): number;
  fits(priced: Priced): boolean;
  /** Up to how many bytes a draft is likely to fit. */
  readonly likelyBytes: number;
  /** Weights of the model. */
  readonly parameters: number;
}

/**
 * A draft that is guessed to be so much too large is looked at first: it may fit, and if it does not, that has to be shown in any case. A guess
 * that a price has set right needs no such hope: where much of the memory is held whatever the draft is, it would look at every rung.
 */
const HOPE = 1.08;

interface Place {
  readonly draft: Draft;
  readonly rung: number;
  readonly tokens: number;
}

interface Answer<Priced> extends Place {
  readonly priced: Priced;
  readonly fits: boolean;
  readonly bytes: number;
}

/** The first draft that fits, rung by rung and from the largest micro-batches on; null where none does. */
export async function firstThatFits<Priced>(
  rungs: readonly Sizes[],
  { price, atLeast, bytesOf, fits, likelyBytes, parameters }: Question<Priced>,
): Promise<Priced | null> {
  const places = rungs.flatMap((sizes, rung) =>
    sizes.map((draft): Place => ({ draft, rung, tokens: draft.settings.tokensPerMicroBatch })),
  );
  const answers = new Map<Place, Answer<Priced>>();
  for (;;) {
    const known = [...answers.values()];
    const open = places.filter((place) => !known.some((one) => !one.fits && isLighter(one, place)));
    if (open.length === 0) return null;
    const first = open.findIndex(
      (place) =>
        known.some((one) => one.fits && isLighter(place, one)) ||
        guessedBytes(place, known, parameters) <= (known.length > 0 ? 1 : HOPE) * likelyBytes,
    );
    const best = open.at(first)!;
    const found = answers.get(best);
    if (found && first === 0) return found.priced;
    const place = found ? open[first - 1]! : best;
    // what is likely not to fit is shown by the shorter way
    const bound = found ? await atLeast(place.draft) : null;
    const priced = bound !== null && !fits(bound) ? bound : await price(place.draft);
    answers.set(place, { ...place, priced, fits: fits(priced), bytes: bytesOf(priced) });
  }
}

/** Whether `one` needs no more than `other`, whatever the numbers are. */
function isLighter(one: Place, other: Place): boolean {
  return one.rung >= other.rung && one.tokens <= other.tokens;
}

/** What a draft is likely to need: by the two nearest of its own rung, or else by the rule of thumb, set right by the nearest that is known. Bytes. */
function guessedBytes(
  place: Place,
  known: readonly Omit<Answer<unknown>, 'priced'>[],
  parameters: number,
): number {
  const far = (one: Place) => [Math.abs(one.rung - place.rung), Math.abs(one.tokens - place.tokens)] as const;
  const [one, other] = known.toSorted((a, b) => far(a)[0] - far(b)[0] || far(a)[1] - far(b)[1]);
  if (one?.rung === place.rung && other?.rung === place.rung) {
    const perToken = (other.bytes - one.bytes) / (other.tokens - one.tokens);
    return one.bytes + perToken * (place.tokens - one.tokens);
  }
  const held = heldBytes(place.draft.settings, parameters);
  const values = valueBytes(place.draft.settings, parameters);
  if (!one) return held + values;
  const ofOne = Math.max(LEAST_SHARE * one.bytes, one.bytes - heldBytes(one.draft.settings, parameters));
  return held + (values * ofOne) / valueBytes(one.draft.settings, parameters);
}

/** Of what a run needs, what hangs on the tokens at least. */
const LEAST_SHARE = 0.05;
/** The program, and what a session keeps. */
const PROGRAM_BYTES = 0.4e9;

/** Weights with what is kept beside those that are trained, about. Bytes. */
function heldBytes(
  { method, bits, optimizer, masterBits, layerwiseUpdate }: PlanSettings,
  parameters: number,
): number {
  if (method === 'qlora') return PROGRAM_BYTES + (bits === 8 ? 1.3 : 0.8) * parameters;
  if (method === 'lora') return PROGRAM_BYTES + (bits === null ? 4 : bits / 8) * parameters;
  const trained =
    (masterBits === 16 ? 2 : 4) + (layerwiseUpdate ? 0 : 4) + (optimizer === 'adamw-8bit' ? 2 : 8);
  return PROGRAM_BYTES + trained * parameters;
}

/** What of the values of a step is kept, about: of prices of models of 1 to 8 billion weights. */
const KEPT_SHARE: Readonly<Record<PlanRecompute, number>> = {
  ...{ none: 1, attention: 0.77, third: 0.57, half: 0.46, block: 0.17 },
};
/** Numbers that a layer keeps for each token, over its width: at least, and more for longer rows, which attend to more. */
const KEPT_WIDTHS = { least: 12, more: 5, longRow: 768 };

/** The values of a step, about. Bytes. */
function valueBytes({ recompute, tokensPerMicroBatch, maxLength }: PlanSettings, parameters: number): number {
  const widths = KEPT_WIDTHS.least + KEPT_WIDTHS.more * Math.min(1, maxLength / KEPT_WIDTHS.longRow);
  return 4 * widths * KEPT_SHARE[recompute] * tokensPerMicroBatch * depthTimesWidth(parameters);
}
