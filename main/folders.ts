/** Folders and files that are written: what stands in the way is found before the work, and told as it is. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { access, mkdtemp, open, readdir, realpath, rm, rmdir, stat, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { PassThrough, Readable } from 'node:stream';
import type { ZipFile } from 'yazl';
import { AppError, systemError } from '../common/errors.ts';
import { say } from '../common/words/language.ts';
import { isRunning } from './processes.ts';

/**
 * Makes `folder` and those above it. The recursive way of Node 24 tells a read-only disk as a missing folder, and never ends where /proc
 * refuses one. Throws `AppError`.
 */
export function makeFolder(folder: string): void {
  const make = () => {
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
      refuseDeadLink(folder);
      throw error;
    }
  };
  try {
    make();
  } catch (error) {
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder)
      throw systemError(error, folder);
    makeFolder(above);
    try {
      make();
    } catch (again) {
      throw refusal(again, folder);
    }
  }
}

/** Throws `AppError` where `at` is a link to something that is not there. */
export function refuseDeadLink(at: string): void {
  if (!fs.lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() || fs.existsSync(at)) return;
  throw new AppError(
    'path-unusable',
    say`${at} is a link to ${fs.readlinkSync(at)}, which is not there.`,
    say`Connect that disk, or remove the link.`,
  );
}

/** Fails with an `AppError` where nothing can be written into `folder`, or into the nearest one above it that is there. */
export function requireWritable(folder: string): void {
  try {
    const above = path.dirname(folder);
    if (!fs.statSync(folder, { throwIfNoEntry: false }) && above !== folder) {
      requireWritable(above);
      return;
    }
    // permissions alone do not tell: a disk may be read-only, and Windows has other rights
    const probe = path.join(folder, '.fettle-probe.tmp');
    // one that a process left as the power failed is found again by its name
    fs.rmSync(probe, { recursive: true, force: true });
    try {
      fs.mkdirSync(probe);
    } catch (error) {
      // another process is asking the same
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    fs.rmSync(probe, { recursive: true, force: true });
  } catch (error) {
    throw refusal(error, folder);
  }
}

/** Below a folder that is there nothing is missing: /proc says so where it refuses. */
function refusal(error: unknown, folder: string): unknown {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return systemError(isMissing ? Object.assign(error as Error, { code: 'EPERM' }) : error, folder);
}

/** What people keep in folders that programs share between them, and that nobody reads as text. */
const WEIGHTS = /\.(safetensors|gguf|bin|pt|pth|onnx|onnx_data)$/i;

/**
 * Fails with an `AppError` for a file that was found in `folder` and isn't its own: a link to elsewhere, or another name of a file that may
 * lie anywhere. Who chose the folder has not chosen that. Folders of Hugging Face's cache are links to `blobs` beside them.
 */
export async function requireOwnFile(file: string, folder: string): Promise<void> {
  const [real, home, { nlink }] = await Promise.all([realpath(file), realpath(folder), stat(file)]).catch(
    (error: unknown) => {
      throw systemError(error, file);
    },
  );
  const cache = /^(.*[\\/])snapshots([\\/]|$)/.exec(home + path.sep)?.[1];
  const homes = [home, ...(cache === undefined ? [] : [path.join(cache, 'blobs')])];
  const isHere = homes.some((one) => real.startsWith(one.endsWith(path.sep) ? one : one + path.sep));
  if (isHere && (nlink === 1 || WEIGHTS.test(file))) return;
  throw new AppError(
    'data-elsewhere',
    isHere
      ? say`${file} has another name elsewhere (a hard link), so it may not belong to its folder.`
      : say`${file} is a link to a file outside its folder.`,
    say`Choose the file itself, or put a copy into the folder.`,
  );
}

/** A new name beside `target`, for what gets its name once it is whole. */
export function partialName(target: string): string {
  const name = `${partialPrefix(target)}${process.pid}.${randomBytes(6).toString('hex')}.partial`;
  return path.join(path.dirname(target), name);
}

/** Removes what processes that were killed have left of `target` under such names. Returns whether one is still being written. */
export async function removePartials(target: string): Promise<boolean> {
  const [folder, prefix] = [path.dirname(target), partialPrefix(target)];
  let isWritten = false;
  for (const name of await readdir(folder).catch(() => [])) {
    const match = name.startsWith(prefix) && /^(\d+)\.[0-9a-f]{12}\.partial$/.exec(name.slice(prefix.length));
    if (!match) continue;
    if (isRunning(Number(match[1]))) isWritten = true;
    else await rm(path.join(folder, name), { recursive: true, force: true });
  }
  return isWritten;
}

const partialPrefix = (target: string) => `.${path.basename(target).slice(0, 50)}.`;

/** Throws `AppError('file-exists')` where something of that name is there. */
export function refuseExisting(file: string): void {
  if (fs.existsSync(file))
    throw new AppError('file-exists', say`${file} is there already.`, say`Choose another name.`);
}

/** Lets `work` fill the new folder `out`, of which nothing is left where it fails. Throws AppError where something is in it already. */
export async function fillFolder<T>(out: string, work: () => Promise<T>): Promise<T> {
  const wasThere = fs.existsSync(out);
  makeFolder(out);
  const names = () => readdir(out).catch((error: unknown) => Promise.reject(systemError(error, out)));
  if ((await names()).length > 0)
    throw new AppError('out-exists', say`${out} is not empty.`, say`Choose a new folder.`);
  try {
    return await work();
  } catch (error) {
    // what can't be removed either stays, and the first failure is the one to tell
    const remove = async () => {
      for (const name of await names()) await rm(path.join(out, name), { recursive: true, force: true });
      if (!wasThere) await rmdir(out);
    };
    await remove().catch(() => {});
    throw systemError(error);
  }
}

/** What opens a file for a .zip when it is its turn; it is closed with the .zip, whatever becomes of that. */
export function inItsTurn(
  zip: ZipFile,
  file: string,
): (give: (error: null, content: Readable) => void) => void {
  const out = zip.outputStream as PassThrough;
  return (give) => {
    if (out.destroyed) return;
    const content = fs.createReadStream(file).on('error', (error) => out.destroy(error));
    const close = () => void content.destroy();
    out.once('close', close);
    content.once('close', () => out.off('close', close));
    give(null, content);
  };
}

/** Writes a .zip, to which all has been added, to the new `file`. Nothing of it is left, and nothing open, where that fails. */
export async function writeZip(zip: ZipFile, file: string): Promise<void> {
  const content = zip.outputStream as PassThrough;
  // the reader below gets it, too, but may not be there yet
  content.on('error', () => {});
  zip.on('error', (error: Error) => content.destroy(error));
  zip.end();
  let isMade = false;
  try {
    const handle = await open(file, 'wx');
    isMade = true;
    try {
      // each call goes on where the last one ended
      for await (const piece of content) await handle.writeFile(piece as Buffer);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMade) await rm(file, { force: true });
    throw systemError(error, (error as NodeJS.ErrnoException).path ?? file);
  } finally {
    content.destroy();
  }
}

/** Bytes that this user may still write in `folder`, or the nearest folder above it that exists. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const stats = await statfs(folder);
    return stats.bavail * stats.bsize;
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    return await freeBytes(parent);
  }
}

/** Fails with an AppError that names needed and free bytes when `folder` cannot take `bytes` more. */
export async function requireFreeBytes(folder: string, bytes: number, purpose: string): Promise<void> {
  const free = await freeBytes(folder);
  if (bytes <= free) return;
  throw new AppError(
    'disk-full',
    say`${purpose} needs ${formatBytes(bytes)} in ${folder}, but only ${formatBytes(free)} are free.`,
    say`Free some space, or choose a folder on another disk.`,
  );
}

/** Bytes with a readable unit beside the exact number. */
function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length);
  if (power < 1) return `${bytes} bytes`;
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]} (${bytes} bytes)`;
}

/** Gives `work` a new folder for files that nobody needs afterwards. */
export async function inTemporaryFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), `fettle-${name}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether something lies at `file` and can be seen. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Files in `folder` and the folders in it, by their names below it with slashes; none where it is gone. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** What tells that a file has changed, or one in a folder. */
export async function stateOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (!found?.isDirectory()) return found ? `${found.size} ${found.mtimeMs}` : 'missing';
  const names = await readdir(file, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => path.join(parentPath, name));
  return (await Promise.all(files.map(async (one) => `${one} ${await stateOf(one)}`))).sort().join();
}
