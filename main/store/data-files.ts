/**
 * The data folder as files: small things that several parts need, and `moved.json`, which a moved folder
 * leaves behind and opening follows.
 */

import fs from 'node:fs';
import fsp from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { isRecord, parsedJson } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { readText } from '../processes.ts';
import { renameAtOnce } from '../rename.ts';

/** Makes sure that what was written is on the disk. */
export function syncFile(file: string): void {
  const handle = fs.openSync(file, 'r+');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Writes a small file so that it is there whole or not at all; what a killed process has left of it is written over. */
export function writeWhole(file: string, text: string): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.tmp`);
  fs.writeFileSync(temporary, text, { flush: true });
  renameAtOnce(temporary, file);
}

export interface FoundFile {
  /** Relative to the folder that was walked. */
  readonly name: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** Every file below `folder`; links are not followed. Nothing where it is not there. */
export async function* filesBelow(folder: string, within = ''): AsyncGenerator<FoundFile> {
  const entries = await fsp.readdir(path.join(folder, within), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const name = path.join(within, entry.name);
    if (entry.isDirectory()) yield* filesBelow(folder, name);
    else if (entry.isFile()) {
      const stats = await fsp.stat(path.join(folder, name)).catch(() => null);
      if (stats) yield { name, bytes: stats.size, changedMs: stats.mtimeMs };
    }
  }
}

/** Entries that `bytesBelow` looks at before it stops: a run's folder has a few dozen. */
const MOST_ENTRIES = 5_000;

/** Bytes of the files below `folder`, quickly; of a folder with very many entries only the first ones are counted. */
export function bytesBelow(folder: string): number {
  let bytes = 0;
  let left = MOST_ENTRIES;
  const open = [folder];
  for (let next = open.pop(); next !== undefined && left > 0; next = open.pop()) {
    for (const entry of entriesOf(next)) {
      if (left-- <= 0) break;
      const at = path.join(next, entry.name);
      if (entry.isDirectory()) open.push(at);
      else if (entry.isFile()) bytes += fs.statSync(at, { throwIfNoEntry: false })?.size ?? 0;
    }
  }
  return bytes;
}

/** What is directly in `folder`; nothing where it cannot be read. */
export function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

export const POINTER = 'moved.json';
const MOST_MOVES = 20;

/** The folders from `folder` to the one that holds the data, which is the last. Throws where it is not there. */
export function followPointers(folder: string): string[] {
  const way = [path.resolve(folder)];
  while (way.length <= MOST_MOVES) {
    const to = pointerIn(way.at(-1)!);
    if (to === null) return way;
    if (!fs.existsSync(to)) throw gone(way.at(-1)!, to);
    if (way.includes(to)) break;
    way.push(to);
  }
  throw new AppError(
    'data-folder-lost',
    say`The ${POINTER} files, which say where Fettle's data is, lead in a circle: ${way.join(marks().comma)}.`,
    say`Remove the ${POINTER} from the folder that has fettle.sqlite.`,
  );
}

/** Leaves word in `folder` that the data is in `to` now. */
export function leavePointer(folder: string, to: string): void {
  writeWhole(path.join(folder, POINTER), `${JSON.stringify({ to }, null, 2)}\n`);
}

/** Whether the data has gone from `folder` elsewhere. */
export function hasPointer(folder: string): boolean {
  return fs.existsSync(path.join(folder, POINTER));
}

function pointerIn(folder: string): string | null {
  const file = path.join(folder, POINTER);
  if (!hasPointer(folder)) return null;
  const found = parsedJson(readText(file) ?? '');
  if (isRecord(found) && typeof found.to === 'string' && path.isAbsolute(found.to)) return found.to;
  throw new AppError(
    'data-folder-lost',
    say`${file} should say where Fettle's data is, but can't be read.`,
    say`Write {"to": "the absolute path"} into it, or remove it to start empty in this folder.`,
  );
}

function gone(folder: string, to: string): AppError {
  return new AppError(
    'data-folder-missing',
    say`Fettle's data was moved to ${to}, which is not there.`,
    say`Connect that disk. If it is lost for good, remove ${path.join(folder, POINTER)} to start empty.`,
  );
}
