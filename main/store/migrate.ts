/**
 * Brings a store up to date: each migration in a transaction of its own, with a backup before it. One that
 * fails leaves the store exactly as it was; one that a newer Fettle has made is not opened at all. Backups:
 * one a day, and one before each migration.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AppError, describeError, internal } from '../../common/errors.ts';
import { localTime } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { isRunning } from '../processes.ts';
import { renameAtOnce } from '../rename.ts';
import { versions } from '../versions.ts';
import { type Connection, withConnection } from './connection.ts';
import { syncFile } from './data-files.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

const KEPT_BACKUPS = 3;
const BACKUPS = 'backups';
const DAILY = 'fettle-daily-';

/** Copies the store behind `on` to `<name>.sqlite` and removes the oldest copies. */
async function backUp(on: Connection, folder: string, name: string): Promise<void> {
  const into = path.join(folder, BACKUPS);
  fs.mkdirSync(into, { recursive: true });
  const temporary = path.join(into, `.${name}.${process.pid}.tmp`);
  try {
    await on.backup(temporary);
    syncFile(temporary);
    renameAtOnce(temporary, path.join(into, `${name}.sqlite`));
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  removeOld(into);
}

/** The same once a day: nothing where there is one of today already. */
export async function backUpDaily(on: Connection, folder: string, now: Date): Promise<void> {
  const name = DAILY + localTime(now).slice(0, 10);
  if (fs.existsSync(path.join(folder, BACKUPS, `${name}.sqlite`))) return;
  await backUp(on, folder, name);
}

/** All that are there, newest first; `made` in milliseconds since 1970. */
export function backupsIn(folder: string) {
  const into = path.join(folder, BACKUPS);
  const names = fs.existsSync(into) ? fs.readdirSync(into) : [];
  return names
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => path.join(into, name))
    .map((file) => ({ file, made: fs.statSync(file).mtimeMs }))
    .sort((a, b) => b.made - a.made);
}

function removeOld(into: string): void {
  for (const { file } of backupsIn(path.dirname(into)).slice(KEPT_BACKUPS)) fs.rmSync(file, { force: true });
  for (const name of fs.readdirSync(into)) {
    const writer = /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (writer && !isRunning(Number(writer))) fs.rmSync(path.join(into, name), { force: true });
  }
}

/** The version of the store behind `on`; 0 for an empty one. */
export function storeVersion(on: Connection): number {
  return on.pragma('user_version') as number;
}

/** Runs what the store has not seen yet; true where it did anything. Throws `AppError('store-upgrade-failed')`. */
export async function migrate(
  on: Connection,
  folder: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<boolean> {
  const from = storeVersion(on);
  for (const [i, migration] of migrations.entries()) {
    const version = i + 1;
    if (Number.parseInt(migration.name, 10) !== version)
      throw internal(`${migration.name} is number ${version}`);
    if (version <= from) continue;
    if (version > 1 && from > 0) await backUp(on, folder, `fettle-before-${migration.name.slice(0, 4)}`);
    apply(on, migration, version);
  }
  return from < migrations.length;
}

function apply(on: Connection, migration: Migration, version: number): void {
  // rebuilding a table must not take what refers to it along; what is left dangling is an error
  on.pragma('foreign_keys = OFF');
  try {
    on.transaction(() => {
      migration.up(on);
      const dangling = on.read('pragma foreign_key_check').length;
      if (dangling > 0) throw internal(`${migration.name} leaves ${dangling} rows that refer to nothing`);
      on.pragma(`user_version = ${version}`);
      on.write('insert or replace into about(name, valueJson) values (?, ?)', [
        'fettle',
        JSON.stringify(versions().fettle),
      ]);
    });
  } catch (error) {
    throw new AppError(
      'store-upgrade-failed',
      say`Fettle's history could not be updated (${migration.name}): ${describeError(error)}`,
      say`It is unchanged. Use the version of Fettle that you had, and report this.`,
      { cause: error },
    );
  } finally {
    on.pragma('foreign_keys = ON');
  }
}

/** Where SQLite's file header has its magic words and `user_version` (https://www.sqlite.org/fileformat.html). */
const MAGIC = 'SQLite format 3\0';
const VERSION_AT = 60;

/** Throws `AppError('store-too-new')` where the store has a version above `known`; touches nothing. */
export function refuseNewer(file: string, known: number): void {
  const version = Math.max(versionInHeader(file), versionInLog(file));
  if (version <= known) return;
  const { fettle } = versions();
  throw new AppError(
    'store-too-new',
    say`The history in ${path.dirname(file)} was made by ${makerOf(file)} (store version ${version}). This is Fettle ${fettle}, which knows versions up to ${known}.`,
    say`Install the newer Fettle again. Nothing was changed.`,
  );
}

function versionInHeader(file: string): number {
  if (!fs.existsSync(file)) return 0;
  const header = Buffer.alloc(100);
  const handle = fs.openSync(file, 'r');
  try {
    fs.readSync(handle, header, 0, header.length, 0);
  } finally {
    fs.closeSync(handle);
  }
  return header.toString('latin1', 0, MAGIC.length) === MAGIC ? header.readUInt32BE(VERSION_AT) : 0;
}

/** What was written last may be in the log beside the file still. */
function versionInLog(file: string): number {
  if ((fs.statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return 0;
  try {
    return withConnection(file, storeVersion, { readonly: true });
  } catch {
    // damage is found, and said, when it is opened
    return 0;
  }
}

/** The Fettle that wrote last, read from a copy: even reading would leave files beside the store. */
function makerOf(file: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-newer-'));
  try {
    const copy = path.join(folder, 'store.sqlite');
    for (const end of ['', '-wal']) if (fs.existsSync(file + end)) fs.copyFileSync(file + end, copy + end);
    const rows = withConnection(copy, (on) => on.read("select valueJson from about where name = 'fettle'"));
    const [row] = rows as { valueJson: string }[];
    return row ? `Fettle ${JSON.parse(row.valueJson)}` : say`a newer Fettle`;
  } catch {
    return say`a newer Fettle`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
