/**
 * How much a sorter learns from parts of the rows: in five folds it learns from an eighth, a quarter, half and all of the other four, each
 * part within the next, and is asked the fifth. What more rows would bring, and in which categories or fields, follows from that.
 */
import { setImmediate } from 'node:timers/promises';
import type { CategoryGain } from '../../../../common/protocol/protocol.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { AnsweredText } from '../answered-text.ts';
import { scoreOf } from '../assess/scores.ts';
import { canonical, detectTask, parseObject, type Task } from '../assess/task.ts';
import { fitTemperature, type KnownRow, probabilities } from '../classify/calibration.ts';
import { placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { answerScores, trainAnswerCounter } from './answer-counter.ts';
import { headAnswerScores, trainAnswerHead } from './answer-head.ts';
import { type CurvePoint, type Forecast, forecastOf } from './forecast.ts';
import { comeBack, wordLabels } from './lists.ts';
import { fieldAnswers } from './open-rivals.ts';
import { crossedCounter } from './rivals.ts';

const FOLDS = 5;
const PARTS = [1 / 8, 1 / 4, 1 / 2, 1];

/** A way to sort: learns from the rows of these numbers, and scores each of the others: log-probabilities of the answers. */
export type SortingWay = (taught: readonly number[], asked: readonly number[]) => readonly Float64Array[];

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

/** How wrong the answer to a row is, from 0 to 1, and in which categories or fields. */
interface Judged {
  readonly wrong: number;
  readonly in: readonly number[];
  /** The scores, where there are some. */
  readonly known?: KnownRow;
}

/** The curve of `way` on rows whose answers are among `answers`. Throws the reason of an aborted stop signal. */
export async function learningCurve(
  answers: readonly string[],
  rows: readonly AnsweredText[],
  way: SortingWay,
  options: CurveOptions,
): Promise<LearningCurve> {
  const place = placeIn(answers);
  const truths = rows.map(({ answer }) => place(answer));
  const judge = (taught: readonly number[], asked: readonly number[]) =>
    way(taught, asked).map((scores, i): Judged => {
      const truth = truths[asked[i]!]!;
      const isRight = likeliest(scores) === truth;
      return { wrong: isRight ? 0 : 1, in: isRight ? [] : [truth], known: { scores, truth } };
    });
  const counts = answers.map(() => 0);
  for (const truth of truths) counts[truth]!++;
  return await curveOf(truths, answers, counts, judge, options);
}

/** `groups` has the group of each row, of which each part has its share; `counts` how many rows each of `names` could be wrong in. */
async function curveOf(
  groups: readonly number[],
  names: readonly string[],
  counts: readonly number[],
  judge: (taught: readonly number[], asked: readonly number[]) => readonly Judged[],
  { seed, stop, onFraction }: CurveOptions,
): Promise<LearningCurve> {
  const order = Rng.fromSeed(streamSeed(seed, 'curve')).shuffle(Uint32Array.from(groups, (_, row) => row));
  // of each group every fifth row is asked
  const dealt = [...Map.groupBy(order, (row) => groups[row]!).values()].flat();
  const wrongIn = PARTS.map(() => new Float64Array(names.length));
  const wrong = PARTS.map(() => 0);
  const known = PARTS.map((): KnownRow[] => []);
  const taughtRows = PARTS.map(() => 0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const asked = dealt.filter((_, i) => i % FOLDS === fold);
    const others = dealt.filter((_, i) => i % FOLDS !== fold);
    for (const [part, share] of PARTS.entries()) {
      // a fit blocks: between two of them a wish to stop is heard
      await setImmediate();
      stop?.throwIfAborted();
      const taught = partOf(others, groups, share);
      taughtRows[part]! += taught.length / FOLDS;
      for (const judged of judge(taught, asked)) {
        wrong[part]! += judged.wrong;
        for (const one of judged.in) wrongIn[part]![one]!++;
        if (judged.known) known[part]!.push(judged.known);
      }
      onFraction?.((fold * PARTS.length + part + 1) / (FOLDS * PARTS.length));
    }
  }
  const points = wrong.map((one, part) => ({
    rows: Math.round(taughtRows[part]!),
    asked: groups.length,
    wrong: one,
  }));
  const likely = points.map((point, part) => ({ ...point, wrong: likelyWrong(point.wrong, known[part]!) }));
  return { points, forecast: forecastOf(likely), gains: gainsOf(names, counts, wrongIn) };
}

/**
 * The mean of the wrong rows counted and expected by calibrated scores: a row that was guessed right by luck isn't known. It varies less from
 * draw to draw than the count alone (docs/verdict.md).
 */
function likelyWrong(counted: number, rows: readonly KnownRow[]): number {
  if (rows.length === 0) return counted;
  const temperature = fitTemperature(rows);
  const expected = rows.map(({ scores }) => 1 - Math.max(...probabilities(scores, temperature)));
  return (counted + expected.reduce((sum, one) => sum + one, 0)) / 2;
}

/** Categories or fields that are named. */
const NAMED = 3;
/** One of few rows has what holds for all: for so many rows, and for so many errors. */
const SHRINK = { rows: 5, errors: 10 };
/** What a doubling of all rows leaves of errors. */
const USUALLY_LEFT = 0.75;

/** By the share of rows that are wrong in it, and how far the last doubling took that down. */
function gainsOf(
  names: readonly string[],
  counts: readonly number[],
  wrongIn: readonly Float64Array[],
): CategoryGain[] {
  const [before, last] = wrongIn.slice(-2) as [Float64Array, Float64Array];
  const overall = last.reduce((sum, wrong) => sum + wrong, 0) / counts.reduce((sum, count) => sum + count, 0);
  return names
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

/** The first `share` of each group, at least one row of it. */
function partOf(rows: readonly number[], groups: readonly number[], share: number): number[] {
  return [...Map.groupBy(rows, (row) => groups[row]!).values()].flatMap((of) =>
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
    );
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
    return headAnswerScores(head, of(asked));
  };
}

/** Rows times answers that a curve takes seconds for, rows of an answer that it needs, and rows at most. */
const MOST_WORK = 20_000;
const LEAST_OF_ONE = 6;
const MOST_ROWS = 2000;
/** Fewer rows tell nothing; nor does a smaller share of them, where most categories are yet to come. */
export const LEAST_ROWS = 40;
const LEAST_SHARE = 0.8;

const mostRows = (labels: number) => Math.min(MOST_ROWS, Math.max(MOST_WORK / labels, LEAST_OF_ONE * labels));

function drawn(rows: readonly AnsweredText[], seed: number, most = rows.length): AnsweredText[] {
  const order = Rng.fromSeed(streamSeed(seed, 'curve-rows')).shuffle(Uint32Array.from(rows, (_, row) => row));
  return Array.from(order.slice(0, most), (row) => rows[row]!);
}

/** The rows that a curve is made of, drawn by `seed`: those whose answers have another row; none where they are too few. */
export function curveRows(
  answers: readonly string[],
  rows: readonly AnsweredText[],
  seed: number,
): { readonly answers: readonly string[]; readonly rows: readonly AnsweredText[] } | null {
  const place = placeIn(answers);
  const some = drawn(rows, seed, mostRows(answers.length));
  const counts = Map.groupBy(some, ({ answer }) => place(answer));
  const kept = answers.filter((_, i) => (counts.get(i)?.length ?? 0) > 1);
  const known = some.filter(({ answer }) => place(answer) >= 0 && counts.get(place(answer))!.length > 1);
  const isFew = known.length < Math.max(LEAST_ROWS, LEAST_SHARE * some.length);
  return isFew || kept.length < 2 ? null : { answers: kept, rows: known };
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

export interface FieldsCurve extends TaughtCurve {
  /** Fields of JSON answers whose values come back: the curve is of these; and those of which nearly each row has another value. */
  readonly fields: readonly string[];
  readonly others: readonly string[];
}

/** The curve of word counts that learn each field of JSON answers apart; null for other answers, too few rows, or values that hardly come back. */
export async function fieldsCurve(
  taught: readonly AnsweredText[],
  options: CurveOptions,
): Promise<FieldsCurve | null> {
  const task = detectTask(taught.map(({ answer }) => answer));
  const known = task.kind === 'json' ? taught.filter(({ answer }) => parseObject(answer)) : [];
  const labels = new Map(
    task.fields.map(({ name }) => [
      name,
      new Set(known.map(({ answer }) => canonical(parseObject(answer)![name]))).size,
    ]),
  );
  // a field with one value is form
  const asked = task.fields.filter(({ name }) => labels.get(name)! > 1);
  const fields = asked.filter(({ name }) => comeBack(labels.get(name)!, known.length));
  if (known.length < LEAST_ROWS || fields.length === 0 || 2 * fields.length < asked.length) return null;
  const rows = drawn(
    known,
    options.seed,
    mostRows(fields.reduce((sum, { name }) => sum + labels.get(name)!, 0)),
  );
  const names = fields.map(({ name }) => name);
  const curve = await curveOf(
    rows.map(() => 0),
    names,
    names.map(() => rows.length),
    fieldsWay({ ...task, fields }, rows),
    options,
  );
  const others = asked.filter((one) => !fields.includes(one)).map(({ name }) => name);
  return { ...curve, taught: taught.length, fields: names, others };
}

/** As the counter of a comparison: each field apart, and the share of a row's fields that is right. */
function fieldsWay(task: Task, rows: readonly AnsweredText[]) {
  const wanted = rows.map(({ answer }) => {
    const object = parseObject(answer)!;
    const own = task.fields.flatMap(({ name }) =>
      Object.hasOwn(object, name) ? [[name, object[name]]] : [],
    );
    return Object.fromEntries(own) as Readonly<Record<string, unknown>>;
  });
  const texts = wanted.map((object) => JSON.stringify(object));
  return (taught: readonly number[], asked: readonly number[]): readonly Judged[] => {
    const of = (numbers: readonly number[]) => numbers.map((row) => rows[row]!);
    const said = fieldAnswers(
      task,
      of(taught),
      of(asked).map(({ text }) => text),
      wordLabels,
    );
    return said.map((object, i) => {
      const row = asked[i]!;
      const isWrong = (name: string) => canonical(object[name]) !== canonical(wanted[row]![name]);
      return {
        wrong: 1 - scoreOf(task, JSON.stringify(object), { ...rows[row]!, answer: texts[row]! }),
        in: task.fields.flatMap(({ name }, field) => (isWrong(name) ? [field] : [])),
      };
    });
  };
}
