/** A word counter that sorts texts into answers from a closed set: one for the whole answers, or one for each field of JSON answers. */
import { hasUnspaced, together } from '../../../../common/words/unspaced.ts';
import type { AnsweredText } from '../answered-text.ts';
import { placeIn } from '../classify/closed-set.ts';
import { answersFrom, learnedOf, type PartOf, short } from './answer-parts.ts';
import { countedScores, TextCounts, trainCounter, type WordCounter, wordShares } from './word-counts.ts';

export interface AnswerCounter {
  readonly answers: readonly string[];
  /** They count the same words. */
  readonly parts: readonly CounterPart[];
}

export interface CounterPart extends PartOf {
  /** The field of JSON answers that it finds; null for whole answers. */
  readonly field: string | null;
  readonly counter: WordCounter;
}

/**
 * Trains on the rows of `taught` whose answers are among `answers`; null where there are none. Of each part `strengths` has that of its
 * regression; it is chosen where they are left out. `counts` may know the texts already.
 */
export function trainAnswerCounter(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  strengths?: readonly number[],
  counts = new TextCounts(),
): AnswerCounter | null {
  const place = placeIn(answers);
  const rows = taught.filter(({ answer }) => place(answer) >= 0);
  if (rows.length === 0) return null;
  const parts = learnedOf(answers).map(({ field, labelOf }, part) => {
    const strength = strengths?.[part];
    const labelled = rows.map(({ text, answer }) => ({ text, label: labelOf(answer) }));
    const counter = trainCounter(labelled, { counts, ...(strength !== undefined && { strength }) });
    const of = answers.map((answer) => counter.labels.indexOf(labelOf(answer)));
    return { field, of, counter };
  });
  const { unit, features, rarity } = parts[0]!.counter;
  const vocabulary = { unit, features, rarity: rarity.map(short) };
  return {
    answers,
    parts: parts.map(({ counter, ...part }) => ({
      ...part,
      counter: { ...vocabulary, labels: counter.labels, weights: counter.weights.map(short) },
    })),
  };
}

/** Log-probabilities [answers] for each text, among all answers. */
export function answerScores({ answers, parts }: AnswerCounter, texts: readonly string[]): Float64Array[] {
  return answersFrom(
    answers,
    parts,
    parts.map(({ counter }) => countedScores(counter, texts)),
  );
}

/** Words that are named for a row. */
const MOST_WORDS = 4;
/** A word that adds less than this share of what the first one adds decided little. */
const LEAST_SHARE = 0.25;

/** The words of `text` that speak most for `answer`, the strongest first. */
export function decidingWords({ parts }: AnswerCounter, text: string, answer: number): readonly string[] {
  const shares = new Map<string, number>();
  for (const { of, counter } of parts)
    for (const [word, share] of wordShares(counter, text, of[answer]!))
      shares.set(word, (shares.get(word) ?? 0) + share);
  const sorted = [...shares].sort(([, a], [, b]) => b - a);
  const least = LEAST_SHARE * (sorted[0]?.[1] ?? 0);
  const words = sorted.filter(([, share]) => share > 0 && share >= least).map(([word]) => together(word));
  return words.filter((word) => !isSignIn(word, words)).slice(0, MOST_WORDS);
}

/** Whether `word` is a sign of a script without spaces that stands in another word: of 退 and 退款 the second says more. */
function isSignIn(word: string, words: readonly string[]): boolean {
  return hasUnspaced(word) && words.some((other) => other.length > word.length && other.includes(word));
}
