/**
 * Multinomial logistic regression, as scikit-learn's LogisticRegression computes it: over words that are counted, and over vectors of
 * texts.
 */
import { Rng } from '../../../rows/rng.ts';
import { minimise } from './minimise.ts';

/** Rows of features: of row `i` the columns `columns[j]` have `values[j]` for j from `starts[i]` to before `starts[i + 1]`. */
export interface FeatureRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Log-probabilities [labels] of row `row` into `into`. */
export function logProbabilities(
  rows: FeatureRows,
  row: number,
  weights: Float64Array,
  into: Float64Array,
): void {
  const count = into.length;
  const intercept = weights.length - count;
  for (let label = 0; label < count; label++) into[label] = weights[intercept + label]!;
  for (let j = rows.starts[row]!; j < rows.starts[row + 1]!; j++) {
    const [at, value] = [rows.columns[j]! * count, rows.values[j]!];
    for (let label = 0; label < count; label++) into[label]! += value * weights[at + label]!;
  }
  let largest = -Infinity;
  for (const score of into) largest = Math.max(largest, score);
  let sum = 0;
  for (const score of into) sum += Math.exp(score - largest);
  const total = largest + Math.log(sum);
  for (let label = 0; label < count; label++) into[label]! -= total;
}

export interface Fitting {
  readonly strength: number;
  readonly tolerance?: number;
  /** Weights to begin with, those of a weaker fit. */
  readonly from?: Float64Array;
}

/** Minimises the mean loss and the squares of the weights without the intercept over 2 x rows x strength. */
export function fitted(
  rows: FeatureRows,
  wanted: Int32Array,
  size: { readonly features: number; readonly labels: number },
  { strength, tolerance = 1e-4, from }: Fitting,
): Float64Array {
  const count = wanted.length;
  const weights = size.features * size.labels;
  const shrink = 1 / (strength * count);
  const scores = new Float64Array(size.labels);
  return minimise(from ?? new Float64Array(weights + size.labels), tolerance, (at, gradient) => {
    let loss = 0;
    for (let i = 0; i < weights; i++) {
      gradient[i] = shrink * at[i]!;
      loss += 0.5 * shrink * at[i]! * at[i]!;
    }
    gradient.fill(0, weights);
    for (let row = 0; row < count; row++) {
      logProbabilities(rows, row, at, scores);
      loss -= scores[wanted[row]!]! / count;
      for (let label = 0; label < size.labels; label++)
        scores[label] = (Math.exp(scores[label]!) - (label === wanted[row] ? 1 : 0)) / count;
      for (let j = rows.starts[row]!; j < rows.starts[row + 1]!; j++) {
        const [to, value] = [rows.columns[j]! * size.labels, rows.values[j]!];
        for (let label = 0; label < size.labels; label++) gradient[to + label]! += value * scores[label]!;
      }
      for (let label = 0; label < size.labels; label++) gradient[weights + label]! += scores[label]!;
    }
    return loss;
  });
}

/** Strengths that are tried, weakest first: scikit-learn's C. */
export const STRENGTHS = [1, 10, 100, 1000];
const FOLDS = 3;
/** Rows that a strength is chosen on, at most: more choose the same, measured in docs/defaults.md. */
const MOST_CHOSEN_ON = 1200;

/** What one fold learns from and is measured on. */
export interface Fold {
  readonly train: FeatureRows;
  readonly held: FeatureRows;
  readonly features: number;
}

/** Makes the features of rows by their numbers. */
export type FoldOf = (train: readonly number[], held: readonly number[]) => Fold;

/** The numbers of the rows, of so many, that three folds are made of. */
export function crossedRows(rows: number, seed = 0): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  return Rng.fromSeed(seed).shuffle(all).slice(0, MOST_CHOSEN_ON);
}

export interface Crossed {
  /** The strength whose held-out loss is least. */
  readonly strength: number;
  /** Log-probabilities [labels] of each of the rows, by what was learned from the two folds without it. */
  readonly scores: readonly Float64Array[];
}

/** Places in a list of rows. */
interface FoldPlaces {
  readonly train: readonly number[];
  readonly held: readonly number[];
}

/**
 * Three folds of rows with such labels: those of a label are dealt out one after the other, so that each fold has some of every label.
 * Rows of one text with several labels stay together, so that none is asked of what has learned another answer to it.
 */
export function dealtFolds(labels: readonly number[], texts?: readonly string[]): readonly FoldPlaces[] {
  const dealt = [...Map.groupBy(labels.keys(), (at) => labels[at]!).values()].flat();
  const labelOf = new Map(texts?.map((text, at) => [text, labels[at]!]));
  const disputed = new Set(texts?.filter((text, at) => labelOf.get(text) !== labels[at]));
  const foldOf = new Map<number | string, number>();
  const folds = dealt.map((at, i) => {
    const text = texts?.[at];
    const key = text !== undefined && disputed.has(text) ? text : at;
    if (!foldOf.has(key)) foldOf.set(key, i % FOLDS);
    return foldOf.get(key)!;
  });
  return Array.from({ length: FOLDS }, (_, fold) => ({
    train: dealt.filter((__, i) => folds[i] !== fold),
    held: dealt.filter((__, i) => folds[i] === fold),
  }));
}

/** Learns from two of three folds of the rows `order` and scores the third, three times, with the best strength. */
export function crossed(
  order: Uint32Array,
  wanted: Int32Array,
  labels: number,
  foldOf: FoldOf,
  textOf?: (row: number) => string,
): Crossed {
  const tried = STRENGTHS.map(() => ({ loss: 0, scores: [] as Float64Array[] }));
  const texts = textOf && Array.from(order, textOf);
  const folds = dealtFolds(
    Array.from(order, (row) => wanted[row]!),
    texts,
  );
  for (const { train, held } of folds) {
    const rowsOf = (places: readonly number[]) => places.map((at) => order[at]!);
    const { train: rows, held: others, features } = foldOf(rowsOf(train), rowsOf(held));
    const targets = Int32Array.from(train, (at) => wanted[order[at]!]!);
    let from: Float64Array | undefined;
    for (const [i, strength] of STRENGTHS.entries()) {
      from = fitted(
        rows,
        targets,
        { features, labels },
        // a weaker penalty moves the gradient by less where there are more rows, and would seem to change nothing
        { strength, tolerance: Math.min(1e-3, 0.8 / rows.starts.length), ...(from && { from }) },
      );
      for (const [row, at] of held.entries()) {
        const scores = new Float64Array(labels);
        logProbabilities(others, row, from, scores);
        tried[i]!.loss -= scores[wanted[order[at]!]!]!;
        tried[i]!.scores[at] = scores;
      }
    }
  }
  const best = tried.reduce((least, one) => (one.loss < least.loss ? one : least));
  return { strength: STRENGTHS[tried.indexOf(best)]!, scores: best.scores };
}

/** The strength whose held-out loss over three folds is least. */
export function chosenStrength(wanted: Int32Array, labels: number, foldOf: FoldOf, seed = 0): number {
  return crossed(crossedRows(wanted.length, seed), wanted, labels, foldOf).strength;
}
