/**
 * Which files a path stands for: itself, or in a folder everything that has the name of a data file. A folder often holds
 * more than the rows to train on; what is about them, or for measuring, is left out, and that is told.
 */

import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { AppError, systemError } from '../../../common/errors.ts';
import { said, say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { requireOwnFile } from '../../folders.ts';
import { isMeasuringName } from '../columns.ts';
import { namedFormat, READ_FORMATS } from './formats.ts';
import type { DataNote } from './source.ts';

/** Texts about the data that lie beside it. */
const ABOUT = /^(readme|licen[cs]e|notice|changelog)\b/i;
/** What undoes a fix of the data doctor: rows as they were before, secrets too. */
const UNDO = /\.undo\.jsonl$/i;
const SHOWN_NAMES = 5;

/**
 * The data files in `paths`, folders opened, sorted by name within each. Left out in a folder are hidden files, READMEs and
 * undo files, and, where rows remain without them, texts beside tables and files that are called held-out or test.
 */
export async function dataFiles(
  paths: readonly string[],
  note?: (note: DataNote) => void,
): Promise<string[]> {
  const found = await Promise.all(paths.map(filesOf));
  for (const { notes } of found) for (const one of notes) note?.(one);
  return found.flatMap(({ files }) => files);
}

interface Found {
  readonly files: readonly string[];
  readonly notes: readonly DataNote[];
}

async function filesOf(path: string): Promise<Found> {
  if (!(await isDirectory(path))) return { files: [path], notes: [] };
  const all = await filesInFolder(path, (name) => namedFormat(name) !== undefined);
  if (all.length > 0) return chosenFrom(path, all);
  const hint = say`Fettle reads ${said(READ_FORMATS)}.`;
  throw new AppError('no-data', say`The folder ${path} has no data file.`, hint);
}

function chosenFrom(folder: string, all: readonly string[]): Found {
  const [tables, texts] = parted(all, (path) => !isText(path));
  const [rest, measuring] = parted(tables.length > 0 ? tables : texts, (path) => !isMeasuring(folder, path));
  const files = rest.length > 0 ? rest : measuring;
  const name = basename(folder);
  const notes: DataNote[] = [
    {
      code: 'data-folder',
      message: say`The rows of the folder ${name} are in ${named(folder, files)}.`,
      expected: true,
    },
  ];
  if (tables.length > 0 && texts.length > 0) {
    const message = say`Not read in ${name}: ${named(folder, texts)}. To train on these texts too, choose the files themselves.`;
    notes.push({ code: 'data-left-out', message });
  }
  if (rest.length > 0 && measuring.length > 0) {
    const message = say`Not read in ${name}: ${named(folder, measuring)}. Their names say they are test rows: choose them as test rows, or choose the files themselves to train on them.`;
    notes.push({ code: 'data-left-out', message });
  }
  return { files, notes };
}

function parted(paths: readonly string[], belongs: (path: string) => boolean): [yes: string[], no: string[]] {
  return [paths.filter(belongs), paths.filter((path) => !belongs(path))];
}

function isText(path: string): boolean {
  const format = namedFormat(path);
  return format === 'text' || format === 'markdown';
}

/** Whether a file, or a folder on the way to it, has the name of data to measure with. */
function isMeasuring(folder: string, path: string): boolean {
  const unpacked = relative(folder, path).replace(/\.gz$/i, '');
  const stem = unpacked.slice(0, unpacked.length - extname(unpacked).length);
  return stem.split(/[\\/]/).some(isMeasuringName);
}

function named(folder: string, paths: readonly string[]): string {
  const names = paths.slice(0, SHOWN_NAMES).map((path) => relative(folder, path));
  const more = paths.length - names.length;
  return more > 0 ? say`${names.join(marks().comma)} and ${more} more` : names.join(marks().comma);
}

/**
 * Files in a folder and in those within it whose name `isWanted`, by name; without what is hidden or about the others. Throws an AppError
 * for one that isn't of the folder.
 */
export async function filesInFolder(
  folder: string,
  isWanted: (name: string) => boolean,
  chosen = folder,
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw systemError(cause, folder);
  });
  const visible = entries
    .filter(({ name }) => !name.startsWith('.') && !ABOUT.test(name) && !UNDO.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of visible) {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(path)));
    if (isFolder && !entry.isSymbolicLink()) files.push(...(await filesInFolder(path, isWanted, chosen)));
    else if (!isFolder && isWanted(entry.name)) {
      await requireOwnFile(path, chosen);
      files.push(path);
    }
  }
  return files;
}

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
