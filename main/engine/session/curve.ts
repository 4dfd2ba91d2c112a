/** How much more rows would bring to a sorter of a person's data: learned in parts by each way that is here, and forecast. */
import { AppError } from '../../../common/errors.ts';
import type { CurveResult } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { type CurveConfig, parseSorterConfig } from '../config/config.ts';
import type { AnsweredText } from '../eval/answered-text.ts';
import { crossedAnswers } from '../eval/rivals/answer-parts.ts';
import { isClose } from '../eval/rivals/forecast.ts';
import {
  curveRows,
  fieldsCurve,
  LEAST_ROWS,
  type LearningCurve,
  learningCurve,
  type SortingWay,
  vectorsWay,
  wordsWay,
} from '../eval/rivals/learning-curve.ts';
import { crossedCounter } from '../eval/rivals/rivals.ts';
import { headRows } from '../eval/rivals/vector-head.ts';
import { openTextVectors } from '../eval/vectors/vectors.ts';
import type { FoundEncoder } from '../load/find-encoders.ts';
import type { JobIo } from '../load/ready-model.ts';
import { waysOf } from './sorter.ts';
import { type Answered, readAnswered, readRows } from './sorter-rows.ts';

/** Nothing is kept there. */
const NOWHERE = '-';

export async function forecastRows(given: CurveConfig, io: JobIo): Promise<CurveResult> {
  const started = performance.now();
  const config = parseSorterConfig({ ...given, out: NOWHERE });
  const rows = await readRows(config, io).catch(async (error: unknown) => {
    const known = notClosed(error) && given.by !== 'vectors' ? await readAnswered(config, io) : null;
    if (!known) throw error;
    return { known, error };
  });
  const found = 'known' in rows ? await ofFields(rows, given, io) : await ofCategories(rows, given, io);
  const { curve, count, ...about } = found;
  const forecast = (times: number) => {
    const accuracy = curve.forecast.at(times * count);
    return { rows: times * count, accuracy, isClose: isClose(accuracy) };
  };
  return {
    ...about,
    points: curve.points,
    forecasts: [forecast(1), forecast(2), forecast(4)],
    gains: curve.gains,
    seconds: (performance.now() - started) / 1000,
  };
}

const notClosed = (error: unknown) => error instanceof AppError && error.code === 'no-categories';

const telling =
  (io: JobIo, detail: string): ((fraction: number) => void) =>
  (fraction) =>
    io.emit({ event: 'phase', phase: 'evaluate', detail, fraction });

/** Of answers that are no categories each field, where they are JSON. Throws an AppError for all others. */
async function ofFields(
  { known, error }: { readonly known: Answered; readonly error: unknown },
  { seed }: CurveConfig,
  io: JobIo,
) {
  const { rows, skippedRows } = known;
  const options = { seed, stop: io.stop, onFraction: telling(io, say`Learning word counts`) };
  const curve = await fieldsCurve(rows, options);
  if (!curve) throw unforeseen(error);
  const fields = { forecast: curve.fields, others: curve.others };
  return {
    curve,
    count: rows.length,
    skippedRows,
    categories: null,
    fields,
    method: 'words' as const,
    encoder: null,
  };
}

function unforeseen(cause: unknown): AppError {
  return new AppError(
    'no-forecast',
    say`What more rows would bring can be told of categories and of fields of JSON whose values come back, not of these answers.`,
    say`A language model can still learn from more rows. How much, only a training with them shows.`,
    { cause },
  );
}

async function ofCategories(
  { answers: all, taught, asked, skippedRows }: Awaited<ReturnType<typeof readRows>>,
  config: CurveConfig,
  io: JobIo,
) {
  const { seed, threads } = config;
  const { words, encoders } = await waysOf(config);
  const count = taught.length + asked.length;
  const drawn = curveRows(all, [...taught, ...asked], seed);
  if (!drawn)
    throw new AppError(
      'too-few-rows',
      say`A forecast needs ${LEAST_ROWS} rows, and categories that come back; there are ${count} rows.`,
      say`Add rows first.`,
    );
  const { answers, rows } = drawn;
  const curveBy = (way: SortingWay, detail: string) =>
    learningCurve(answers, rows, way, { seed, stop: io.stop, onFraction: telling(io, detail) });
  const found: { readonly curve: LearningCurve; readonly encoder: string | null }[] = [];
  if (words) {
    const { strengths } = crossedCounter(answers, rows, seed);
    const curve = await curveBy(wordsWay(answers, rows, strengths), say`Learning word counts`);
    found.push({ curve, encoder: null });
  }
  // the smallest: another one takes as long again and changes the curve little
  const [encoder] = encoders;
  if (encoder) {
    const vectors = await vectorsOf(encoder, rows, threads, io);
    const { strengths } = crossedAnswers(
      answers,
      rows,
      (labels) => headRows((row) => vectors[row]!, labels),
      seed,
    );
    const way = vectorsWay(answers, rows, vectors, strengths);
    found.push({ curve: await curveBy(way, say`Reading with ${encoder.name}`), encoder: encoder.name });
  }
  const { curve, encoder: name } = found.reduce((best, one) =>
    wrongIn(one.curve) < wrongIn(best.curve) ? one : best,
  );
  const method = name === null ? ('words' as const) : ('vectors' as const);
  return { curve, count, skippedRows, categories: all.length, fields: null, method, encoder: name };
}

const wrongIn = ({ points }: LearningCurve) => points.at(-1)!.wrong;

async function vectorsOf(
  { path, name, prompt }: FoundEncoder,
  rows: readonly AnsweredText[],
  threads: number,
  { emit, stop }: JobIo,
): Promise<readonly Float32Array[]> {
  const open = await openTextVectors(path, threads);
  try {
    const texts = rows.map(({ text }) => text);
    return await open.of(texts, {
      ...(prompt !== undefined && { prompt }),
      stop,
      onProgress: (done, total) =>
        emit({
          event: 'phase',
          phase: 'evaluate',
          fraction: done / total,
          detail: say`Reading with ${name}`,
        }),
    });
  } finally {
    await open.close();
  }
}
