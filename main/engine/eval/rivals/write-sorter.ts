/** Keeps a sorter in a folder, with the encoder where that was trained. */
import path from 'node:path';
import { OWN_ENCODER } from '../../../../common/settings/sorters.ts';
import { encoderFiles } from '../../load/find-encoders.ts';
import { writeEncoder } from '../../load/write-encoder.ts';
import { writeCounter } from './counter-file.ts';
import { writeHead } from './head-file.ts';
import type { MeasuredSorter } from './rung.ts';

export async function writeSorter(folder: string, measured: MeasuredSorter): Promise<void> {
  if (measured.method === 'words') {
    await writeCounter(folder, measured);
    return;
  }
  const { values, encoder } = measured;
  if (!values) {
    await writeHead(folder, measured);
    return;
  }
  const own = path.join(folder, OWN_ENCODER);
  await writeEncoder(measured.folder, own, values);
  await writeHead(folder, { ...measured, encoder: { ...encoder, files: await encoderFiles(own) } });
}
