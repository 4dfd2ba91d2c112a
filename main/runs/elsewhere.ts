/** Runs that another computer trains: the file in their folder that says so. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** In the folder of such a run: where its job is, and what of it has been read (targets/place.ts). */
export const PLACE_FILE = 'elsewhere.json';

/** Whether another computer trains the run in this folder. Its job goes on while nobody looks. */
export function isElsewhere(folder: string): boolean {
  return existsSync(path.join(folder, PLACE_FILE));
}
