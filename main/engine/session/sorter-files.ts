/** The files of a sorter: its own, the encoder that was trained with it, and the sorters of further columns. */
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import {
  COLUMNS_FILE,
  COLUMNS_FOLDER,
  OWN_ENCODER,
  SORTERS,
  type SorterMethod,
  sorterFiles,
} from '../../../common/settings/sorters.ts';

/** Copies what a sorter is made of, without its programs. */
export async function copySorter(from: string, to: string, method: SorterMethod): Promise<void> {
  const encoder = ownEncoder(from) ?? path.join(from, OWN_ENCODER);
  for (const source of [
    encoder,
    ...[SORTERS[method].file, COLUMNS_FOLDER].map((name) => path.join(from, name)),
  ])
    if (existsSync(source)) await fs.cp(source, path.join(to, path.basename(source)), { recursive: true });
}

/** The encoder that was trained with the sorter in `folder`, or with the one of which that is a further column; null where there is none. */
export function ownEncoder(folder: string): string | null {
  const whole = path.resolve(folder);
  const isColumn = path.basename(path.dirname(whole)) === COLUMNS_FOLDER;
  const own = path.join(isColumn ? path.join(whole, '..', '..') : whole, OWN_ENCODER);
  return existsSync(own) ? own : null;
}

/** Bytes of all that is needed to use it elsewhere; an encoder that lay there already is not counted. */
export async function bytesOf(folder: string, method: SorterMethod): Promise<number> {
  const below = [OWN_ENCODER, COLUMNS_FOLDER].map((name) =>
    fs.readdir(path.join(folder, name), { recursive: true, withFileTypes: true }).catch(() => []),
  );
  const inside = (await Promise.all(below)).flat().filter((entry) => entry.isFile());
  const files = [
    ...sorterFiles(method).map((name) => path.join(folder, name)),
    ...[path.join(folder, COLUMNS_FILE)].filter(existsSync),
    ...inside.map(({ parentPath, name }) => path.join(parentPath, name)),
  ];
  const sizes = await Promise.all(files.map((file) => fs.stat(file)));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
