/** A word counter in a file of its own, which Fettle and two short programs beside it can use; whatever is read back is checked. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, systemError } from '../../../../common/errors.ts';
import type { Calibration } from '../../../../common/protocol/protocol.ts';
import { COUNTER_FILE, COUNTER_PROGRAMS } from '../../../../common/settings/counter.ts';
import { bytes } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { resourcesFolder } from '../../../paths.ts';
import { calibrate } from '../classify/calibration.ts';
import { MOST_ANSWERS } from '../classify/closed-set.ts';
import type { AnswerCounter, CounterPart } from './answer-counter.ts';
import type { MeasuredCounter } from './rivals.ts';
import { ALONE, MOST_FEATURES, WORD } from './word-counts.ts';

/** Of what is in the file. */
const VERSION = 1;
/** Twice the most words times the most answers takes. */
const MOST_BYTES = 64 * 2 ** 20;

/** A counter with what its test rows say of it. */
export interface KeptCounter {
  readonly counter: AnswerCounter;
  readonly calibration: Calibration;
}

/** Keeps a counter in `folder`. */
export async function writeCounter(folder: string, { counter, rows }: MeasuredCounter): Promise<KeptCounter> {
  const calibration = calibrate(counter.answers, rows);
  await writeFileAtomic(path.join(folder, COUNTER_FILE), counterText({ counter, calibration }));
  return { counter, calibration };
}

/** Writes the two short programs that use the file without Fettle. */
export async function writePrograms(folder: string): Promise<void> {
  for (const name of COUNTER_PROGRAMS) {
    const text = await readFile(path.join(resourcesFolder(), 'word-counter', name), 'utf8');
    await writeFileAtomic(path.join(folder, name), text);
  }
}

/** A line for each entry, so that a person can look into it. */
function counterText({ counter: { answers, parts }, calibration }: KeptCounter): string {
  const { features: words, rarity } = parts[0]!.counter;
  const entries = {
    fettle: 'word counter',
    version: VERSION,
    split: WORD,
    alone: aloneRanges(),
    temperature: calibration.temperature,
    answers,
    calibration,
    words,
    rarity,
    parts: parts.map(({ field, of, counter: { weights, labels } }) => {
      const rows = Array.from({ length: words.length + 1 }, (_, word) =>
        Array.from(weights.subarray(word * labels.length, (word + 1) * labels.length)),
      );
      return { field, of, intercept: rows.pop(), weights: rows };
    }),
  };
  const lines = Object.entries(entries).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}

const LAST_CODE_POINT = 0x10ffff;

/** Code points whose letters are words alone, from first to last: other languages' patterns don't know scripts. */
function aloneRanges(): [first: number, last: number][] {
  const pattern = new RegExp(ALONE, 'u');
  const ranges: [number, number][] = [];
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    if (!pattern.test(String.fromCodePoint(point))) continue;
    const range = ranges.at(-1);
    if (range?.[1] === point - 1) range[1] = point;
    else ranges.push([point, point]);
  }
  return ranges;
}

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const figure = { value: share, low: z.number(), high: z.number() };
const distinct = (texts: readonly string[]) => new Set(texts).size === texts.length;

const CALIBRATION = z.object({
  accuracy: z.object({ key: z.null(), rows: count, ...figure }),
  macroF1: share,
  temperature: z.number().positive(),
  fitted: z.number().positive(),
  limit: z.enum(['lowest', 'highest']).nullable(),
  used: z.boolean(),
  errorBefore: share,
  errorAfter: share,
  sure: z.object({ score: share, share, right: share }).nullable(),
  counts: z.array(z.array(count)),
  confused: z.array(z.object({ truth: z.string(), given: z.string(), rows: count })),
}) satisfies z.ZodType<Calibration>;

const FILE = z.object({
  answers: z.array(z.string()).min(2).max(MOST_ANSWERS).refine(distinct),
  calibration: CALIBRATION,
  words: z.array(z.string()).max(MOST_FEATURES).refine(distinct),
  rarity: z.array(z.number().positive()),
  parts: z
    .array(
      z.object({
        field: z.string().nullable(),
        of: z.array(z.int().min(-1)),
        intercept: z.array(z.number()).min(1).max(MOST_ANSWERS),
        weights: z.array(z.array(z.number())),
      }),
    )
    .min(1)
    .max(MOST_ANSWERS),
});

/** The counter kept in `folder`. Throws an AppError where there is none, or where the file is none of Fettle's. */
export async function readCounter(folder: string): Promise<KeptCounter> {
  const file = path.join(folder, COUNTER_FILE);
  const size = await stat(file).then(
    ({ size }) => size,
    (error) => {
      throw systemError(error, file);
    },
  );
  if (size > MOST_BYTES) throw damaged(file, say`It has ${bytes(size)}, more than a word counter takes.`);
  const text = await readFile(file, 'utf8');
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw damaged(file, (error as Error).message);
  }
  const { fettle, version } = Object(found) as { readonly fettle?: unknown; readonly version?: unknown };
  if (fettle === 'word counter' && typeof version === 'number' && version > VERSION)
    throw new AppError(
      'bad-model-version',
      say`A newer version of Fettle wrote ${file}.`,
      say`Update Fettle, or train the word counter again.`,
    );
  if (fettle !== 'word counter' || version !== VERSION) throw damaged(file, say`It is no word counter.`);
  const { data, error } = FILE.safeParse(found);
  if (!data) throw damaged(file, error.issues[0]?.message ?? '');
  const { answers, calibration, words, rarity, parts } = data;
  const isWhole =
    rarity.length === words.length &&
    parts.every(
      ({ of, intercept, weights }) =>
        of.length === answers.length &&
        of.every((label) => label < intercept.length) &&
        weights.length === words.length &&
        weights.every((row) => row.length === intercept.length),
    );
  if (!isWhole) throw damaged(file, say`Its lists have different lengths.`);
  const counterOf = ({ intercept, weights }: (typeof parts)[number]): CounterPart['counter'] => ({
    features: words,
    rarity,
    labels: intercept.map((_, label) => String(label)),
    weights: Float64Array.from([...weights, intercept].flat()),
  });
  return {
    counter: {
      answers,
      parts: parts.map((part) => ({ field: part.field, of: part.of, counter: counterOf(part) })),
    },
    calibration,
  };
}

function damaged(file: string, why: string): AppError {
  return new AppError('bad-model', say`${file} can't be used: ${why}`, say`Train the word counter again.`);
}
