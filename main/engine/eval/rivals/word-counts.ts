/**
 * The oldest way to sort texts, as a measure for what a model is worth: words and pairs of words, weighted by how rare they are, with
 * multinomial logistic regression. Computes what scikit-learn's TfidfVectorizer and LogisticRegression do with the same settings.
 */
import { UNSPACED } from '../../../../common/words/unspaced.ts';
import { chosenStrength, type FeatureRows, type FoldOf, fitted, logProbabilities } from './logistic.ts';

/** Words and pairs that are counted, at most: the most frequent ones. */
export const MOST_FEATURES = 20_000;
/** A sign of a script without spaces is a word; other words have two letters at least. */
export const WORD = `${UNSPACED}|(?:(?!${UNSPACED})[\\p{L}\\p{M}\\p{N}_]){2,}`;
export const WORDS = new RegExp(WORD, 'gu');

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/** What is counted. */
export interface Vocabulary {
  /** [features] a word, or two words with a space between. */
  readonly features: readonly string[];
  /** [features] inverse document frequency: ln((1 + rows) / (1 + rows with it)) + 1. */
  readonly rarity: readonly number[];
}

/** A trained counter; plain data, so that it can be kept. */
export interface WordCounter extends Vocabulary {
  readonly labels: readonly string[];
  /** [features + 1, labels]; the last row is the intercept. */
  readonly weights: Float64Array;
}

/** Words and neighbouring pairs of `text`, as often as they stand there. */
export function wordsAndPairs(text: string): string[] {
  const words = text.toLowerCase().match(WORDS) ?? [];
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}

interface IndexedVocabulary extends Vocabulary {
  readonly index: ReadonlyMap<string, number>;
}

/** Made once for each list of words: rows are scored a few at a time. */
const INDEXES = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function indexed({ features, rarity }: Vocabulary): IndexedVocabulary {
  const index = INDEXES.get(features) ?? new Map(features.map((word, i) => [word, i]));
  INDEXES.set(features, index);
  return { features, rarity, index };
}

function vocabularyOf(texts: readonly (readonly string[])[]): IndexedVocabulary {
  const rows = new Map<string, number>();
  for (const words of texts) for (const word of new Set(words)) rows.set(word, (rows.get(word) ?? 0) + 1);
  const kept =
    rows.size <= MOST_FEATURES ? [...rows] : [...rows].sort(([, a], [, b]) => b - a).slice(0, MOST_FEATURES);
  return indexed({
    features: kept.map(([word]) => word),
    rarity: kept.map(([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
  });
}

/** Counts times rarity, each row of length one. */
function rowsOf(texts: readonly (readonly string[])[], { index, rarity }: IndexedVocabulary): FeatureRows {
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

/** What a counter learns from. */
interface CountedRows {
  readonly labels: readonly string[];
  /** The place of each row's label. */
  readonly wanted: Int32Array;
  readonly words: readonly (readonly string[])[];
  readonly foldOf: FoldOf;
}

export function countedRows(rows: readonly LabelledText[]): CountedRows {
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const words = rows.map(({ text }) => wordsAndPairs(text));
  const number = new Map(labels.map((label, i) => [label, i]));
  const wanted = Int32Array.from(rows, ({ label }) => number.get(label)!);
  const foldOf: FoldOf = (train, held) => {
    const own = vocabularyOf(train.map((row) => words[row]!));
    const [taught, others] = [train, held].map((some) =>
      rowsOf(
        some.map((row) => words[row]!),
        own,
      ),
    );
    return { train: taught!, held: others!, features: own.features.length };
  };
  return { labels, wanted, words, foldOf };
}

/**
 * A counter trained on `rows`, with the strength whose held-out loss over three folds is least, or with the given one. Takes about a
 * second for a thousand rows. Where there is one label alone, it's always that one.
 */
export function trainCounter(
  rows: readonly LabelledText[],
  options: { readonly strength?: number; readonly tolerance?: number; readonly seed?: number } = {},
): WordCounter {
  const { labels, wanted, words, foldOf } = countedRows(rows);
  const vocabulary = vocabularyOf(words);
  const { features, rarity } = vocabulary;
  if (labels.length === 1)
    return { labels, features, rarity, weights: new Float64Array(features.length + 1) };
  const strength = options.strength ?? chosenStrength(wanted, labels.length, foldOf, options.seed);
  const weights = fitted(
    rowsOf(words, vocabulary),
    wanted,
    { features: features.length, labels: labels.length },
    { strength, ...(options.tolerance !== undefined && { tolerance: options.tolerance }) },
  );
  return { labels, features, rarity, weights };
}

/** Log-probabilities [labels] of each text. */
export function countedScores(counter: WordCounter, texts: readonly string[]): Float64Array[] {
  const { weights, labels } = counter;
  const rows = rowsOf(texts.map(wordsAndPairs), indexed(counter));
  return texts.map((_, row) => {
    const scores = new Float64Array(labels.length);
    logProbabilities(rows, row, weights, scores);
    return scores;
  });
}

/** What each word of `text` that is counted adds to the score of `label`, beside what it adds to the mean of all labels. */
export function wordShares(counter: WordCounter, text: string, label: number): Map<string, number> {
  const { features, weights, labels } = counter;
  const { columns, values } = rowsOf([wordsAndPairs(text)], indexed(counter));
  return new Map(
    Array.from(columns, (column, j) => {
      const of = weights.subarray(column * labels.length, (column + 1) * labels.length);
      const mean = of.reduce((sum, weight) => sum + weight, 0) / labels.length;
      return [features[column]!, values[j]! * (of[label]! - mean)];
    }),
  );
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
