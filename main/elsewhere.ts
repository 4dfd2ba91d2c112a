/** Runs that another computer trains: the file in their folder that says so. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isRecord, parsedJson } from '../common/values.ts';
import { readText } from './processes.ts';

/** In the folder of such a run: where its job is, and what of it has been read (targets/place.ts). */
export const PLACE_FILE = 'elsewhere.json';

/** Whether another computer trains the run in this folder. Its job goes on while nobody looks. */
export function isElsewhere(folder: string): boolean {
  return existsSync(path.join(folder, PLACE_FILE));
}

/** The name of the target that trains the run in this folder; null where this computer does, or the file is damaged. */
export function targetOfRun(folder: string): string | null {
  const found = parsedJson(readText(path.join(folder, PLACE_FILE)) ?? '');
  return isRecord(found) && typeof found.target === 'string' ? found.target : null;
}
