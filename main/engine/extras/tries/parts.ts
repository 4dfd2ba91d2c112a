/** The rows of a run as files: half of its training rows, half of that half, and its test rows, each as the run reads them. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import { UNFINISHED } from '../../../../common/settings/rows.ts';
import { say } from '../../../../common/words/language.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { makeFolder } from '../../../folders.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { TrainingRow } from '../../../rows/schema.ts';
import type { RunConfig } from '../../config/config.ts';
import type { TokenStore } from '../../data/tokens/token-store.ts';
import { rowsOf } from '../../eval/assess/assess-rows.ts';
import { type DataContext, ONE_SECTION, readPart, readRunData } from '../../step/run-data.ts';

/** Of the training rows, the smaller one first: each part lies within the next. */
export const PARTS = { quarter: 1 / 4, half: 1 / 2 } as const;
export type PartName = keyof typeof PARTS;
export const PART_NAMES: readonly PartName[] = ['quarter', 'half'];

export interface RunParts {
  readonly rows: Readonly<Record<PartName | 'all', number>>;
  readonly tests: number;
  /** Tells whether the rows are still those that the files were made of. */
  readonly dataHash: string;
}

export const fileOf = (folder: string, part: PartName | 'test') => path.join(folder, `${part}.jsonl`);

/** The settings of a run that learns from the files in `folder`, which say all that was read. */
export function partConfig(
  { map: _, promptTemplate: __, system: ___, look: ____, ...config }: RunConfig,
  folder: string,
  part: PartName,
): RunConfig {
  return {
    ...config,
    ...{ data: [fileOf(folder, part)], evalData: [fileOf(folder, 'test')], heldOut: 0 },
    ...{ out: path.join(folder, part), assess: false, samplePrompts: [] },
  };
}

/** How many rows there are to train on and to test with, and whether they are those of before. */
export async function partsOf(config: RunConfig, context: DataContext): Promise<RunParts> {
  const data = await readRunData({ ...config, replay: 0 }, { ...context, limits: ONE_SECTION });
  try {
    const all = data.rows.length;
    return {
      rows: { quarter: Math.round(PARTS.quarter * all), half: Math.round(PARTS.half * all), all },
      tests: data.heldOutRows.length,
      dataHash: [data.store.contentHash, data.evalStore?.contentHash ?? ''].join(' '),
    };
  } finally {
    await data.close();
  }
}

/** Writes the files. Throws an AppError for rows that would be read in another way from there. */
export async function writeParts(
  config: RunConfig,
  folder: string,
  parts: RunParts,
  context: DataContext,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  makeFolder(folder);
  const data = await readRunData({ ...config, replay: 0 }, { ...context, limits: ONE_SECTION });
  try {
    const { store, evalStore, from, heldOutRows } = data;
    const order = Rng.fromSeed(streamSeed(config.seed, 'tries')).shuffle(data.rows.slice());
    const half = order.slice(0, parts.rows.half);
    const taught = await rowsOf(from.store, store, half, config, context);
    const tests = await rowsOf(
      from.evalStore ?? from.store,
      evalStore ?? store,
      heldOutRows,
      config,
      context,
    );
    await write(fileOf(folder, 'test'), heldOutRows, tests);
    for (const part of PART_NAMES) {
      const rows = half.slice(0, parts.rows[part]);
      await write(fileOf(folder, part), rows, taught);
      const again = await readPart('all', partConfig(config, folder, part), context);
      try {
        const hash = ({ hashes }: TokenStore, row: number) =>
          [hashes.at(2 * row), hashes.at(2 * row + 1)].join();
        const isSame = (row: number, i: number) => hash(again.store, i) === hash(store, row);
        if (again.store.count !== rows.length || !rows.every(isSame)) throw unlike();
      } finally {
        await again.close();
      }
    }
  } finally {
    await data.close();
  }
}

async function write(
  file: string,
  order: Uint32Array,
  rows: ReadonlyMap<number, TrainingRow>,
): Promise<void> {
  const lines = Array.from(order, (row) => {
    const found = rows.get(row);
    return `${JSON.stringify(found && columnsOf(found))}\n`;
  });
  await writeFileAtomic(file, lines.join(''));
}

/** The line of JSON that reads back as the same row. */
function columnsOf({ kind: _, ...row }: TrainingRow): object {
  if ('messages' in row && row.contextMessages) {
    const { messages, contextMessages, ...tools } = row;
    return {
      prompt: messages.slice(0, contextMessages),
      completion: messages.slice(contextMessages),
      ...tools,
    };
  }
  if ('unfinished' in row && row.unfinished) return { ...row, [UNFINISHED]: 'yes' };
  return row;
}

function unlike(): AppError {
  return new AppError(
    'no-forecast',
    say`These rows can't be tried in parts: from a file of their own they would be read differently.`,
    say`Train with more rows to see what they bring.`,
  );
}
