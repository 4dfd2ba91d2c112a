/** What a run's folder tells without the engine: whether there is something to go on from. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Whether a checkpoint is in the folder of a run. */
export function hasCheckpoint(folder: string): boolean {
  try {
    const names = readdirSync(path.join(folder, 'checkpoints'));
    return names.some((name) => /^step-\d+\.safetensors$/.test(name));
  } catch {
    return false;
  }
}
