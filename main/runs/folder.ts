/** What a run's folder tells without the engine: whether there is something to go on from, and who works there. */
import { readdirSync, readFileSync } from 'node:fs';
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

/** The process that holds the lock of a run's folder and still runs; null for none. */
export function workingProcess(folder: string): number | null {
  try {
    const [pid = '', start = ''] = readFileSync(path.join(folder, '.lock'), 'utf8').trim().split(' ');
    return isAlive(Number(pid), start) ? Number(pid) : null;
  } catch {
    return null;
  }
}

/** Whether that very process runs: its number may belong to another one by now, which Linux can tell by its start. */
function isAlive(pid: number, start: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state !== 'Z' && state !== 'X' && (start === '' || fields[18] === start);
  } catch {
    return true;
  }
}
