/** A store that a newer Fettle has made is not opened at all: what this one does not know it would spoil. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { Connection } from './connection.ts';
import { storeVersion } from './migrate.ts';
import { versions } from './versions.ts';

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
    `The history in ${path.dirname(file)} was made by ${makerOf(file)} (store version ${version}); this is Fettle ${fettle}, which knows versions up to ${known}.`,
    'Install the newer Fettle again, or set FETTLE_HOME to another folder to begin a history of its own there. Nothing was changed.',
  );
}

function versionInHeader(file: string): number {
  if (!fs.existsSync(file)) return 0;
  const header = Buffer.alloc(100);
  const handle = fs.openSync(file, 'r');
  fs.readSync(handle, header, 0, header.length, 0);
  fs.closeSync(handle);
  return header.toString('latin1', 0, MAGIC.length) === MAGIC ? header.readUInt32BE(VERSION_AT) : 0;
}

/** What was written last may be in the log beside the file still. */
function versionInLog(file: string): number {
  if ((fs.statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return 0;
  try {
    const on = new Connection(file, { readonly: true });
    const version = storeVersion(on);
    on.close();
    return version;
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
    const on = new Connection(copy);
    const [row] = on.read("select valueJson from about where name = 'fettle'") as { valueJson: string }[];
    on.close();
    return row ? `Fettle ${JSON.parse(row.valueJson)}` : 'a newer Fettle';
  } catch {
    return 'a newer Fettle';
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
