/** Which files a path stands for: itself, or in a folder everything that has the name of a data file. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../errors.ts';
import { namedFormat, READ_FORMATS } from './sniff.ts';

/** Texts about the data that lie beside it. */
const ABOUT = /^(readme|licen[cs]e|notice|changelog)\b/i;

/** The data files in `paths`, folders opened, sorted by name within each; hidden ones and READMEs are left out. */
export async function dataFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(filesOf));
  return found.flat();
}

async function filesOf(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return [path];
  const files = await filesInFolder(path);
  if (files.length > 0) return files;
  throw new AppError('no-data', `The folder ${path} holds no data file.`, `Fettle reads ${READ_FORMATS}.`);
}

async function filesInFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError(
      'cannot-read',
      `Cannot read the folder ${folder} (${cause.code}).`,
      'Check your rights.',
      { cause },
    );
  });
  const visible = entries
    .filter(({ name }) => !name.startsWith('.') && !ABOUT.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of visible) {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(path)));
    if (isFolder && !entry.isSymbolicLink()) files.push(...(await filesInFolder(path)));
    else if (!isFolder && namedFormat(entry.name) !== undefined) files.push(path);
  }
  return files;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
