/**
 * Copies of the store in `backups/` of the data folder: one a day, and one before each migration. Each is written under
 * another name and renamed, so that one that is there is whole; the three newest are kept.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Connection } from './connection.ts';
import { syncFile } from './files.ts';

const KEPT = 3;
const FOLDER = 'backups';
const DAILY = 'fettle-daily-';
/** A copy that nobody finishes any more. */
const STALE_MS = 6 * 3_600_000;

export interface Backup {
  readonly file: string;
  /** When it was made, in milliseconds since 1970. */
  readonly made: number;
}

/** Copies the store behind `on` to `<name>.sqlite` and removes the oldest copies. */
export async function backUp(on: Connection, folder: string, name: string): Promise<void> {
  const into = path.join(folder, FOLDER);
  fs.mkdirSync(into, { recursive: true });
  const temporary = path.join(into, `.${name}.${process.pid}.tmp`);
  try {
    await on.backup(temporary);
    syncFile(temporary);
    fs.renameSync(temporary, path.join(into, `${name}.sqlite`));
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  removeOld(into);
}

/** The same once a day: nothing where there is one of today already. */
export async function backUpDaily(on: Connection, folder: string, now: Date): Promise<void> {
  const name = DAILY + localDay(now);
  if (fs.existsSync(path.join(folder, FOLDER, `${name}.sqlite`))) return;
  await backUp(on, folder, name);
}

/** All that are there, newest first. */
export function backupsIn(folder: string): Backup[] {
  const into = path.join(folder, FOLDER);
  const names = fs.existsSync(into) ? fs.readdirSync(into) : [];
  return names
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => path.join(into, name))
    .map((file) => ({ file, made: fs.statSync(file).mtimeMs }))
    .sort((a, b) => b.made - a.made);
}

function removeOld(into: string): void {
  for (const { file } of backupsIn(path.dirname(into)).slice(KEPT)) fs.rmSync(file, { force: true });
  const halves = fs.readdirSync(into).filter((name) => name.endsWith('.tmp'));
  for (const half of halves.map((name) => path.join(into, name))) {
    const stats = fs.statSync(half, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > STALE_MS) fs.rmSync(half, { force: true });
  }
}

/** `2026-11-25`, in the person's own time zone. */
function localDay(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
