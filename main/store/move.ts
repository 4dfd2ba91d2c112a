/**
 * Moves the data folder: everything is copied under another name beside the target, checked, and renamed;
 * only then the old folder gets a pointer to it and is emptied. At whatever moment the power fails, one of
 * the two is whole and in use.
 */
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../common/errors.ts';
import { parsedJson } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { freeBytes, makeFolder, partialName, removePartials, requireWritable } from '../folders.ts';
import { renameAtOnce } from '../rename.ts';
import type { Base } from './base.ts';
import { Connection, whileOpening, withConnection } from './connection.ts';
import {
  entriesOf,
  type FoundFile,
  filesBelow,
  leavePointer,
  POINTER,
  syncFile,
  writeWhole,
} from './data-files.ts';

/** Lies in the target until the old folder points there: says which folder is being moved, and what of it was put there. */
export const UNFINISHED = 'moving.json';
const Mark = z.object({ from: z.string(), names: z.array(z.string()) });
/** Lies in the old folder until it is emptied: where its data goes, and what was copied by the moment that it is used there. */
const LEAVING = 'leaving.json';
const Leaving = z.object({
  to: z.string(),
  copied: z.array(z.object({ name: z.string(), bytes: z.number(), changedMs: z.number() })),
});
/** Belong to the open store or to this place, and are not copied with the others. */
const NOT_COPIED =
  /^(fettle\.sqlite(-wal|-shm|\.suspect)?|opening\.lock|(\.?moved|\.?moving|\.?leaving)\.json(\.tmp)?)$/;
const MOST_ROUNDS = 5;
/** Room that must be left on the disk beyond what is copied. */
const SPARE_BYTES = 64 * 2 ** 20;

/**
 * Moves the data of `base` to the folder `to`; `places` are the folders that point to it, and get the new one
 * added. Returns the folder. Throws an AppError and leaves everything as it was where it cannot.
 */
export async function moveStore(
  base: Base,
  places: string[],
  to: string,
  onProgress: (fraction: number) => void,
): Promise<string> {
  const [from, target] = [base.folder, path.resolve(to)];
  await check(base, from, target);
  const copy = partialName(target);
  let copied: ReadonlyMap<string, FoundFile>;
  noteLeaving(from, target, []);
  try {
    copied = await copyAll(from, copy, onProgress);
    noteLeaving(from, target, [...copied.values()]);
    await whileOpening(from, async () => takeOver(base, places, copy, target));
  } catch (error) {
    await fsp.rm(copy, { recursive: true, force: true });
    // what was put there already goes when the store is opened again
    if (!fs.existsSync(path.join(target, UNFINISHED)))
      await fsp.rm(path.join(from, LEAVING), { force: true });
    throw error;
  }
  await empty(from, copied);
  await fsp.rm(path.join(from, LEAVING), { force: true });
  onProgress(1);
  return target;
}

/** For the case that this process is killed. A disk without room for the note is no reason to stay on it. */
function noteLeaving(from: string, to: string, copied: readonly FoundFile[]): void {
  try {
    writeWhole(path.join(from, LEAVING), JSON.stringify({ to, copied }));
  } catch {}
}

/** Removes what moves that were killed have left: the copy that nobody uses yet, or the folder that nobody uses any more. */
export async function endKilledMoves(way: readonly string[]): Promise<void> {
  for (const [i, folder] of way.entries()) {
    const note = path.join(folder, LEAVING);
    const found = Leaving.safeParse(parsedJson(await fsp.readFile(note, 'utf8').catch(() => ''))).data;
    if (!found) continue;
    if (way[i + 1] === found.to) {
      removeStore(folder);
      await empty(folder, new Map(found.copied.map((file) => [file.name, file])));
    } else {
      const isGoing = await removePartials(found.to);
      // a disk that is not there now may have the copy
      if (isGoing || !fs.existsSync(path.dirname(found.to))) continue;
      await removeUnfinished(folder, found.to);
    }
    await fsp.rm(note, { force: true });
  }
}

async function check(base: Base, from: string, target: string): Promise<void> {
  const refuse = (message: string, hint: string) => new AppError('move-forbidden', message, hint);
  const isWithin = (inner: string, outer: string) => inner === outer || inner.startsWith(outer + path.sep);
  if (isWithin(target, from) || isWithin(from, target))
    throw refuse(
      say`${target} and the data folder ${from} are inside each other.`,
      say`Choose a folder elsewhere.`,
    );
  // what a move that was killed has left
  await removePartials(target);
  await removeUnfinished(from, target);
  if (!isFree(target))
    throw refuse(say`${target} is not an empty folder.`, say`Choose a new or empty folder.`);
  const [going] = base.on.read("select name from runs where state = 'running' limit 1") as { name: string }[];
  if (going) throw refuse(say`The run ${going.name} is writing to the data folder.`, say`Pause it first.`);
  makeFolder(path.dirname(target));
  requireWritable(path.dirname(target));
  let bytes = 0;
  for await (const file of filesBelow(from)) bytes += file.bytes;
  const free = await freeBytes(path.dirname(target));
  if (free < bytes + SPARE_BYTES)
    throw new AppError(
      'disk-full',
      say`The data is ${Math.ceil(bytes / 1e6)} MB, but only ${Math.floor(free / 1e6)} MB are free at ${target}.`,
      say`Free some space there, or choose another disk.`,
    );
}

/** Whether `target` is not there, or a folder that holds nothing but a pointer from an earlier move. */
function isFree(target: string): boolean {
  const stats = fs.statSync(target, { throwIfNoEntry: false });
  if (!stats) return true;
  return (
    stats.isDirectory() && entriesOf(target).every(({ name }) => name === POINTER || name === 'opening.lock')
  );
}

/** Removes what a move of `from` that was killed put into `target` before `from` pointed there; what else is there stays. */
async function removeUnfinished(from: string, target: string): Promise<void> {
  const mark = path.join(target, UNFINISHED);
  const text = await fsp.readFile(mark, 'utf8').catch(() => '');
  // a file of that name may be somebody else's
  const found = Mark.safeParse(parsedJson(text)).data;
  if (found?.from !== from) return;
  for (const name of [...found.names, UNFINISHED])
    await fsp.rm(path.join(target, path.basename(name)), { recursive: true, force: true });
}

/** Copies all files but the store's own, again those that changed meanwhile; returns what was copied. */
async function copyAll(
  from: string,
  copy: string,
  onProgress: (fraction: number) => void,
): Promise<Map<string, FoundFile>> {
  const copied = new Map<string, FoundFile>();
  await fsp.mkdir(copy, { recursive: true });
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const files = await changedFiles(from, copied);
    if (files.length === 0) break;
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const file of files) {
      const isCopied = await copyFile(path.join(from, file.name), path.join(copy, file.name), file);
      if (isCopied) copied.set(file.name, file);
      done += file.bytes;
      if (round === 0) onProgress((0.95 * done) / Math.max(1, total));
    }
  }
  await forgetGone(from, copy, copied);
  return copied;
}

/** Removes the copies of files that were renamed or deleted meanwhile. */
async function forgetGone(from: string, copy: string, copied: Map<string, FoundFile>): Promise<void> {
  for (const name of copied.keys()) {
    if (fs.existsSync(path.join(from, name))) continue;
    await fsp.rm(path.join(copy, name), { force: true });
    copied.delete(name);
  }
}

async function changedFiles(from: string, copied: ReadonlyMap<string, FoundFile>): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  for await (const file of filesBelow(from)) {
    const before = copied.get(file.name);
    const same = before?.bytes === file.bytes && before.changedMs === file.changedMs;
    if (!same && !NOT_COPIED.test(file.name)) files.push(file);
  }
  return files;
}

/** Copies a file with its times; false where it is not there any more: what is written under a temporary name gets its own at any moment. */
async function copyFile(from: string, to: string, { bytes }: FoundFile): Promise<boolean> {
  await fsp.mkdir(path.dirname(to), { recursive: true });
  const stats = await fsp.stat(from).catch(() => null);
  if (stats === null) return false;
  const { atime, mtime } = stats;
  try {
    await fsp.copyFile(from, to);
  } catch (error) {
    if (fs.existsSync(from)) throw error;
    return false;
  }
  const handle = await fsp.open(to, 'r+');
  try {
    await handle.utimes(atime, mtime);
    await handle.sync();
    const written = (await handle.stat()).size;
    if (written < bytes)
      throw new AppError(
        'move-failed',
        say`${to} was not copied completely.`,
        say`Check that disk, and try again.`,
      );
  } finally {
    await handle.close();
  }
  return true;
}

/** The moment of the move, without a pause in which anybody could write: the store is copied, checked and used from then on. */
function takeOver(base: Base, places: string[], copy: string, target: string): void {
  const { on: old, folder: from } = base;
  const name = path.basename(old.file);
  quiet(old);
  try {
    fs.copyFileSync(old.file, path.join(copy, name));
    syncFile(path.join(copy, name));
    requireWhole(path.join(copy, name));
    putInPlace(from, copy, target);
  } catch (error) {
    old.pragma('journal_mode = WAL');
    throw error;
  }
  const on = new Connection(path.join(target, name));
  try {
    // from here on the data is in the new folder
    leavePointer(from, target);
  } catch (error) {
    on.close();
    old.pragma('journal_mode = WAL');
    throw error;
  }
  for (const place of places) {
    if (place === from || place === target) continue;
    try {
      leavePointer(place, target);
    } catch {
      // it leads there by way of the others
    }
  }
  fs.rmSync(path.join(target, UNFINISHED), { force: true });
  places.push(target);
  old.close();
  base.moveTo(on, target);
  removeStore(from);
}

function removeStore(folder: string): void {
  for (const end of ['', '-wal', '-shm'])
    fs.rmSync(path.join(folder, `fettle.sqlite${end}`), { force: true });
}

/** Puts everything into the one file; that works only where no other process has it open. */
function quiet(on: Connection): void {
  try {
    on.pragma('journal_mode = DELETE');
  } catch (cause) {
    throw new AppError(
      'store-busy',
      say`Another window of Fettle has the history open, so it can't be moved now.`,
      say`Close it, or wait until its training has ended.`,
      { cause },
    );
  }
}

function requireWhole(file: string): void {
  const flaw = withConnection(file, (on) => on.flaw(null));
  if (flaw !== null)
    throw new AppError(
      'move-failed',
      say`The copy of the history is damaged: ${flaw}.`,
      say`Check that disk, and try again.`,
    );
}

/** A new target gets its name at once. Into one that is there everything is put, the list of it first, and the pointer in it goes last. */
function putInPlace(from: string, copy: string, target: string): void {
  const names = [...entriesOf(copy).map(({ name }) => name), 'fettle.sqlite-wal', 'fettle.sqlite-shm'];
  writeWhole(path.join(copy, UNFINISHED), JSON.stringify({ from, names }));
  if (!fs.existsSync(target)) {
    renameAtOnce(copy, target);
    return;
  }
  renameAtOnce(path.join(copy, UNFINISHED), path.join(target, UNFINISHED));
  for (const { name } of entriesOf(copy)) renameAtOnce(path.join(copy, name), path.join(target, name));
  fs.rmSync(path.join(target, POINTER), { force: true });
  fs.rmdirSync(copy);
}

/** Removes what was copied and has not changed since; what else is there stays. */
async function empty(from: string, copied: ReadonlyMap<string, FoundFile>): Promise<void> {
  for await (const { name, bytes, changedMs } of filesBelow(from)) {
    const before = copied.get(name);
    if (before?.bytes === bytes && before.changedMs === changedMs)
      await fsp.rm(path.join(from, name), { force: true }).catch(() => {});
  }
  for (const entry of entriesOf(from))
    if (entry.isDirectory()) await removeEmpty(path.join(from, entry.name));
}

async function removeEmpty(folder: string): Promise<void> {
  for (const entry of entriesOf(folder))
    if (entry.isDirectory()) await removeEmpty(path.join(folder, entry.name));
  await fsp.rmdir(folder).catch(() => {});
}
