/** One process at a time works on a pack: two would write over each other's archives. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';

const FILE = 'process';

/** Takes the folder `part` for this process; the result gives it back and deletes the folder where nothing is left in it. */
export async function holdPart(part: string): Promise<() => Promise<void>> {
  const file = path.join(part, FILE);
  const mine = `${process.pid}\n`;
  try {
    await fs.writeFile(file, mine, { flag: 'wx' });
  } catch {
    const pid = Number(await fs.readFile(file, 'utf8').catch(() => ''));
    if (pid !== process.pid && isAlive(pid))
      throw new AppError(
        'pack-busy',
        `The NVIDIA pack is being downloaded by another Fettle (process ${pid}).`,
        'Wait until that has ended, or stop it.',
      );
    await fs.writeFile(file, mine);
  }
  return async () => {
    await fs.rm(file, { force: true });
    await fs.rmdir(part).catch(() => {});
  };
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
