/** How far scores of categories can be believed: figures over rows whose category is known, and a temperature where it improves them. */
import type { Calibration, ConfusedPair } from '../../../../common/protocol/protocol.ts';
import { likeliest } from '../generator.ts';
import { accuracyOf } from './accuracy.ts';

export interface KnownRow {
  /** Log-probabilities of the categories. */
  readonly scores: Float64Array;
  /** The right category; -1 for one that the model was never taught, so that no answer is right. */
  readonly truth: number;
}

/** Probabilities [categories] at a temperature: softmax(scores / temperature). */
export function probabilities(scores: Float64Array, temperature: number): Float64Array {
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp((score - largest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** A temperature between these; what is outside comes from rows that are all right or all wrong. */
const [COLDEST, HOTTEST] = [0.05, 20];
const STEPS = 60;
/** Within a hundredth of a limit the search ended there. */
const NEAR = 1.01;

/** The temperature with the least mean negative log-likelihood (Guo et al. 2017, 1706.04599), by golden-section search over its logarithm. */
export function fitTemperature(rows: readonly KnownRow[]): number {
  const known = rows.filter(({ truth }) => truth >= 0);
  if (known.length === 0) return 1;
  const loss = (log: number) =>
    known.reduce(
      (sum, { scores, truth }) =>
        sum - Math.log(Math.max(probabilities(scores, Math.exp(log))[truth]!, 1e-300)),
      0,
    );
  let [low, high] = [Math.log(COLDEST), Math.log(HOTTEST)];
  for (let step = 0; step < STEPS; step++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (loss(left) <= loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/** The limit that a fit ran into; null for none. */
function limitOf(temperature: number): Calibration['limit'] {
  if (temperature < COLDEST * NEAR) return 'lowest';
  return temperature > HOTTEST / NEAR ? 'highest' : null;
}

const FOLDS = 5;

/** A temperature for each row, fitted on the other four fifths: what is fitted on a row says nothing of how it does on others. */
export function crossFitted(rows: readonly KnownRow[]): number[] {
  const folds = Array.from({ length: FOLDS }, (_, fold) =>
    fitTemperature(rows.filter((_, i) => i % FOLDS !== fold)),
  );
  return rows.map((_, i) => folds[i % FOLDS]!);
}

/** The likeliest category of a row: its score, and whether it is right. */
export interface Judged {
  readonly score: number;
  readonly right: boolean;
}

/** The rows with scores at their temperatures. */
export function judgedAt(rows: readonly KnownRow[], temperatures: readonly number[]): Judged[] {
  return rows.map(({ scores, truth }, i) => {
    const chances = probabilities(scores, temperatures[i]!);
    const best = likeliest(chances);
    return { score: chances[best]!, right: best === truth };
  });
}

const BINS = 10;

/** Expected calibration error: the mean gap between score and share of right rows, over ten bins of the highest score. */
export function calibrationError(rows: readonly Judged[]): number {
  const bins = Array.from({ length: BINS }, () => ({ score: 0, right: 0 }));
  for (const { score, right } of rows) {
    const bin = bins[Math.min(BINS - 1, Math.floor(score * BINS))]!;
    bin.score += score;
    bin.right += right ? 1 : 0;
  }
  return bins.reduce((sum, { score, right }) => sum + Math.abs(score - right), 0) / Math.max(1, rows.length);
}

/** The share of right answers that is promised above the threshold. */
const SURE = 0.95;
/** Fewer rows above it prove nothing. */
const LEAST_ABOVE = 10;

/** The lowest score above which at least 95 % of the rows were right, and the share of rows there; null where there is none. */
export function sureFrom(rows: readonly Judged[]): Calibration['sure'] {
  const sorted = rows.toSorted((a, b) => b.score - a.score);
  let [right, found] = [0, null as Calibration['sure']];
  sorted.forEach((row, i) => {
    right += row.right ? 1 : 0;
    const isEdge = sorted[i + 1]?.score !== row.score;
    if (isEdge && i + 1 >= LEAST_ABOVE && right / (i + 1) >= SURE)
      found = { score: row.score, share: (i + 1) / sorted.length, right: right / (i + 1) };
  });
  return found;
}

/**
 * All figures over rows whose category is known. The temperature is fitted on them, its error measured on rows that it was not fitted on;
 * it is used where that error is smaller, and where the fit found an end within its limits. `others` are training rows scored by what
 * was learned without them: temperature and threshold rest on them too, accuracy does not.
 */
export function calibrate(
  labels: readonly string[],
  rows: readonly KnownRow[],
  others: readonly KnownRow[] = [],
): Calibration {
  const scored = [...rows, ...others];
  const fitted = fitTemperature(scored);
  const limit = limitOf(fitted);
  const plain = judgedAt(
    scored,
    scored.map(() => 1),
  );
  const crossed = judgedAt(scored, crossFitted(scored));
  const [errorBefore, errorAfter] = [calibrationError(plain), calibrationError(crossed)];
  const used = limit === null && errorAfter < errorBefore;
  const counts = labels.map(() => labels.map(() => 0));
  for (const { scores, truth } of rows) if (truth >= 0) counts[truth]![likeliest(scores)]!++;
  const f1 = labels.flatMap((_, i) => {
    const [known, given] = [
      counts[i]!.reduce((a, b) => a + b, 0),
      counts.reduce((sum, row) => sum + row[i]!, 0),
    ];
    return known + given === 0 ? [] : [(2 * counts[i]![i]!) / (known + given)];
  });
  const confused: ConfusedPair[] = counts.flatMap((row, truth) =>
    row.flatMap((count, given) =>
      count > 0 && given !== truth ? [{ truth: labels[truth]!, given: labels[given]!, rows: count }] : [],
    ),
  );
  return {
    accuracy: accuracyOf(
      null,
      plain.slice(0, rows.length).map(({ right }) => right),
    ),
    macroF1: f1.reduce((a, b) => a + b, 0) / Math.max(1, f1.length),
    temperature: used ? fitted : 1,
    fitted,
    limit,
    used,
    errorBefore,
    errorAfter,
    sure: sureFrom(used ? crossed : plain),
    counts,
    confused: confused.sort((a, b) => b.rows - a.rows),
  };
}
