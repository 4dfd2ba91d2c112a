/** Adding up adapters, of runs or as PEFT writes them, into a new folder. */
import { readdir } from 'node:fs/promises';
import { AppError, nullIfMissing } from '../../../common/errors.ts';
import type { MergeResult } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { makeFolder, requireWritable } from '../../folders.ts';
import type { MergeConfig } from '../config/config.ts';
import { mergeAdapters } from '../io/sum-adapters.ts';
import { adapterFolder } from '../load/adapter.ts';

/** Writes the sum of the adapters of `config`. Throws an AppError where they can't be added up, or `out` is not a new folder. */
export async function merge({ adapter, weight, out }: MergeConfig): Promise<MergeResult> {
  const folders = await Promise.all([adapter].flat().map(adapterFolder));
  const weights = weight?.map(Number) ?? folders.map(() => 1 / folders.length);
  const there = await readdir(out).catch(nullIfMissing(out));
  if (there !== null && there.length > 0)
    throw new AppError('out-exists', say`${out} is not empty.`, say`Choose a new folder.`);
  makeFolder(out);
  requireWritable(out);
  return await mergeAdapters(folders, weights, out);
}
