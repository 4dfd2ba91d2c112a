/**
 * The first of many drafts that fits, told by few prices. Drafts stand on rungs, each of which needs less memory than the one before; on a
 * rung micro-batches become smaller. Where a draft fits, so do those that are lighter in both ways, and where it does not, neither do
 * those that are heavier. So the one that is likely to be the first is looked at first, and then the next heavier ones, which prove it. What
 * is likely is told by a rule of thumb, and by what was priced; only the number of the questions depends on it.
 */
import type { PlanRecompute, PlanSettings } from '../../common/api/contract.ts';
import { savedBytes } from '../../common/settings/plan.ts';
import type { Draft } from './defaults.ts';
import { depthTimesWidth } from './shapes.ts';

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
  /** Whether somebody waits for an answer by now: then one that fits is told although a heavier one may fit as well. */
  readonly isLate?: () => boolean;
}

interface FirstFit<Priced> {
  readonly priced: Priced;
  /** Whether none before it fits; else it was late, and nobody knows. */
  readonly isProven: boolean;
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

/** The first draft that fits, rung by rung and from the largest micro-batches on, or where it is late one that fits; null where none does. */
export async function firstThatFits<Priced>(
  rungs: readonly Sizes[],
  { price, atLeast, bytesOf, fits, likelyBytes, parameters, isLate = () => false }: Question<Priced>,
): Promise<FirstFit<Priced> | null> {
  const places = rungs.flatMap((sizes, rung) =>
    sizes.map((draft): Place => ({ draft, rung, tokens: draft.settings.tokensPerMicroBatch })),
  );
  const answers = new Map<Place, Answer<Priced>>();
  for (;;) {
    const known = [...answers.values()];
    const open = places.filter((place) => !known.some((one) => !one.fits && isLighter(one, place)));
    if (open.length === 0) return null;
    const fitting = open.map((place) => answers.get(place)).find((one) => one?.fits);
    const isProven = fitting !== undefined && fitting === answers.get(open[0]!);
    if (fitting && (isProven || isLate())) return { priced: fitting.priced, isProven };
    const first = open.findIndex(
      (place) =>
        known.some((one) => one.fits && isLighter(place, one)) ||
        guessedBytes(place, known, parameters) <= (known.length > 0 ? 1 : HOPE) * likelyBytes,
    );
    const best = open.at(first)!;
    const isKnown = answers.has(best);
    const place = isKnown ? open[first - 1]! : best;
    // what is likely not to fit is shown by the shorter way
    const isDoubtful = isKnown || guessedBytes(place, known, parameters) > likelyBytes;
    const bound = isDoubtful ? await atLeast(place.draft) : null;
    const priced = bound !== null && !fits(bound) ? bound : await price(place.draft);
    answers.set(place, { ...place, priced, fits: fits(priced), bytes: bytesOf(priced) });
  }
}

/** Whether `one` needs no more than `other`, whatever the numbers are. */
function isLighter(one: Place, other: Place): boolean {
  return one.rung >= other.rung && one.tokens <= other.tokens;
}

/**
 * What a draft is likely to need, bytes: the rule of thumb, set right by the nearest that is known, or where two are known whose values take
 * another room, by the line through both.
 */
function guessedBytes(
  place: Place,
  known: readonly Omit<Answer<unknown>, 'priced'>[],
  parameters: number,
): number {
  const far = (one: Place) => [Math.abs(one.rung - place.rung), Math.abs(one.tokens - place.tokens)] as const;
  const pointOf = ({ draft }: Place) => ({
    held: heldBytes(draft.settings, parameters),
    values: valueBytes(draft.settings, parameters),
  });
  const { held, values } = pointOf(place);
  const points = known
    .toSorted((a, b) => far(a)[0] - far(b)[0] || far(a)[1] - far(b)[1])
    .map((one) => {
      const point = pointOf(one);
      return { values: point.values, bytes: one.bytes, rest: one.bytes - point.held };
    });
  const [one] = points;
  if (!one) return held + values;
  const other = points.find((each) => Math.abs(Math.log(each.values / one.values)) > APART);
  if (other) {
    const slope = (other.rest - one.rest) / (other.values - one.values);
    const kept = Math.min(SLOPE.most, Math.max(SLOPE.least, slope));
    return held + one.rest + kept * (values - one.values);
  }
  const ofOne = Math.max(LEAST_SHARE * one.bytes, one.rest);
  return held + (values * ofOne) / one.values;
}

/** Two drafts whose values take so unlike room, in logarithms, tell a line. */
const APART = 0.05;
/** The values of a step take so many times what the rule of thumb says. */
const SLOPE = { least: 0.4, most: 2.5 };
/** Of what a run needs, what depends on the tokens at least. */
const LEAST_SHARE = 0.05;
/** The program, and what a session keeps. */
const PROGRAM_BYTES = 0.45e9;

/** Weights with what is kept beside those that are trained, about. Bytes. */
function heldBytes(settings: PlanSettings, parameters: number): number {
  const { method, bits, quant, optimizer, masterBits } = settings;
  const each = () => {
    if (method === 'qlora') return bits === 8 ? 1.3 : quant === 'nf4' ? 0.7 : 0.77;
    if (method === 'lora') return bits === 16 ? 2.1 : (bits ?? 32) / 8;
    const moments = optimizer === 'adamw-8bit' ? 2.2 : 8;
    return (masterBits === 16 ? 2 : 4) + 6 + moments - savedBytes(settings);
  };
  return PROGRAM_BYTES + each() * parameters;
}

/** Numbers that a step keeps for each token and layer, over the width, about: fitted to 1,966 prices of five models of 1 to 8 billion weights. */
const KEPT_WIDTHS: Readonly<Record<PlanRecompute, number>> = {
  none: 12.4,
  attention: 12.4,
  third: 10.5,
  half: 8.3,
  block: 3,
};
/** Attention that is kept is larger for longer rows, which attend to more: by so much for rows of 1,024 tokens. */
const LONG_ROWS = { widths: 4.3, tokens: 1024 };

/** The values of a step, about: micro-batches hold whole rows. Bytes. */
function valueBytes({ recompute, tokensPerMicroBatch, maxLength }: PlanSettings, parameters: number): number {
  const attention = recompute === 'none' ? (LONG_ROWS.widths * maxLength) / LONG_ROWS.tokens : 0;
  const widths = KEPT_WIDTHS[recompute] + attention;
  const tokens = maxLength * Math.max(1, Math.floor(tokensPerMicroBatch / maxLength));
  return 4 * widths * tokens * depthTimesWidth(parameters);
}
