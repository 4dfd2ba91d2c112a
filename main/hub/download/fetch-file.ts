/** Brings one file: its ranges side by side into a `.part` file, then the hash, and only then its name. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { damaged } from '../errors.ts';
import { fetchRange, NoRanges, type Source } from './fetch-range.ts';
import { fileMatches } from './hash.ts';
import { inParallel } from './parallel.ts';
import { PartFile } from './part-file.ts';
import { adopt, forget, type RecordedFile, rangesOf } from './record.ts';

export interface FetchOptions extends Source {
  readonly folder: string;
  /** Whether the ranges were written by this process, and need not be read again. */
  readonly trusted: boolean;
  /** Given the open file while there is one, so that it can be flushed before what it holds is recorded. */
  readonly onOpen: (part: PartFile | null) => void;
}

/** Resolves when `file` is in `folder` under its name, with the right hash. A wrong hash is given one more chance. */
export async function fetchFile(options: FetchOptions, file: RecordedFile): Promise<void> {
  const target = path.join(options.folder, file.path);
  if (file.checked && (await sizeOf(target)) === file.bytes) return;
  if (file.checked) forget(file);
  if ((await sizeOf(target)) === file.bytes && (await fileMatches(target, file, options.signal))) {
    adopt(file);
    return;
  }
  for (const trusted of [options.trusted, true]) {
    await fetchContent({ ...options, trusted }, file, `${target}.part`);
    if (await fileMatches(`${target}.part`, file, options.signal)) {
      await fs.rename(`${target}.part`, target);
      adopt(file);
      return;
    }
    forget(file);
  }
  await fs.rm(`${target}.part`, { force: true });
  throw damaged(file.path, options.repo);
}

async function fetchContent(options: FetchOptions, file: RecordedFile, partPath: string): Promise<void> {
  const part = await PartFile.open(partPath, file, options.trusted);
  options.onOpen(part);
  try {
    await fetchRanges(options, part, file);
  } finally {
    await part.sync().finally(() => {
      options.onOpen(null);
      return part.close();
    });
  }
}

async function fetchRanges(options: FetchOptions, part: PartFile, file: RecordedFile): Promise<void> {
  const each = (signal: AbortSignal) => (range: RecordedFile['ranges'][number]) =>
    fetchRange({ ...options, signal }, part, range);
  try {
    await inParallel(file.ranges, options.tuning.rangesAtOnce, options.signal, each);
  } catch (error) {
    if (!(error instanceof NoRanges)) throw error;
    file.ranges = rangesOf(file.bytes, Math.max(file.bytes, 1));
    await inParallel(file.ranges, 1, options.signal, each);
  }
}

async function sizeOf(file: string): Promise<number | null> {
  const stats = await fs.lstat(file).catch(() => null);
  return stats?.isFile() ? stats.size : null;
}
