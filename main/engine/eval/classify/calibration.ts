/** How far scores of categories can be believed: figures over rows whose category is known, and a temperature that mends them. */
import type { Calibration, ConfusedPair } from '../../../../common/protocol/protocol.ts';
import { likeliest } from '../generator.ts';

export interface KnownRow {
  /** Log-probabilities of the categories. */
  readonly scores: Float64Array;
  /** The right category. */
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

/** The temperature with the least mean negative log-likelihood (Guo et al. 2017, 1706.04599), by golden-section search over its logarithm. */
export function fitTemperature(rows: readonly KnownRow[]): number {
  if (rows.length === 0) return 1;
  const loss = (log: number) =>
    rows.reduce(
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

const BINS = 10;

/** Expected calibration error: the mean gap between score and share of right rows, over ten bins of the highest score. */
export function calibrationError(rows: readonly KnownRow[], temperature: number): number {
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, score: 0, right: 0 }));
  for (const { scores, truth } of rows) {
    const chances = probabilities(scores, temperature);
    const best = likeliest(chances);
    const bin = bins[Math.min(BINS - 1, Math.floor(chances[best]! * BINS))]!;
    bin.rows++;
    bin.score += chances[best]!;
    bin.right += best === truth ? 1 : 0;
  }
  return bins.reduce((sum, { score, right }) => sum + Math.abs(score - right), 0) / Math.max(1, rows.length);
}

/** The share of right answers that is promised above the threshold. */
const SURE = 0.95;
/** Fewer rows above it prove nothing. */
const LEAST_ABOVE = 10;

/** The lowest score above which at least 95 % of the rows were right, and the share of rows there; null where there is none. */
export function sureFrom(rows: readonly KnownRow[], temperature: number): Calibration['sure'] {
  const sorted = rows
    .map(({ scores, truth }) => {
      const chances = probabilities(scores, temperature);
      const best = likeliest(chances);
      return { score: chances[best]!, right: best === truth };
    })
    .sort((a, b) => b.score - a.score);
  let [right, found] = [0, null as Calibration['sure']];
  sorted.forEach((row, i) => {
    right += row.right ? 1 : 0;
    const isEdge = sorted[i + 1]?.score !== row.score;
    if (isEdge && i + 1 >= LEAST_ABOVE && right / (i + 1) >= SURE)
      found = { score: row.score, share: (i + 1) / sorted.length, right: right / (i + 1) };
  });
  return found;
}

/** All figures over rows whose category is known; `temperature` is fitted on them. */
export function calibrate(labels: readonly string[], rows: readonly KnownRow[]): Calibration {
  const temperature = fitTemperature(rows);
  const counts = labels.map(() => labels.map(() => 0));
  for (const { scores, truth } of rows) counts[truth]![likeliest(scores)]!++;
  const right = labels.reduce((sum, _, i) => sum + counts[i]![i]!, 0);
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
    rows: rows.length,
    accuracy: right / Math.max(1, rows.length),
    macroF1: f1.reduce((a, b) => a + b, 0) / Math.max(1, f1.length),
    temperature,
    errorBefore: calibrationError(rows, 1),
    errorAfter: calibrationError(rows, temperature),
    sure: sureFrom(rows, temperature),
    counts,
    confused: confused.sort((a, b) => b.rows - a.rows),
  };
}
