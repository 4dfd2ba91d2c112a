/** A word counter that sorts texts into answers from a closed set: one for the whole answers, or one for each field of JSON answers. */
import { canonical, parseObject } from '../assess/task.ts';
import { fieldsOf, placeIn } from '../classify/closed-set.ts';
import { amongEachOther } from '../generator.ts';
import { countedScores, trainCounter, type WordCounter, wordShares } from './word-counts.ts';

export interface AnsweredText {
  readonly text: string;
  readonly answer: string;
}

export interface AnswerCounter {
  readonly answers: readonly string[];
  /** They count the same words. */
  readonly parts: readonly CounterPart[];
}

export interface CounterPart {
  /** The field of JSON answers that it finds; null for whole answers. */
  readonly field: string | null;
  /** [answers] the label of each answer; -1 where no row taught it. */
  readonly of: readonly number[];
  readonly counter: WordCounter;
}

/** What is learned apart: the field, and the label of an answer. */
interface Learned {
  readonly field: string | null;
  labelOf(answer: string): string;
}

function learnedOf(answers: readonly string[]): Learned[] {
  const fields = fieldsOf(answers);
  const place = placeIn(answers);
  if (fields.length < 2) return [{ field: null, labelOf: (answer) => String(place(answer)) }];
  return fields.map((field) => ({ field, labelOf: (answer) => canonical(parseObject(answer)?.[field]) }));
}

/** A digit more changes no category. */
const DIGITS = 6;
const short = (value: number) => Number(value.toPrecision(DIGITS));

/** Trains on the rows of `taught` whose answers are among `answers`; null where there are none. */
export function trainAnswerCounter(
  answers: readonly string[],
  taught: readonly AnsweredText[],
): AnswerCounter | null {
  const place = placeIn(answers);
  const rows = taught.filter(({ answer }) => place(answer) >= 0);
  if (rows.length === 0) return null;
  const parts = learnedOf(answers).map(({ field, labelOf }) => {
    const counter = trainCounter(rows.map(({ text, answer }) => ({ text, label: labelOf(answer) })));
    const of = answers.map((answer) => counter.labels.indexOf(labelOf(answer)));
    return { field, of, counter };
  });
  const { features, rarity } = parts[0]!.counter;
  const vocabulary = { features, rarity: rarity.map(short) };
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
  const found = parts.map(({ counter }) => countedScores(counter, texts));
  return texts.map((_, row) =>
    amongEachOther(
      answers.map((__, answer) =>
        parts.reduce((sum, { of }, part) => sum + (found[part]![row]![of[answer]!] ?? -Infinity), 0),
      ),
    ),
  );
}

/** Words that are named for a row. */
const MOST_WORDS = 4;
/** A word that adds less than this share of what the first one adds decided little. */
const LEAST_SHARE = 0.25;

/** The words and pairs of words of `text` that speak most for `answer`, the strongest first. */
export function decidingWords({ parts }: AnswerCounter, text: string, answer: number): readonly string[] {
  const shares = new Map<string, number>();
  for (const { of, counter } of parts)
    for (const [word, share] of wordShares(counter, text, of[answer]!))
      shares.set(word, (shares.get(word) ?? 0) + share);
  const sorted = [...shares].sort(([, a], [, b]) => b - a);
  const least = LEAST_SHARE * (sorted[0]?.[1] ?? 0);
  return sorted
    .filter(([, share]) => share > 0 && share >= least)
    .slice(0, MOST_WORDS)
    .map(([word]) => word);
}
