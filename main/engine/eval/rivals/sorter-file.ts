/** Files of trained sorters, which other programs read too: written a line for each entry, and checked when they are read back. */

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, systemError } from '../../../../common/errors.ts';
import type { Calibration, SorterColumn, SorterSet } from '../../../../common/protocol/protocol.ts';
import { COLUMNS_FILE, SORTERS, type SorterMethod } from '../../../../common/settings/sorters.ts';
import { bytes } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { resourcesFolder } from '../../../paths.ts';
import { MOST_LABELS } from '../assess/task.ts';

/** Twice the most words times the most answers takes. */
const MOST_BYTES = 128 * 2 ** 20;

/** Where the programs lie that come with a sorter, and what its file calls itself. */
const KINDS: Readonly<Record<SorterMethod, { readonly folder: string; readonly kind: string }>> = {
  words: { folder: 'word-counter', kind: 'word counter' },
  vectors: { folder: 'vector-head', kind: 'vector head' },
};

/** Of what is in the files. */
const VERSION = 1;

/** Writes `entries` into the sorter's file in `folder`, a line for each, so that a person can look into it. */
export async function writeSorterFile(
  folder: string,
  method: SorterMethod,
  entries: Readonly<Record<string, unknown>>,
): Promise<void> {
  const all = { fettle: KINDS[method].kind, version: VERSION, ...entries };
  const lines = Object.entries(all).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  await writeFileAtomic(path.join(folder, SORTERS[method].file), `{\n${lines.join(',\n')}\n}\n`);
}

/** Writes the short programs that use the file without Fettle. */
export async function writePrograms(folder: string, method: SorterMethod): Promise<void> {
  for (const name of SORTERS[method].programs) {
    const text = await readFile(path.join(resourcesFolder(), KINDS[method].folder, name), 'utf8');
    await writeFileAtomic(path.join(folder, name), text);
  }
}

/** What a sorter fills, as its run.json says it. */
export interface SavedColumns {
  readonly columns?: readonly SorterColumn[];
  readonly sets?: readonly Pick<SorterSet, 'name' | 'categories'>[];
}

/** Writes what the programs need of several columns; nothing where there is one. `before`: what stands before the names of their files. */
export async function writeColumnsFile(
  folder: string,
  method: SorterMethod,
  { columns = [], sets = [] }: SavedColumns,
  before = '',
): Promise<void> {
  if (columns.length < 2) return;
  const entries = columns.map(({ name, of, from, folder: own }) => {
    const file = `${before}${path.posix.join(own, SORTERS[method].file)}`;
    if (of === undefined) return { name, file };
    const place = columns.filter((column) => column.of === of).findIndex((column) => column.name === name);
    const category = sets.find((set) => set.name === of)?.categories[place] ?? name;
    return { name: of, category, from, file };
  });
  const lines = entries.map((entry) => JSON.stringify(entry));
  await writeFileAtomic(path.join(folder, `${before}${COLUMNS_FILE}`), `[\n${lines.join(',\n')}\n]\n`);
}

/** What a part's lists must have: categories of `of` among those of its intercept, and a row of weights for each of `features`. */
export const PARTS = z
  .array(
    z.object({
      field: z.string().nullable(),
      of: z.array(z.int().min(-1)),
      intercept: z.array(z.number()).min(1).max(MOST_LABELS),
      weights: z.array(z.array(z.number())),
    }),
  )
  .min(1)
  .max(MOST_LABELS);
type Part = z.output<typeof PARTS>[number];

/** Weights [features + 1, labels] as rows, the intercept apart. */
export function partRows(weights: Float64Array, labels: number): Pick<Part, 'intercept' | 'weights'> {
  const rows = Array.from({ length: weights.length / labels }, (_, row) =>
    Array.from(weights.subarray(row * labels, (row + 1) * labels)),
  );
  return { intercept: rows.pop()!, weights: rows };
}

export function partWeights({ intercept, weights }: Part): Float64Array {
  return Float64Array.from([...weights, intercept].flat());
}

/** Whether the lists have the lengths of so many answers and features. */
export function isWhole(parts: readonly Part[], answers: number, features: number): boolean {
  return parts.every(
    ({ of, intercept, weights }) =>
      of.length === answers &&
      of.every((label) => label < intercept.length) &&
      weights.length === features &&
      weights.every((row) => row.length === intercept.length),
  );
}

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const figure = { value: share, low: z.number(), high: z.number() };
export const distinct = (texts: readonly string[]) => new Set(texts).size === texts.length;

/** Of every sorter. */
export const SORTER = {
  answers: z.array(z.string()).min(2).max(MOST_LABELS).refine(distinct),
  calibration: z.object({
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
  }) satisfies z.ZodType<Calibration>,
};

/** What is in the sorter's file in `folder`. Throws an AppError where there is none, or where the file is none of Fettle's. */
export async function readSorterFile<Schema extends z.ZodType>(
  folder: string,
  method: SorterMethod,
  schema: Schema,
  isRight: (data: z.output<Schema>) => boolean,
): Promise<z.output<Schema>> {
  const { kind } = KINDS[method];
  const file = path.join(folder, SORTERS[method].file);
  const size = await stat(file).then(
    ({ size }) => size,
    (error) => {
      throw systemError(error, file);
    },
  );
  if (size > MOST_BYTES) throw damaged(file, say`It has ${bytes(size)}, more than a sorter takes.`);
  const text = await readFile(file, 'utf8');
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw damaged(file, (error as Error).message);
  }
  const { fettle, version } = Object(found) as { readonly fettle?: unknown; readonly version?: unknown };
  if (fettle === kind && typeof version === 'number' && version > VERSION)
    throw new AppError(
      'bad-model-version',
      say`A newer version of Fettle wrote ${file}.`,
      say`Update Fettle, or train the sorter again.`,
    );
  if (fettle !== kind || version !== VERSION) throw damaged(file, say`It is not a sorter.`);
  const { data, error } = schema.safeParse(found);
  if (!data) throw damaged(file, error?.issues[0]?.message ?? '');
  if (!isRight(data)) throw damaged(file, say`Its lists have different lengths.`);
  return data;
}

function damaged(file: string, why: string): AppError {
  return new AppError('bad-model', say`${file} can't be used: ${why}`, say`Train the sorter again.`);
}
