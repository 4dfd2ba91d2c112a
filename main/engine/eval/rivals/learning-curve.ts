/**
 * How much a sorter learns from parts of the rows: in five folds it learns from an eighth, a quarter, half and all of the other four, each
 * part within the next, and is asked the fifth. What more rows would bring, and in which categories, follows from that.
 */
import { setImmediate } from 'node:timers/promises';
import type { CategoryGain } from '../../../../common/protocol/protocol.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { answerScores, trainAnswerCounter } from './answer-counter.ts';
import { headAnswerScores, trainAnswerHead } from './answer-head.ts';
import type { AnsweredText } from './answer-parts.ts';
import { type CurvePoint, type Forecast, forecastOf } from './forecast.ts';
import { crossedCounter } from './rivals.ts';

const FOLDS = 5;
const PARTS = [1 / 8, 1 / 4, 1 / 2, 1];

/** A way to sort: learns from the rows of these numbers, and gives the place of the answer to each of the others. */
export type SortingWay = (taught: readonly number[], asked: readonly number[]) => readonly number[];

export interface LearningCurve {
  readonly points: readonly CurvePoint[];
  readonly forecast: Forecast;
  /** Categories that would gain most by more rows, the most first. */
  readonly gains: readonly CategoryGain[];
}

interface CurveOptions {
  readonly seed: number;
  readonly stop?: AbortSignal | undefined;
  readonly onFraction?: (fraction: number) => void;
}

/** The curve of `way` on rows whose answers are among `answers`. Throws the reason of an aborted stop signal. */
export async function learningCurve(
  answers: readonly string[],
  rows: readonly AnsweredText[],
  way: SortingWay,
  { seed, stop, onFraction }: CurveOptions,
): Promise<LearningCurve> {
  const place = placeIn(answers);
  const truths = rows.map(({ answer }) => place(answer));
  const order = Rng.fromSeed(streamSeed(seed, 'curve')).shuffle(Uint32Array.from(rows, (_, row) => row));
  // of each category every fifth row is asked, and each part has its share of every category
  const dealt = [...Map.groupBy(order, (row) => truths[row]!).values()].flat();
  const wrongIn = PARTS.map(() => new Float64Array(answers.length));
  const taughtRows = PARTS.map(() => 0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const asked = dealt.filter((_, i) => i % FOLDS === fold);
    const others = dealt.filter((_, i) => i % FOLDS !== fold);
    for (const [part, share] of PARTS.entries()) {
      // a fit blocks: between two of them a wish to stop is heard
      await setImmediate();
      stop?.throwIfAborted();
      const taught = partOf(others, truths, share);
      taughtRows[part]! += taught.length / FOLDS;
      const given = way(taught, asked);
      for (const [i, row] of asked.entries()) if (given[i] !== truths[row]) wrongIn[part]![truths[row]!]!++;
      onFraction?.((fold * PARTS.length + part + 1) / (FOLDS * PARTS.length));
    }
  }
  const points = wrongIn.map((wrong, part) => ({
    ...{ rows: Math.round(taughtRows[part]!), asked: rows.length },
    wrong: wrong.reduce((sum, one) => sum + one, 0),
  }));
  return { points, forecast: forecastOf(points), gains: gainsOf(answers, truths, wrongIn) };
}

/** Categories that are named. */
const NAMED = 3;
/** A category of few rows has what holds for all: for so many rows, and for so many errors. */
const SHRINK = { rows: 5, errors: 10 };
/** What a doubling of all rows leaves of errors. */
const USUALLY_LEFT = 0.75;

/** By the share of a category's rows that are wrong, and how far the last doubling took that down. */
function gainsOf(
  answers: readonly string[],
  truths: readonly number[],
  wrongIn: readonly Float64Array[],
): CategoryGain[] {
  const [before, last] = wrongIn.slice(-2) as [Float64Array, Float64Array];
  const overall = last.reduce((sum, wrong) => sum + wrong, 0) / truths.length;
  const counts = new Float64Array(answers.length);
  for (const truth of truths) counts[truth]!++;
  return answers
    .map((answer, i) => {
      const errors = (last[i]! + SHRINK.rows * overall) / (counts[i]! + SHRINK.rows);
      const left = (last[i]! + SHRINK.errors * USUALLY_LEFT) / (before[i]! + SHRINK.errors);
      return { answer, rows: counts[i]!, wrong: last[i]!, gain: errors * (1 - left) };
    })
    .filter(({ wrong, gain }) => wrong > 0 && gain > 0)
    .sort((a, b) => b.gain - a.gain)
    .slice(0, NAMED)
    .map(({ gain: _, ...category }) => category);
}

/** The first `share` of each category, at least one row of it. */
function partOf(rows: readonly number[], truths: readonly number[], share: number): number[] {
  return [...Map.groupBy(rows, (row) => truths[row]!).values()].flatMap((of) =>
    of.slice(0, Math.max(1, Math.round(share * of.length))),
  );
}

/** By word counts, whose `strengths` were chosen on all rows: those of parts differ little. */
export function wordsWay(
  answers: readonly string[],
  rows: readonly AnsweredText[],
  strengths: readonly number[],
): SortingWay {
  const of = (numbers: readonly number[]) => numbers.map((row) => rows[row]!);
  return (taught, asked) => {
    const counter = trainAnswerCounter(answers, of(taught), strengths)!;
    return answerScores(
      counter,
      of(asked).map(({ text }) => text),
    ).map(likeliest);
  };
}

/** By the vectors of an encoder, one for each row. */
export function vectorsWay(
  answers: readonly string[],
  rows: readonly AnsweredText[],
  vectors: readonly Float32Array[],
  strengths: readonly number[],
): SortingWay {
  return (taught, asked) => {
    const of = (numbers: readonly number[]) => numbers.map((row) => vectors[row]!);
    const head = trainAnswerHead(
      answers,
      taught.map((row) => rows[row]!),
      of(taught),
      strengths,
    )!;
    return headAnswerScores(head, of(asked)).map(likeliest);
  };
}

/** Rows times answers that a curve takes seconds for, rows of an answer that it needs, and rows at most. */
const MOST_WORK = 20_000;
const LEAST_OF_ONE = 6;
const MOST_ROWS = 2000;
/** Fewer rows tell nothing. */
export const LEAST_ROWS = 40;

/** The rows that a curve is made of, drawn by `seed`: those whose answers have another row; none where they are too few. */
export function curveRows(
  answers: readonly string[],
  rows: readonly AnsweredText[],
  seed: number,
): { readonly answers: readonly string[]; readonly rows: readonly AnsweredText[] } | null {
  const most = Math.min(MOST_ROWS, Math.max(MOST_WORK / answers.length, LEAST_OF_ONE * answers.length));
  const order = Rng.fromSeed(streamSeed(seed, 'curve-rows')).shuffle(Uint32Array.from(rows, (_, row) => row));
  const place = placeIn(answers);
  const some = Array.from(order.slice(0, most), (row) => rows[row]!);
  const counts = Map.groupBy(some, ({ answer }) => place(answer));
  const kept = answers.filter((_, i) => (counts.get(i)?.length ?? 0) > 1);
  const known = some.filter(({ answer }) => place(answer) >= 0 && counts.get(place(answer))!.length > 1);
  return known.length < LEAST_ROWS || kept.length < 2 ? null : { answers: kept, rows: known };
}

/** A curve, and how many rows there are in all. */
export type TaughtCurve = LearningCurve & { readonly taught: number };

/** The curve of word counts; null for too few rows. */
export async function wordsCurve(
  all: readonly string[],
  taught: readonly AnsweredText[],
  options: CurveOptions,
): Promise<TaughtCurve | null> {
  const drawn = curveRows(all, taught, options.seed);
  if (!drawn) return null;
  const { answers, rows } = drawn;
  const { strengths } = crossedCounter(answers, rows, options.seed);
  const curve = await learningCurve(answers, rows, wordsWay(answers, rows, strengths), options);
  return { ...curve, taught: taught.length };
}
