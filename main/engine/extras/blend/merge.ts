/** Adapters added up to one that does what all of them do. */
import { readdir } from 'node:fs/promises';
import { AppError, nullIfMissing } from '../../../../common/errors.ts';
import { MERGE_SETTINGS } from '../../../../common/extras/blend/command-settings.ts';
import type { MergeResult } from '../../../../common/extras/blend/merge-result.ts';
import { say } from '../../../../common/words/language.ts';
import { makeFolder, requireWritable } from '../../../folders.ts';
import { parserOf } from '../../config/config.ts';
import { adapterFolder } from '../../load/adapter.ts';
import type { Given } from '../../session/call-row.ts';
import { mergeAdapters } from './sum-adapters.ts';

export const parseMergeConfig = parserOf(MERGE_SETTINGS);
export type MergeConfig = ReturnType<typeof parseMergeConfig>;

/** Writes the sum of the adapters that are `given`, of runs or as PEFT writes them. Throws an AppError where they can't be added up, or `out` is not a new folder. */
export async function merge(given: Given<MergeConfig>): Promise<MergeResult> {
  const { adapter, weight, out } = parseMergeConfig(given);
  const folders = await Promise.all([adapter].flat().map(adapterFolder));
  const weights = weight?.map(Number) ?? folders.map(() => 1 / folders.length);
  const there = await readdir(out).catch(nullIfMissing(out));
  if (there !== null && there.length > 0)
    throw new AppError('out-exists', say`${out} is not empty.`, say`Choose a new folder.`);
  makeFolder(out);
  requireWritable(out);
  return await mergeAdapters(folders, weights, out);
}
