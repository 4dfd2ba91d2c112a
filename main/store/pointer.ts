/** Where the data folder has gone: a moved one leaves `moved.json` behind, which is followed on opening. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { writeWhole } from './files.ts';

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
    `The ${POINTER} files that say where Fettle's data is lead in a circle: ${way.join(', ')}.`,
    `Remove the ${POINTER} from the folder that holds fettle.sqlite.`,
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
  try {
    const { to } = JSON.parse(fs.readFileSync(file, 'utf8')) as { to?: unknown };
    if (typeof to === 'string' && path.isAbsolute(to)) return to;
  } catch {
    // said below
  }
  throw new AppError(
    'data-folder-lost',
    `${file} should say where Fettle's data is, and cannot be read.`,
    'Write {"to": "the absolute path"} into it, or remove it to begin anew in this folder.',
  );
}

function gone(folder: string, to: string): AppError {
  return new AppError(
    'data-folder-missing',
    `Fettle's data was moved to ${to}, which is not there.`,
    `Connect the disk that it is on. Where it is lost for good, remove ${path.join(folder, POINTER)} to begin anew.`,
  );
}
