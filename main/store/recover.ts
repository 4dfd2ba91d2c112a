/**
 * When the store is damaged: it is moved aside, never deleted; the newest backup that is whole takes its place; and what was
 * lost is said. What the runs' own folders know is taken in again afterwards (adopt.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import type { TakenIn } from './adopt.ts';
import { backupsIn } from './backups.ts';
import { Connection, SUSPECT } from './connection.ts';
import { entriesOf, syncFile } from './files.ts';
import { storeVersion } from './migrate.ts';

export interface Restored {
  readonly flaw: string;
  /** When the backup was made that is in use now, in milliseconds since 1970; null: there was none. */
  readonly backupMade: number | null;
  /** Where the damaged files are; null where there were none. */
  readonly aside: string | null;
  readonly folder: string;
}

/** Whether the data folder shows that there has been a store: a backup, or a run. */
export function isAnythingLeft(folder: string): boolean {
  return (
    backupsIn(folder).length > 0 || entriesOf(path.join(folder, 'runs')).some((entry) => entry.isDirectory())
  );
}

/** Puts the newest whole backup, of a version up to `known`, in the place of `file`; without one the place is left empty. */
export async function restore(file: string, flaw: string, known: number, now: Date): Promise<Restored> {
  const folder = path.dirname(file);
  const aside = moveAside(file, now);
  for (const backup of backupsIn(folder)) {
    const copy = path.join(folder, `.restoring-${process.pid}.sqlite`);
    fs.copyFileSync(backup.file, copy);
    const whole = isWhole(copy, known);
    if (whole) {
      syncFile(copy);
      fs.renameSync(copy, file);
      return { flaw, backupMade: backup.made, aside, folder };
    }
    for (const end of ['', '-wal', '-shm']) fs.rmSync(copy + end, { force: true });
  }
  return { flaw, backupMade: null, aside, folder };
}

function moveAside(file: string, now: Date): string | null {
  const there = ['', '-wal', '-shm'].filter((end) => fs.existsSync(file + end));
  fs.rmSync(file + SUSPECT, { force: true });
  if (there.length === 0) return null;
  const aside = path.join(path.dirname(file), 'damaged', now.toISOString().replace(/[:.]/g, '-'));
  fs.mkdirSync(aside, { recursive: true });
  // the main file last: as long as it is there the next opening finds the damage again
  for (const end of there.reverse()) fs.renameSync(file + end, path.join(aside, path.basename(file) + end));
  return aside;
}

function isWhole(file: string, known: number): boolean {
  try {
    const on = new Connection(file);
    try {
      const version = storeVersion(on);
      return version > 0 && version <= known && on.flaw(null) === null;
    } finally {
      on.close();
    }
  } catch {
    return false;
  }
}

/** What was put right and what is lost, for the person. */
export function recoveryNotice({ flaw, backupMade, aside, folder }: Restored, taken: TakenIn): string {
  const runs = path.join(folder, 'runs');
  const changed = 'names, notes, tags, drafts, settings and the list of models';
  const outside = `runs whose folders are not in ${runs}`;
  return [
    `Fettle's history was damaged (${flaw.split('\n')[0]}) and has been put right.`,
    backupMade === null
      ? `There was no backup, so ${changed} are lost, and so are ${outside}.`
      : `It is as it was in the backup of ${inWords(backupMade)}. Lost is what was changed since then: ${changed}; and newer ${outside}.`,
    ...found(taken.added, 'taken in again from their folders'),
    ...found(taken.caughtUp, 'brought up to date from their folders'),
    ...found(taken.unreadable, 'not taken in, because their folders cannot be read'),
    ...(aside === null ? [] : [`The damaged file is kept in ${aside}.`]),
  ].join(' ');
}

function found(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return [`Runs that were ${what}: ${shown}.`];
}

function inWords(time: number): string {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' });
}
