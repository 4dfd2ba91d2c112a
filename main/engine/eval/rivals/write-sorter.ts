/** Keeps a sorter in a folder, with the encoder where that was trained. */
import path from 'node:path';
import { OWN_ENCODER } from '../../../../common/settings/sorters.ts';
import { encoderFiles } from '../../load/find-encoders.ts';
import { writeEncoder } from '../../load/write-encoder.ts';
import { writeCounter } from './counter-file.ts';
import { writeHead } from './head-file.ts';
import type { HeadSorter, MeasuredSorter } from './rung.ts';

export async function writeSorter(folder: string, measured: MeasuredSorter): Promise<void> {
  if (measured.method === 'words') await writeCounter(folder, measured);
  else await writeHead(folder, measured);
}

/** Writes the encoder that was trained with a sorter into `folder`; gives the sorter with that encoder. */
export async function writeTrained(folder: string, measured: MeasuredSorter): Promise<MeasuredSorter> {
  if (measured.method === 'words' || !measured.values) return measured;
  const own = path.join(folder, OWN_ENCODER);
  await writeEncoder(measured.folder, own, measured.values);
  const files = await encoderFiles(own);
  const withOwn = ({ values: _, ...one }: HeadSorter): HeadSorter => ({
    ...one,
    folder: own,
    encoder: { ...one.encoder, files },
    ...(one.others && { others: one.others.map(withOwn) }),
  });
  return withOwn(measured);
}
