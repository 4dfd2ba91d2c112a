/** Heads that sort the vectors of texts into answers from a closed set: one for the whole answers, or one for each field of JSON answers. */
import { hasUnspaced } from '../../../../common/words/unspaced.ts';
import type { AnsweredText } from '../answered-text.ts';
import { placeIn } from '../classify/closed-set.ts';
import { answersFrom, learnedOf, type PartOf, short } from './answer-parts.ts';
import { headScores, trainHead, type VectorHead } from './vector-head.ts';

export interface AnswerHead {
  readonly answers: readonly string[];
  readonly parts: readonly HeadPart[];
}

export interface HeadPart extends PartOf {
  /** The field of JSON answers that it finds; null for whole answers. */
  readonly field: string | null;
  readonly head: VectorHead;
}

/** Trains on rows with their vectors whose answers are among `answers`; null where there are none. Strengths as for counters. */
export function trainAnswerHead(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  vectors: readonly Float32Array[],
  strengths?: readonly number[],
): AnswerHead | null {
  const place = placeIn(answers);
  const rows = taught.flatMap(({ answer }, i) =>
    place(answer) >= 0 ? [{ answer, vector: vectors[i]! }] : [],
  );
  if (rows.length === 0) return null;
  const parts = learnedOf(answers).map(({ field, labelOf }, part) => {
    const strength = strengths?.[part];
    const { labels, width, weights } = trainHead(
      rows.map(({ vector }) => vector),
      rows.map(({ answer }) => labelOf(answer)),
      strength === undefined ? {} : { strength },
    );
    const of = answers.map((answer) => labels.indexOf(labelOf(answer)));
    return { field, of, head: { labels, width, weights: weights.map(short) } };
  });
  return { answers, parts };
}

/** Log-probabilities [answers] for each vector, among all answers. */
export function headAnswerScores(
  { answers, parts }: AnswerHead,
  vectors: readonly Float32Array[],
): Float64Array[] {
  return answersFrom(
    answers,
    parts,
    parts.map(({ head }) => headScores(head, vectors)),
  );
}

/** Words of a text that are left out in turn, at most: of a longer one several words together. */
const MOST_PIECES = 40;
const MOST_WORDS = 4;
/** A word that costs the answer less than this share of what the first one does decided little. */
const LEAST_SHARE = 0.25;

const WORD = /[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_'’-]*/gu;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Where the words of `text` are; those of scripts without spaces by their dictionary. */
function wordsIn(text: string): { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(WORD)].flatMap(({ 0: run, index }) =>
    hasUnspaced(run)
      ? [...segmenter.segment(run)]
          .filter(({ isWordLike }) => isWordLike)
          .map((one) => ({ start: index + one.index, end: index + one.index + one.segment.length }))
      : [{ start: index, end: index + run.length }],
  );
}

/** The words of `text` without which `answer` would be less likely, the strongest first: each is left out in turn (occlusion). */
export async function occludedWords(
  text: string,
  answer: number,
  scoresOf: (texts: readonly string[]) => Promise<readonly Float64Array[]>,
): Promise<readonly string[]> {
  const words = wordsIn(text);
  const size = Math.ceil(words.length / MOST_PIECES);
  const pieces = Array.from({ length: size === 0 ? 0 : Math.ceil(words.length / size) }, (_, i) => {
    const [first, last] = [words[i * size]!, words[Math.min(words.length, (i + 1) * size) - 1]!];
    return { start: first.start, end: last.end };
  });
  const without = pieces.map(({ start, end }) => `${text.slice(0, start)}${text.slice(end)}`);
  const [whole, ...others] = await scoresOf([text, ...without]);
  const costs = pieces
    .map(({ start, end }, i) => ({
      word: text.slice(start, end),
      cost: whole![answer]! - others[i]![answer]!,
    }))
    .sort((a, b) => b.cost - a.cost);
  const least = LEAST_SHARE * (costs[0]?.cost ?? 0);
  const strong = costs.filter(({ cost }) => cost > 0 && cost >= least).map(({ word }) => word);
  return [...new Set(strong)].slice(0, MOST_WORDS);
}
