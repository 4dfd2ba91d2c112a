/**
 * The oldest way to sort texts, as a measure for what a model is worth: words and pairs of words, weighted by how rare they are, with
 * multinomial logistic regression. Computes what scikit-learn's TfidfVectorizer and LogisticRegression do with the same settings.
 */
import { Rng } from '../../data/rows/rng.ts';
import { minimise } from './minimise.ts';

/** Words and pairs that are counted, at most: the most frequent ones. */
const MOST_FEATURES = 20_000;
/** A letter of a script without spaces is a word; other words have two letters at least. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}])[\p{L}\p{M}\p{N}_]){2,}/gu;

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/** A trained counter; plain data, so that it can be kept. */
export interface WordCounter {
  readonly labels: readonly string[];
  /** [features] a word, or two words with a space between. */
  readonly features: readonly string[];
  /** [features] inverse document frequency: ln((1 + rows) / (1 + rows with it)) + 1. */
  readonly rarity: readonly number[];
  /** [features + 1, labels]; the last row is the intercept. */
  readonly weights: Float64Array;
}

/** Rows of counts: of row `i` the columns `columns[j]` have `values[j]` for j from `starts[i]` to before `starts[i + 1]`. */
interface SparseRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Words and neighbouring pairs of `text`, as often as they stand there. */
export function wordsAndPairs(text: string): string[] {
  const words = text.toLowerCase().match(WORD) ?? [];
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}

interface Vocabulary extends Pick<WordCounter, 'features' | 'rarity'> {
  readonly index: ReadonlyMap<string, number>;
}

function vocabularyOf(texts: readonly (readonly string[])[]): Vocabulary {
  const rows = new Map<string, number>();
  for (const words of texts) for (const word of new Set(words)) rows.set(word, (rows.get(word) ?? 0) + 1);
  const kept =
    rows.size <= MOST_FEATURES ? [...rows] : [...rows].sort(([, a], [, b]) => b - a).slice(0, MOST_FEATURES);
  const features = kept.map(([word]) => word);
  return {
    features,
    rarity: kept.map(([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
    index: new Map(features.map((word, i) => [word, i])),
  };
}

/** Counts times rarity, each row of length one. */
function rowsOf(texts: readonly (readonly string[])[], { index, rarity }: Vocabulary): SparseRows {
  const starts = new Int32Array(texts.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (const [row, words] of texts.entries()) {
    const counts = new Map<number, number>();
    for (const word of words) {
      const column = index.get(word);
      if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
    }
    const weighted = [...counts].map(([column, count]) => [column, count * rarity[column]!] as const);
    const length = Math.hypot(...weighted.map(([, value]) => value)) || 1;
    for (const [column, value] of weighted) {
      columns.push(column);
      values.push(value / length);
    }
    starts[row + 1] = columns.length;
  }
  return { starts, columns: Int32Array.from(columns), values: Float64Array.from(values) };
}

/** Log-probabilities [labels] of row `row` into `into`. */
function logProbabilities(rows: SparseRows, row: number, weights: Float64Array, into: Float64Array): void {
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

interface Fitting {
  readonly strength: number;
  readonly tolerance?: number;
  /** Weights to begin with, those of a weaker fit. */
  readonly from?: Float64Array;
}

/** Minimises the mean loss and the squares of the weights without the intercept over 2 x rows x strength. */
function fitted(
  rows: SparseRows,
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
const STRENGTHS = [1, 10, 100, 1000];
const FOLDS = 3;
/** Rows that the strength is chosen on, at most. */
const MOST_CHOSEN_ON = 1200;

/**
 * A counter trained on `rows`, with the strength whose held-out loss over three folds is least, or with the given one. Takes about a
 * second for a thousand rows. Throws a RangeError without two labels.
 */
export function trainCounter(
  rows: readonly LabelledText[],
  options: { readonly strength?: number; readonly tolerance?: number; readonly seed?: number } = {},
): WordCounter {
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  if (labels.length < 2) throw new RangeError('two labels at least');
  const words = rows.map(({ text }) => wordsAndPairs(text));
  const number = new Map(labels.map((label, i) => [label, i]));
  const wanted = Int32Array.from(rows, ({ label }) => number.get(label)!);
  const strength = options.strength ?? chosenStrength(words, wanted, labels.length, options.seed ?? 0);
  const vocabulary = vocabularyOf(words);
  const { features, rarity } = vocabulary;
  const weights = fitted(
    rowsOf(words, vocabulary),
    wanted,
    { features: features.length, labels: labels.length },
    { strength, ...(options.tolerance !== undefined && { tolerance: options.tolerance }) },
  );
  return { labels, features, rarity, weights };
}

function chosenStrength(
  words: readonly (readonly string[])[],
  wanted: Int32Array,
  labels: number,
  seed: number,
): number {
  const all = Uint32Array.from(words, (_, row) => row);
  const order = Rng.fromSeed(seed).shuffle(all).slice(0, MOST_CHOSEN_ON);
  // rows of a label are dealt out one after the other, so that each fold has some of every label
  const dealt = [...Map.groupBy(order, (row) => wanted[row]!).values()].flat();
  const losses = STRENGTHS.map(() => 0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const [train, held] = [true, false].map((isTrain) =>
      dealt.filter((_, i) => (i % FOLDS !== fold) === isTrain),
    ) as [number[], number[]];
    const vocabulary = vocabularyOf(train.map((row) => words[row]!));
    const size = { features: vocabulary.features.length, labels };
    const rows = rowsOf(
      train.map((row) => words[row]!),
      vocabulary,
    );
    const others = rowsOf(
      held.map((row) => words[row]!),
      vocabulary,
    );
    const targets = Int32Array.from(train, (row) => wanted[row]!);
    const scores = new Float64Array(labels);
    let from: Float64Array | undefined;
    for (const [i, strength] of STRENGTHS.entries()) {
      from = fitted(rows, targets, size, { strength, tolerance: 1e-3, ...(from && { from }) });
      for (const [at, row] of held.entries()) {
        logProbabilities(others, at, from, scores);
        losses[i]! -= scores[wanted[row]!]!;
      }
    }
  }
  return STRENGTHS[losses.indexOf(Math.min(...losses))]!;
}

/** Log-probabilities [labels] of each text. */
export function countedScores(counter: WordCounter, texts: readonly string[]): Float64Array[] {
  const { features, rarity, weights, labels } = counter;
  const index = new Map(features.map((word, i) => [word, i]));
  const rows = rowsOf(texts.map(wordsAndPairs), { features, rarity, index });
  return texts.map((_, row) => {
    const scores = new Float64Array(labels.length);
    logProbabilities(rows, row, weights, scores);
    return scores;
  });
}

/** The label of the training row whose words are most like those of each text (cosine); the first of equal ones. */
export function nearestLabels(rows: readonly LabelledText[], texts: readonly string[]): string[] {
  const words = rows.map(({ text }) => wordsAndPairs(text));
  const vocabulary = vocabularyOf(words);
  const known = rowsOf(words, vocabulary);
  // for each word the rows that have it
  const places: [row: number, value: number][][] = vocabulary.features.map(() => []);
  for (let row = 0; row < rows.length; row++)
    for (let j = known.starts[row]!; j < known.starts[row + 1]!; j++)
      places[known.columns[j]!]!.push([row, known.values[j]!]);
  const asked = rowsOf(texts.map(wordsAndPairs), vocabulary);
  return texts.map((_, i) => {
    const similarity = new Float64Array(rows.length);
    for (let j = asked.starts[i]!; j < asked.starts[i + 1]!; j++)
      for (const [row, value] of places[asked.columns[j]!]!) similarity[row]! += value * asked.values[j]!;
    let best = 0;
    for (let row = 1; row < rows.length; row++) if (similarity[row]! > similarity[best]!) best = row;
    return rows[best]!.label;
  });
}
