/** Small things about files that several parts of the store need. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import path from 'node:path';

/** Makes sure that what was written is on the disk. */
export function syncFile(file: string): void {
  const handle = fs.openSync(file, 'r+');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Writes a small file so that it is there whole or not at all. */
export function writeWhole(file: string, text: string): void {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${randomBytes(4).toString('hex')}.tmp`,
  );
  fs.writeFileSync(temporary, text);
  syncFile(temporary);
  fs.renameSync(temporary, file);
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
