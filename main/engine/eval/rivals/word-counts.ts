/**
 * The oldest way to sort texts, as a measure for what a model is worth: groups of two to four letters, weighted by how rare they are, with
 * multinomial logistic regression. Computes what scikit-learn's TfidfVectorizer (`char_wb`, sublinear) and LogisticRegression do with the
 * same settings. Groups do better than whole words where there are few rows (docs/decisions/0091-simpler-ways.md).
 */
import { hasUnspaced, UNSPACED } from '../../../../common/words/unspaced.ts';
import { chosenStrength, type FeatureRows, type FoldOf, fitted, logProbabilities } from './logistic.ts';

/** Features that are counted, at most: the most frequent ones. */
export const MOST_FEATURES = 20_000;
/** A sign of a script without spaces is a word; other words have two letters at least. */
const WORD = `${UNSPACED}|(?:(?!${UNSPACED})[\\p{L}\\p{M}\\p{N}_]){2,}`;
export const WORDS = new RegExp(WORD, 'gu');
/** The fewest and the most letters of a group. */
export const LETTERS = [2, 4] as const;

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/** What is counted. */
export interface Vocabulary {
  /** Groups of letters; in counters of earlier versions words and pairs of words. */
  readonly unit: 'letters' | 'words';
  /** [features] */
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

/** What stands between spaces. */
const runsOf = (text: string) => text.toLowerCase().match(/\S+/g) ?? [];

/** The groups of neighbouring letters in a run of signs; a space at each end is one of them. */
function groupsIn(run: string): string[] {
  const signs = [' ', ...run, ' '];
  const groups: string[] = [];
  for (let size: number = LETTERS[0]; size <= LETTERS[1]; size++)
    for (let at = 0; at + size <= signs.length; at++) groups.push(signs.slice(at, at + size).join(''));
  return groups;
}

/** How a text is counted: what it has, and what a feature that it has so often is worth. */
const UNITS = {
  letters: {
    of: (text: string) => runsOf(text).flatMap(groupsIn),
    worth: (times: number) => 1 + Math.log(times),
  },
  words: { of: wordsAndPairs, worth: (times: number) => times },
} as const;

/** How often a text has each feature, by the feature's number. */
type Counts = ReadonlyMap<number, number>;

/** Counts the features of `text`; `numberOf` says which are no features. */
function counted(
  text: string,
  unit: Vocabulary['unit'],
  numberOf: (feature: string) => number | undefined,
): Counts {
  const counts = new Map<number, number>();
  for (const feature of UNITS[unit].of(text)) {
    const number = numberOf(feature);
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

/** Texts that are counted once, whichever of them are learned from. */
interface CountedTexts {
  readonly unit: Vocabulary['unit'];
  readonly features: readonly string[];
  readonly rows: readonly Counts[];
}

/** Counts texts of one unit, each once, however many columns are learned from it or asked of it. */
export class TextCounts {
  readonly unit: Vocabulary['unit'];
  readonly #features: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #known = new Map<string, Counts>();

  constructor(unit: Vocabulary['unit'] = 'letters') {
    this.unit = unit;
  }

  of(texts: readonly string[]): CountedTexts {
    return { unit: this.unit, features: this.#features, rows: texts.map((text) => this.#countsOf(text)) };
  }

  #countsOf(text: string): Counts {
    const counts = this.#known.get(text) ?? counted(text, this.unit, (feature) => this.#numberOf(feature));
    this.#known.set(text, counts);
    return counts;
  }

  #numberOf(feature: string): number {
    const number = this.#numbers.get(feature) ?? this.#features.push(feature) - 1;
    this.#numbers.set(feature, number);
    return number;
  }
}

interface Learned {
  readonly vocabulary: Vocabulary;
  /** The place in the vocabulary of each number of a feature that is in it. */
  readonly places: ReadonlyMap<number, number>;
}

/** What the rows `some` have. */
function vocabularyOf({ unit, features, rows }: CountedTexts, some: readonly number[]): Learned {
  const times = new Map<number, number>();
  for (const row of some)
    for (const number of rows[row]!.keys()) times.set(number, (times.get(number) ?? 0) + 1);
  const kept =
    times.size <= MOST_FEATURES
      ? [...times]
      : [...times].sort(([, a], [, b]) => b - a).slice(0, MOST_FEATURES);
  return {
    vocabulary: {
      unit,
      features: kept.map(([number]) => features[number]!),
      rarity: kept.map(([, count]) => Math.log((1 + some.length) / (1 + count)) + 1),
    },
    places: new Map(kept.map(([number], place) => [number, place])),
  };
}

/** What each feature is worth times rarity, each row of length one. */
function rowsOf(
  counts: readonly Counts[],
  { unit, rarity }: Vocabulary,
  places?: Learned['places'],
): FeatureRows {
  const { worth } = UNITS[unit];
  const starts = new Int32Array(counts.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (const [row, own] of counts.entries()) {
    let squares = 0;
    for (const [number, times] of own) {
      const column = places ? places.get(number) : number;
      if (column === undefined) continue;
      const value = worth(times) * rarity[column]!;
      squares += value * value;
      columns.push(column);
      values.push(value);
    }
    const length = Math.sqrt(squares) || 1;
    for (let j = starts[row]!; j < values.length; j++) values[j]! /= length;
    starts[row + 1] = columns.length;
  }
  return { starts, columns: Int32Array.from(columns), values: Float64Array.from(values) };
}

/** Made once for each list of features: rows are scored a few at a time. */
const NUMBERS = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function numbersOf({ features }: Vocabulary): ReadonlyMap<string, number> {
  const numbers = NUMBERS.get(features) ?? new Map(features.map((feature, i) => [feature, i]));
  NUMBERS.set(features, numbers);
  return numbers;
}

/** The rows of texts that were not learned from. */
function askedRows(vocabulary: Vocabulary, texts: readonly string[]): FeatureRows {
  const numbers = numbersOf(vocabulary);
  return rowsOf(
    texts.map((text) => counted(text, vocabulary.unit, (feature) => numbers.get(feature))),
    vocabulary,
  );
}

/** What a counter learns from. */
interface CountedRows {
  readonly labels: readonly string[];
  /** The place of each row's label. */
  readonly wanted: Int32Array;
  readonly texts: CountedTexts;
  readonly foldOf: FoldOf;
}

/** `counts` may know the texts already. */
export function countedRows(rows: readonly LabelledText[], counts = new TextCounts()): CountedRows {
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const number = new Map(labels.map((label, i) => [label, i]));
  const wanted = Int32Array.from(rows, ({ label }) => number.get(label)!);
  const texts = counts.of(rows.map(({ text }) => text));
  const foldOf: FoldOf = (train, held) => {
    const { vocabulary, places } = vocabularyOf(texts, train);
    const of = (some: readonly number[]) =>
      rowsOf(
        some.map((row) => texts.rows[row]!),
        vocabulary,
        places,
      );
    return { train: of(train), held: of(held), features: vocabulary.features.length };
  };
  return { labels, wanted, texts, foldOf };
}

/**
 * A counter trained on `rows`, with the strength whose held-out loss over three folds is least, or with the given one. Takes some seconds
 * for a thousand rows. Where there is one label alone, it's always that one.
 */
export function trainCounter(
  rows: readonly LabelledText[],
  options: {
    readonly strength?: number;
    readonly tolerance?: number;
    readonly seed?: number;
    /** May know the texts already. */
    readonly counts?: TextCounts;
  } = {},
): WordCounter {
  const { labels, wanted, texts, foldOf } = countedRows(rows, options.counts);
  const { vocabulary, places } = vocabularyOf(texts, [...texts.rows.keys()]);
  const features = vocabulary.features.length;
  if (labels.length === 1) return { labels, ...vocabulary, weights: new Float64Array(features + 1) };
  const strength = options.strength ?? chosenStrength(wanted, labels.length, foldOf, options.seed);
  const weights = fitted(
    rowsOf(texts.rows, vocabulary, places),
    wanted,
    { features, labels: labels.length },
    { strength, ...(options.tolerance !== undefined && { tolerance: options.tolerance }) },
  );
  return { labels, ...vocabulary, weights };
}

/** Log-probabilities [labels] of each text. */
export function countedScores(counter: WordCounter, texts: readonly string[]): Float64Array[] {
  const { weights, labels } = counter;
  const rows = askedRows(counter, texts);
  return texts.map((_, row) => {
    const scores = new Float64Array(labels.length);
    logProbabilities(rows, row, weights, scores);
    return scores;
  });
}

/** What each word of `text` adds to the score of `label`, beside what it adds to the mean of all labels. */
export function wordShares(counter: WordCounter, text: string, label: number): Map<string, number> {
  const { features, weights, labels, unit } = counter;
  const { columns, values } = askedRows(counter, [text]);
  const shares = new Map(
    Array.from(columns, (column, j) => {
      const of = weights.subarray(column * labels.length, (column + 1) * labels.length);
      const mean = of.reduce((sum, weight) => sum + weight, 0) / labels.length;
      return [features[column]!, values[j]! * (of[label]! - mean)];
    }),
  );
  return unit === 'words' ? shares : sharesOfWords(text, shares);
}

const PAIR_OF_LETTERS = /^[\p{L}\p{M}\p{N}]{2}$/u;
const SIGNS_AT_ENDS = /^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu;

/** The shares of groups of letters, added up for the words that they stand in; in scripts without spaces pairs of signs are words. */
function sharesOfWords(text: string, shares: ReadonlyMap<string, number>): Map<string, number> {
  const groups = runsOf(text).flatMap((run) => groupsIn(run).map((group) => ({ run, group })));
  const times = new Map<string, number>();
  for (const { group } of groups) times.set(group, (times.get(group) ?? 0) + 1);
  const words = new Map<string, number>();
  for (const { run, group } of groups) {
    const share = shares.get(group);
    const word = hasUnspaced(run) ? (PAIR_OF_LETTERS.exec(group)?.[0] ?? '') : run.replace(SIGNS_AT_ENDS, '');
    if (share === undefined || word === '') continue;
    words.set(word, (words.get(word) ?? 0) + share / times.get(group)!);
  }
  return words;
}

/** The label of the training row whose words are most like those of each text (cosine); the first of equal ones. */
export function nearestLabels(rows: readonly LabelledText[], texts: readonly string[]): string[] {
  const words = new TextCounts('words').of(rows.map(({ text }) => text));
  const { vocabulary, places: numbers } = vocabularyOf(words, [...rows.keys()]);
  const known = rowsOf(words.rows, vocabulary, numbers);
  // for each word the rows that have it
  const places: [row: number, value: number][][] = vocabulary.features.map(() => []);
  for (let row = 0; row < rows.length; row++)
    for (let j = known.starts[row]!; j < known.starts[row + 1]!; j++)
      places[known.columns[j]!]!.push([row, known.values[j]!]);
  const asked = askedRows(vocabulary, texts);
  return texts.map((_, i) => {
    const similarity = new Float64Array(rows.length);
    for (let j = asked.starts[i]!; j < asked.starts[i + 1]!; j++)
      for (const [row, value] of places[asked.columns[j]!]!) similarity[row]! += value * asked.values[j]!;
    let best = 0;
    for (let row = 1; row < rows.length; row++) if (similarity[row]! > similarity[best]!) best = row;
    return rows[best]!.label;
  });
}
