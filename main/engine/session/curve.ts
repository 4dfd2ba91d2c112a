/** How much more rows would bring to a sorter of a person's data: learned in parts by each way that is here, and forecast. */
import { AppError } from '../../../common/errors.ts';
import type { CurveResult } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { type CurveConfig, parseSorterConfig } from '../config/config.ts';
import { type AnsweredText, crossedAnswers } from '../eval/rivals/answer-parts.ts';
import {
  curveRows,
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
import { readRows } from './sorter-rows.ts';

/** Nothing is kept there. */
const NOWHERE = '-';

export async function forecastRows(config: CurveConfig, io: JobIo): Promise<CurveResult> {
  const started = performance.now();
  const { seed, threads } = config;
  const { words, encoders } = await waysOf(config);
  const {
    answers: all,
    taught,
    asked,
    skippedRows,
  } = await readRows(parseSorterConfig({ ...config, out: NOWHERE }), io);
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
    learningCurve(answers, rows, way, {
      ...{ seed, stop: io.stop },
      onFraction: (fraction) => io.emit({ event: 'phase', phase: 'evaluate', detail, fraction }),
    });
  const found: { readonly curve: LearningCurve; readonly encoder: string | null }[] = [];
  if (words) {
    const { strengths } = crossedCounter(answers, rows, seed);
    const curve = await curveBy(wordsWay(answers, rows, strengths), say`Counting the words`);
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
  const forecast = (times: number) => ({ rows: times * count, accuracy: curve.forecast.at(times * count) });
  return {
    method: name === null ? 'words' : 'vectors',
    ...{ encoder: name, categories: all.length, skippedRows },
    points: curve.points,
    forecasts: [forecast(1), forecast(2), forecast(4)],
    gains: curve.gains,
    seconds: (performance.now() - started) / 1000,
  };
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
          ...{ event: 'phase', phase: 'evaluate', fraction: done / total },
          detail: say`Reading with ${name}`,
        }),
    });
  } finally {
    await open.close();
  }
}
