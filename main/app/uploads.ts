/**
 * Files that people drop, paste, fetch or edit, each in a folder of its own in the data folder, so that its name can stay as it is; and
 * names made of what people type, which may be anything.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput, FetchProgress } from '../../common/api/contract.ts';
import { isRunning } from '../processes.ts';
import { rename } from '../rename.ts';
import type { Parts } from './parts.ts';

/** The folder in the data folder for all of them. */
export const UPLOADS = 'uploads';

/** Writes `content` as a new file called `name` into a folder of its own in `uploads`; returns its path. */
export async function keep(uploads: string, name: string, content: string | Uint8Array): Promise<string> {
  const file = await placeFor(uploads, name);
  const temporary = unfinished(file);
  try {
    await writeFile(temporary, content, { flag: 'wx', mode: 0o600, flush: true });
    await rename(temporary, file);
    return file;
  } catch (error) {
    await rm(path.dirname(file), { recursive: true, force: true });
    throw error;
  }
}

/** What a file is called until all of it is written: it names the process that writes. */
export const unfinished = (file: string) => `${file}.${process.pid}.part`;

const cleared = new Set<string>();

/** Removes, once, what a process that is gone has begun to write there. */
async function clearUnfinished(uploads: string): Promise<void> {
  if (cleared.has(uploads)) return;
  cleared.add(uploads);
  const names = await readdir(uploads, { recursive: true }).catch(() => []);
  for (const name of names) {
    const pid = /\.(\d+)\.part$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(path.dirname(path.join(uploads, name)), { recursive: true, force: true });
  }
}

/** A path for a new file that a person calls `name`; the folder around it is made, so that the name can stay as it is. */
export async function placeFor(uploads: string, name: string): Promise<string> {
  await clearUnfinished(uploads);
  const folder = path.join(uploads, shortId());
  await mkdir(folder, { recursive: true });
  return path.join(folder, fileName(name));
}

type Send = (news: FetchProgress) => void;

export async function getDataset(
  { hub, store }: Parts,
  { repo, part }: CallInput<'sources', 'get'>,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const onProgress = (bytes: number, totalBytes: number) => send({ kind: 'progress', bytes, totalBytes });
  const folder = path.join(store.folder, UPLOADS, 'hub');
  send({ kind: 'done', paths: await hub.downloadDataset(repo, part, { folder, onProgress, signal }) });
}

/** Fetches the file at an address. Only in a window does the person sit at this computer, and may name addresses of its network. */
export async function getAddress(
  { hub, store, host }: Parts,
  address: string,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const file = await hub.fetchFile(address, {
    mayBePrivate: host.kind === 'electron',
    place: (name) => placeFor(path.join(store.folder, UPLOADS), name),
    onProgress: (bytes, totalBytes) => send({ kind: 'progress', bytes, totalBytes }),
    signal,
  });
  send({ kind: 'done', paths: [file] });
}

const SLUG_CHARS = 40;
const NAME_CHARS = 120;
/** Names that Windows keeps for devices, whatever follows the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Six digits that tell two things of the same name apart. */
export function shortId(): string {
  return randomBytes(3).toString('hex');
}

/** `My first run!` -> `my-first-run`; `fallback` where nothing is left of it. */
export function slug(text: string, fallback: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARS)
    .replace(/^-+|-+$/g, '');
  return plain === '' || DEVICE.test(plain) ? fallback : plain;
}

/** A file's name without folders, in characters that every system can write; its ending is kept. */
export function fileName(given: string, fallback = 'file'): string {
  const last = given.split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    .replace(/[\p{C}<>:"|?*]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 ? plain.slice(dot).slice(0, 20) : '';
  const stem = (dot > 0 ? plain.slice(0, dot) : plain).slice(0, NAME_CHARS - ending.length);
  return stem === '' || DEVICE.test(plain) ? `${fallback}${ending}` : stem + ending;
}

/** What the list of runs calls the data: the first file, and how many more. */
export function dataName(paths: readonly string[]): string {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return path.basename(paths[0] ?? '') + more;
}
