/**
 * Sorting by vectors: an encoder that stays as it is reads each text once, and logistic regression learns the categories from what it
 * gives. Computes what scikit-learn's LogisticRegression does on the same vectors.
 */
import { chosenStrength, type FeatureRows, type FoldOf, fitted, logProbabilities } from './logistic.ts';

/** A trained head; plain data, so that it can be kept. */
export interface VectorHead {
  readonly labels: readonly string[];
  /** Numbers of a vector. */
  readonly width: number;
  /** [width + 1, labels]; the last row is the intercept. */
  readonly weights: Float64Array;
}

/** What a head learns from. */
export interface HeadRows {
  readonly labels: readonly string[];
  /** The place of each row's label. */
  readonly wanted: Int32Array;
  readonly foldOf: FoldOf;
}

/** Rows by their labels; the vector of a row is asked for once it is needed. */
export function headRows(vectorOf: (row: number) => Float32Array, rowLabels: readonly string[]): HeadRows {
  const labels = [...new Set(rowLabels)].sort();
  const number = new Map(labels.map((label, i) => [label, i]));
  const foldOf: FoldOf = (train, held) => {
    const vectors = train.map(vectorOf);
    return {
      train: denseRows(vectors),
      held: denseRows(held.map(vectorOf)),
      features: vectors[0]?.length ?? 0,
    };
  };
  return { labels, wanted: Int32Array.from(rowLabels, (label) => number.get(label)!), foldOf };
}

/** A head trained on `vectors` of one label each, with the strength whose held-out loss over three folds is least, or the given one. */
export function trainHead(
  vectors: readonly Float32Array[],
  rowLabels: readonly string[],
  options: { readonly strength?: number; readonly tolerance?: number; readonly seed?: number } = {},
): VectorHead {
  const { labels, wanted, foldOf } = headRows((row) => vectors[row]!, rowLabels);
  const width = vectors[0]?.length ?? 0;
  // of a single label the score is always the same
  if (labels.length < 2) return { labels, width, weights: new Float64Array((width + 1) * labels.length) };
  const strength = options.strength ?? chosenStrength(wanted, labels.length, foldOf, options.seed);
  const size = { features: width, labels: labels.length };
  const weights = fitted(denseRows(vectors), wanted, size, {
    strength,
    ...(options.tolerance !== undefined && { tolerance: options.tolerance }),
  });
  return { labels, width, weights };
}

/** Log-probabilities [labels] of each vector. */
export function headScores(
  { labels, weights }: VectorHead,
  vectors: readonly Float32Array[],
): Float64Array[] {
  const rows = denseRows(vectors);
  return vectors.map((_, row) => {
    const scores = new Float64Array(labels.length);
    logProbabilities(rows, row, weights, scores);
    return scores;
  });
}

/** The weights as a graph has them: [labels, width + 1], the last column is the intercept. */
export function headRowsOf({ weights, labels }: VectorHead): Float32Array {
  return Float32Array.from(flipped(weights, labels.length));
}

/** Weights [width + 1, labels] of what a graph has. */
export function headWeightsOf(rows: Float32Array, labels: number): Float64Array {
  return flipped(rows, rows.length / labels);
}

/** The transpose of a matrix with so many columns. */
function flipped(matrix: Float32Array | Float64Array, columns: number): Float64Array {
  const rows = matrix.length / columns;
  return Float64Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Rows that have every feature. */
function denseRows(vectors: readonly Float32Array[]): FeatureRows {
  const width = vectors[0]?.length ?? 0;
  const values = new Float64Array(vectors.length * width);
  for (const [row, vector] of vectors.entries()) values.set(vector, row * width);
  return {
    starts: Int32Array.from({ length: vectors.length + 1 }, (_, row) => row * width),
    columns: Int32Array.from(values, (_, i) => i % width),
    values,
  };
}
