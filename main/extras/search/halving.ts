/**
 * Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943): all candidates train a little, the better half goes on for twice
 * as long, until one is left. Pure: what comes next follows from the losses alone, so a search goes on wherever it was stopped.
 */
import { createHash } from 'node:crypto';

/** For each candidate its held-out loss after each round that it took part in; null where its training failed. */
export type Losses = readonly (readonly (number | null)[])[];

/** Values by the names of run.json with dots: `learningRate`, `lora.rank`, `epochs`. */
export type Values = Readonly<Record<string, number>>;

/** The last round ends at this share of each candidate's own training. */
const SHARE = 1 / 3;
/** Fewer steps before the first comparison are noise. */
const LEAST_STEPS = 4;
/** Rates are tried from a quarter of the usual one to four times as much. */
const RATE_SPREAD = 4;

const half = (count: number) => Math.ceil(count / 2);
const hasFailed = (losses: readonly (number | null)[]) => losses.includes(null);

/** How many candidates take part in each round; none where there is nothing to choose from. */
export function roundsOf(candidates: number): number[] {
  const counts: number[] = [];
  for (let left = candidates; left > 1; left = half(left)) counts.push(left);
  return counts;
}

/** Steps between two evaluations of a training of `steps`; null where that is too short to be compared in so many rounds. */
export function evalEveryFor(steps: number, rounds: number): number | null {
  const every = Math.max(LEAST_STEPS, Math.round((steps * SHARE) / 2 ** (rounds - 1)));
  return stepAfter(every, rounds - 1) < steps ? every : null;
}

/** The step at which round `round`, counted from 0, compares. */
export const stepAfter = (evalEvery: number, round: number): number => evalEvery * 2 ** round;

/** The candidates that are still in, and what to train next; null where one is left or all rounds are over. */
export function standing(losses: Losses): {
  readonly going: readonly number[];
  readonly next: { readonly candidate: number; readonly round: number } | null;
} {
  let going = losses.map((_, candidate) => candidate);
  for (const [round] of roundsOf(losses.length).entries()) {
    const candidate = going.find((one) => losses[one]!.length <= round && !hasFailed(losses[one]!));
    if (candidate !== undefined) return { going, next: { candidate, round } };
    const kept = going.filter((one) => !hasFailed(losses[one]!)).sort(byLoss(losses, round));
    going = kept.slice(0, half(going.length)).sort((a, b) => a - b);
    if (going.length < 2) break;
  }
  return { going, next: null };
}

/** All candidates, the best first: those that were trained for longer, and of them the lower loss; failed ones last. */
export function ranking(losses: Losses): number[] {
  return losses
    .map((_, candidate) => candidate)
    .sort((a, b) => {
      const [one, other] = [losses[a]!, losses[b]!];
      const failed = Number(hasFailed(one)) - Number(hasFailed(other));
      return failed || other.length - one.length || byLoss(losses, one.length - 1)(a, b);
    });
}

/** Of equal losses the earlier candidate's counts as lower: the first has the plan's own settings. */
function byLoss(losses: Losses, round: number) {
  const of = (candidate: number) => losses[candidate]![round] ?? Number.POSITIVE_INFINITY;
  return (a: number, b: number) => (of(a) === of(b) ? a - b : of(a) - of(b));
}

/**
 * Settings to try. Without `given` the first are those of `base`; the others have rates spread evenly by their logarithm, each with a
 * rank and a number of passes drawn so that all values come equally often (a Latin hypercube). With `given`: every combination of its
 * values, or `count` of them drawn by `seed`.
 */
export function candidatesOf(
  base: Values,
  { count, seed, given = {} }: { count: number; seed: number; given?: Readonly<Record<string, number[]>> },
): Values[] {
  if (Object.keys(given).length > 0) {
    const all = Object.entries(given).reduce<Values[]>(
      (so, [name, values]) => so.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
      [base],
    );
    return all.length <= count ? all : shuffled(all, seed, 'all').slice(0, count);
  }
  const others = count - 1;
  const columns = Object.entries(base).map(([name, usual]): [string, number[]] =>
    name === 'learningRate'
      ? [name, shuffled(ratesAround(usual, others), seed, name)]
      : [name, shuffled(repeated(valuesAround(name, usual), others), seed, name)],
  );
  const drawn = Array.from({ length: others }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[i]!])),
  );
  return [base, ...drawn];
}

/** Half of them below, half above, and the usual one not among them. */
function ratesAround(usual: number, count: number): number[] {
  const below = Math.floor(count / 2);
  const above = count - below;
  const exponents = [
    ...Array.from({ length: below }, (_, i) => -(i + 1) / below),
    ...Array.from({ length: above }, (_, i) => (i + 1) / above),
  ];
  return exponents.map((exponent) => Number((usual * RATE_SPREAD ** exponent).toPrecision(2)));
}

function valuesAround(name: string, usual: number): number[] {
  if (name === 'lora.rank') return [Math.max(1, Math.round(usual / 2)), usual, usual * 2];
  const apart = Math.max(1, Math.round(usual / 3));
  return [usual - apart, usual, usual + apart].filter((value) => value >= Math.min(1, usual));
}

const repeated = (values: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => values[i % values.length]!);

/** In an order that follows from the seed and the name of what is shuffled. */
function shuffled<T>(values: readonly T[], seed: number, name: string): T[] {
  const key = (i: number) =>
    createHash('sha256')
      .update(JSON.stringify([seed, name, i]))
      .digest('hex');
  return values
    .map((value, i) => ({ value, key: key(i) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ value }) => value);
}
