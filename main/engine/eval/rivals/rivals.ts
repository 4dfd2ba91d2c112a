/** What simpler ways get right where answers come from a closed set, on the same test rows and trained on the same rows as a model. */
import type { Rival } from '../../../../common/protocol/protocol.ts';
import type { AnsweredText } from '../answered-text.ts';
import { rate, rateDifference } from '../assess/statistics.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { type AnswerCounter, answerScores, trainAnswerCounter } from './answer-counter.ts';
import { type CrossedAnswers, crossedAnswers } from './answer-parts.ts';
import { countedRows, nearestLabels, TextCounts } from './word-counts.ts';

/** A counter, and what it says of rows that it wasn't trained on. */
export interface MeasuredCounter {
  readonly counter: AnswerCounter;
  readonly rows: readonly KnownRow[];
  /** Training rows, scored by what was learned without them. */
  readonly crossed: readonly KnownRow[];
}

/** Asks each way the rows of `asked`, beside a model whose answers to them are `rights`; null without rows to learn from. */
export function askRivals(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  rights: readonly boolean[],
): { readonly rivals: readonly Rival[]; readonly counted: MeasuredCounter } | null {
  const place = placeIn(answers);
  const known = taught.filter(({ answer }) => place(answer) >= 0);
  if (known.length === 0 || asked.length === 0) return null;
  const texts = asked.map(({ text }) => text);
  const truths = asked.map(({ answer }) => place(answer));
  const timed = <T>(work: () => T): [found: T, seconds: number] => {
    const started = performance.now();
    return [work(), (performance.now() - started) / 1000];
  };
  const [counted, seconds] = timed(() => measuredCounter(answers, known, asked)!);
  const labelled = known.map(({ text, answer }) => ({ text, label: String(place(answer)) }));
  const [nearest, nearestSeconds] = timed(() => nearestLabels(labelled, texts));
  const [frequent, frequentSeconds] = timed(() => mostFrequent(known.map(({ answer }) => place(answer))));
  const beside = (name: Rival['name'], right: readonly boolean[], taken: number): Rival => ({
    score: { name: 'known', rows: right.length, ...rate(right.filter(Boolean).length, right.length) },
    name,
    lead: rateDifference(right, rights),
    seconds: taken,
  });
  const isNearest = truths.map((truth, i) => nearest[i] === String(truth));
  const isFrequent = truths.map((truth) => truth === frequent);
  return {
    counted,
    rivals: [
      beside('counter', rightsOf(counted), seconds),
      beside('nearest', isNearest, nearestSeconds),
      beside('frequent', isFrequent, frequentSeconds),
    ],
  };
}

/** Trains a counter on `taught` and asks it `asked`; null without rows to learn from. */
export function measuredCounter(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
): MeasuredCounter | null {
  const place = placeIn(answers);
  const known = taught.filter(({ answer }) => place(answer) >= 0);
  if (known.length === 0) return null;
  const counts = new TextCounts();
  return askedCounter(answers, known, asked, crossedCounter(answers, known, 0, counts), counts);
}

/** Counters of three folds, each asked the rows that it has not seen. */
export function crossedCounter(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  seed = 0,
  counts = new TextCounts(),
): CrossedAnswers {
  const rowsOf = (labels: readonly string[]) =>
    countedRows(
      taught.map(({ text }, i) => ({ text, label: labels[i]! })),
      counts,
    );
  return crossedAnswers(answers, taught, rowsOf, seed);
}

/** Trains a counter on all of `taught`, whose answers are among `answers`, and asks it `asked`. */
export function askedCounter(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  { strengths, rows: crossed }: CrossedAnswers,
  counts?: TextCounts,
): MeasuredCounter {
  const counter = trainAnswerCounter(answers, taught, strengths, counts)!;
  const place = placeIn(answers);
  const scores = answerScores(
    counter,
    asked.map(({ text }) => text),
  );
  const rows = asked.map(({ answer }, i) => ({ scores: scores[i]!, truth: place(answer) }));
  return { counter, rows, crossed };
}

/** Which of the rows it gets right. */
export function rightsOf({ rows }: { readonly rows: readonly KnownRow[] }): boolean[] {
  return rows.map(({ scores, truth }) => likeliest(scores) === truth);
}

function mostFrequent(places: readonly number[]): number {
  const counts = Map.groupBy(places, (place) => place);
  return [...counts].reduce((most, one) => (one[1].length > most[1].length ? one : most))[0];
}
