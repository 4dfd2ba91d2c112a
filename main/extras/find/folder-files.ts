/** The files of a person's folder that are searched in: its own, by name; what leads out of it is left out and told. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, systemError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { requireOwnFile } from '../../folders.ts';
import { isSearchedName } from './names.ts';

export interface FolderFile {
  /** Below the folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** In milliseconds. */
  readonly changed: number;
}

export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** More are a disk, and no folder of documents. */
const MOST_FILES = 50_000;
const MOST_LEVELS = 40;
/** Larger ones are no text that anybody wrote. */
const MOST_BYTES = 1e9;
/** Folders of programs, whose texts nobody looks for. */
const NOT_OPENED = new Set(['node_modules', '__pycache__']);

/** The files below `folder`, by path. Hidden ones are left out silently, as are files of other kinds. */
export async function folderFiles(
  folder: string,
  signal?: AbortSignal,
): Promise<{ readonly files: readonly FolderFile[]; readonly leftOut: readonly LeftOut[] }> {
  const files: FolderFile[] = [];
  const leftOut: LeftOut[] = [];
  const open: { readonly at: string; readonly level: number }[] = [{ at: '', level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    signal?.throwIfAborted();
    const { at, level } = next;
    const entries = await readdir(path.join(folder, at), { withFileTypes: true }).catch((cause: unknown) => {
      if (at === '') throw systemError(cause, folder);
      leftOut.push({ path: at, why: say`You may not read it.` });
      return [];
    });
    for (const entry of entries) {
      if (entry.name.startsWith('.') || NOT_OPENED.has(entry.name)) continue;
      const below = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && level < MOST_LEVELS) open.push({ at: below, level: level + 1 });
      else if (!entry.isDirectory() && isSearchedName(entry.name)) {
        const found = await fileOf(folder, below);
        if ('why' in found) leftOut.push(found);
        else files.push(found);
        if (files.length > MOST_FILES) throw tooMany(folder);
      }
    }
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut };
}

async function fileOf(folder: string, below: string): Promise<FolderFile | LeftOut> {
  const file = path.join(folder, below);
  try {
    await requireOwnFile(file, folder);
    const stats = await lstat(await realpath(file));
    if (!stats.isFile()) return { path: below, why: say`It is no file.` };
    if (stats.size > MOST_BYTES) return { path: below, why: say`It is too large.` };
    return { path: below, bytes: stats.size, changed: stats.mtimeMs };
  } catch (error) {
    if (!(error instanceof AppError)) return { path: below, why: say`It can't be read.` };
    return { path: below, why: error.message };
  }
}

/** The hash of a file's content. */
export async function contentHash(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

function tooMany(folder: string): AppError {
  return new AppError(
    'index-limit',
    say`${folder} has more than ${MOST_FILES / 1000},000 files to search in.`,
    say`Choose a folder inside it.`,
  );
}
