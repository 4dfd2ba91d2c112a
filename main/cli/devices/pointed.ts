/** Tells this process, and those that it starts, where packs are when the data folder has moved: engines do not know the store. */
import path from 'node:path';
import { dataFolder } from '../../paths.ts';
import { followPointers, hasPointer } from '../../store/data-files.ts';

/** Sets `FETTLE_PACKS` where it is needed; a data folder that is lost is said by who needs it. */
export function pointToPacks(): void {
  const folder = dataFolder();
  if (process.env.FETTLE_PACKS || !hasPointer(folder)) return;
  try {
    process.env.FETTLE_PACKS = path.join(followPointers(folder).at(-1)!, 'packs');
  } catch {
    // without packs the processor is there still
  }
}
