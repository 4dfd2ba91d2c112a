/** A word counter in a file of its own, which Fettle and two short programs beside it can use. */

import { z } from 'zod';
import type { Calibration } from '../../../../common/protocol/protocol.ts';
import { UNSPACED } from '../../../../common/words/unspaced.ts';
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
import { MOST_FEATURES, WORD } from './word-counts.ts';

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
    split: WORD,
    alone: aloneRanges(),
    temperature: calibration.temperature,
    answers,
    calibration,
    words,
    rarity,
    parts: parts.map(({ field, of, counter: { weights, labels } }) => ({
      ...{ field, of },
      ...partRows(weights, labels.length),
    })),
  });
  return { counter, calibration };
}

const LAST_CODE_POINT = 0x10ffff;

/** Code points whose letters are words alone, from first to last: other languages' patterns don't know scripts. */
function aloneRanges(): [first: number, last: number][] {
  const pattern = new RegExp(UNSPACED, 'u');
  const ranges: [number, number][] = [];
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    if (!pattern.test(String.fromCodePoint(point))) continue;
    const range = ranges.at(-1);
    if (range?.[1] === point - 1) range[1] = point;
    else ranges.push([point, point]);
  }
  return ranges;
}

const FILE = z.object({
  ...SORTER,
  words: z.array(z.string()).max(MOST_FEATURES).refine(distinct),
  rarity: z.array(z.number().positive()),
  parts: PARTS,
});

/** The counter kept in `folder`. Throws an AppError where there is none, or where the file is none of Fettle's. */
export async function readCounter(folder: string): Promise<KeptCounter> {
  const { answers, calibration, words, rarity, parts } = await readSorterFile(
    folder,
    'words',
    FILE,
    (found) =>
      found.rarity.length === found.words.length &&
      isWhole(found.parts, found.answers.length, found.words.length),
  );
  const counterOf = (part: (typeof parts)[number]) => ({
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
