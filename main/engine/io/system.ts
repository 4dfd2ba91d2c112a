/** What the system tells of files and free space. */
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';

/** Bytes that this user may still write in `folder`, or the nearest folder above it that exists. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const stats = await statfs(folder);
    return stats.bavail * stats.bsize;
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    return await freeBytes(parent);
  }
}

/** Fails with an AppError that names needed and free bytes when `folder` cannot take `bytes` more. */
export async function requireFreeBytes(folder: string, bytes: number, purpose: string): Promise<void> {
  const free = await freeBytes(folder);
  if (bytes <= free) return;
  throw new AppError(
    'disk-full',
    say`${purpose} needs ${formatBytes(bytes)} in ${folder}, but only ${formatBytes(free)} are free.`,
    say`Free some space, or choose a folder on another disk.`,
  );
}

/** Bytes with a readable unit beside the exact number. */
function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length);
  if (power < 1) return `${bytes} bytes`;
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]} (${bytes} bytes)`;
}

/** Whether something lies at `file` and can be seen. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
