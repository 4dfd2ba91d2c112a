/** A word counter in a file of its own, which Fettle and two short programs beside it can use. */

import { z } from 'zod';
import type { Calibration } from '../../../../common/protocol/protocol.ts';
import { calibrate } from '../classify/calibration.ts';
import type { AnswerCounter } from './answer-counter.ts';
import type { MeasuredCounter } from './rivals.ts';
import {
  distinct,
  isWhole,
  PARTS,
  partRows,
  partWeights,
  readSorterFile,
  SORTER,
  writeSorterFile,
} from './sorter-file.ts';
import { LETTERS, MOST_FEATURES, type WordCounter } from './word-counts.ts';

/** A counter with what its test rows say of it. */
export interface KeptCounter {
  readonly counter: AnswerCounter;
  readonly calibration: Calibration;
}

/** Keeps a counter in `folder`. */
export async function writeCounter(
  folder: string,
  { counter, rows, crossed }: MeasuredCounter,
): Promise<KeptCounter> {
  const { answers, parts } = counter;
  const calibration = calibrate(answers, rows, crossed);
  const { features: words, rarity } = parts[0]!.counter;
  await writeSorterFile(folder, 'words', {
    letters: LETTERS,
    temperature: calibration.temperature,
    answers,
    calibration,
    words,
    rarity,
    parts: parts.map(({ field, of, counter: { weights, labels } }) => ({
      field,
      of,
      ...partRows(weights, labels.length),
    })),
  });
  return { counter, calibration };
}

const FILE = z.object({
  ...SORTER,
  /** Left out where words and pairs of words are counted, as by earlier versions. */
  letters: z.tuple([z.literal(LETTERS[0]), z.literal(LETTERS[1])]).exactOptional(),
  words: z.array(z.string()).max(MOST_FEATURES).refine(distinct),
  rarity: z.array(z.number().positive()),
  parts: PARTS,
});

/** The counter kept in `folder`. Throws an AppError where there is none, or where the file is none of Fettle's. */
export async function readCounter(folder: string): Promise<KeptCounter> {
  const { answers, calibration, letters, words, rarity, parts } = await readSorterFile(
    folder,
    'words',
    FILE,
    (found) =>
      found.rarity.length === found.words.length &&
      isWhole(found.parts, found.answers.length, found.words.length),
  );
  const unit = letters ? 'letters' : 'words';
  const counterOf = (part: (typeof parts)[number]): WordCounter => ({
    unit,
    features: words,
    rarity,
    labels: part.intercept.map((_, label) => String(label)),
    weights: partWeights(part),
  });
  return {
    counter: {
      answers,
      parts: parts.map((part) => ({ field: part.field, of: part.of, counter: counterOf(part) })),
    },
    calibration,
  };
}
