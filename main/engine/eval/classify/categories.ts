/** The file in a run's folder that keeps its categories and how far their scores can be believed, by the rows of its verdict. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Calibration } from '../../../../common/protocol/protocol.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { calibrate, type KnownRow } from './calibration.ts';

export const CATEGORIES_FILE = 'categories.json';
/** Of what is in the file; another one is measured again. */
const VERSION = 2;

export interface Categories {
  readonly labels: readonly string[];
  readonly calibration: Calibration;
}

/** Keeps what the test rows `rows` say of the run in `folder`. */
export async function keepCategories(
  folder: string,
  labels: readonly string[],
  rows: readonly KnownRow[],
): Promise<Categories> {
  const kept: Categories = { labels, calibration: calibrate(labels, rows) };
  const text = `${JSON.stringify({ version: VERSION, ...kept }, null, 2)}\n`;
  await writeFileAtomic(path.join(folder, CATEGORIES_FILE), text);
  return kept;
}

/** What was kept, where the `result` of the run has not changed since. */
export async function keptCategories(folder: string, result: string): Promise<Categories | null> {
  const file = path.join(folder, CATEGORIES_FILE);
  try {
    const [kept, trained] = await Promise.all([stat(file), stat(result)]);
    if (kept.mtimeMs < trained.mtimeMs) return null;
    const { version, ...categories } = JSON.parse(await readFile(file, 'utf8')) as Categories & {
      readonly version?: number;
    };
    return version === VERSION ? categories : null;
  } catch {
    return null;
  }
}
