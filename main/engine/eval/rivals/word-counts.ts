/**
 * The oldest way to sort texts, as a measure for what a model is worth: words and pairs of words, weighted by how rare they are, with
 * multinomial logistic regression. Computes what scikit-learn's TfidfVectorizer and LogisticRegression do with the same settings.
 */
import { chosenStrength, type FeatureRows, fitted, logProbabilities } from './logistic.ts';

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
function rowsOf(texts: readonly (readonly string[])[], { index, rarity }: Vocabulary): FeatureRows {
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
  const foldOf = (train: readonly number[], held: readonly number[]) => {
    const own = vocabularyOf(train.map((row) => words[row]!));
    const [taught, others] = [train, held].map((some) =>
      rowsOf(
        some.map((row) => words[row]!),
        own,
      ),
    );
    return { train: taught!, held: others!, features: own.features.length };
  };
  const strength = options.strength ?? chosenStrength(wanted, labels.length, foldOf, options.seed);
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
