/** Files: the system's dialog where the host has one, else folders to look through; and what is dropped or pasted is kept. */
import { readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FolderEntry, PickKind } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Parts } from '../app/parts.ts';
import { keep, UPLOADS } from '../app/uploads.ts';
import type { Log } from '../log.ts';
import type { Implementer } from './router.ts';

export function fileCalls(on: Implementer, { host, store, allowed }: Parts, log: Log) {
  const open = async (what: PickKind, paths: readonly string[]) => {
    await allowed.open(what, paths);
    for (const one of paths) log.note(`a page opened ${JSON.stringify(one)} (${what})`);
  };
  return {
    pick: on.files.pick.handler(async ({ input: { what, suggest } }) => {
      if (host.pick) {
        const picked = await host.pick(what, suggest);
        await open(what, picked);
        return picked;
      }
      throw new AppError(
        'no-dialogs',
        say`A browser can't show the files of the computer that Fettle runs on.`,
        say`Look through its folders instead.`,
      );
    }),
    open: on.files.open.handler(({ input }) => open(input.what, input.paths)),
    browse: on.files.browse.handler(({ input }) => browse(input.path ?? os.homedir())),
    keep: on.files.keep.handler(async ({ input }) => {
      const { name, content } = input;
      const bytes = typeof content === 'string' ? content : new Uint8Array(await content.arrayBuffer());
      return { path: await keep(path.join(store.folder, UPLOADS), name, bytes) };
    }),
  };
}

/** What is in a folder: folders first, then files, by the alphabet; hidden ones are left out. Of a file, the folder that it is in. */
async function browse(given: string) {
  const named = (await entryAt(path.resolve(given))) ?? (await entryAt(path.resolve(pastedPath(given))));
  const file = named?.kind === 'file' ? named : null;
  const at = file ? path.dirname(file.path) : (named?.path ?? path.resolve(pastedPath(given)));
  let names: string[];
  try {
    names = await readdir(at);
  } catch (cause) {
    throw unreadable(at, cause as NodeJS.ErrnoException);
  }
  const shown = names.filter((name) => !name.startsWith('.'));
  const entries = (await Promise.all(shown.map((name) => entryAt(path.join(at, name))))).filter(
    (entry) => entry !== null,
  );
  const parent = path.dirname(at);
  return { path: at, parent: parent === at ? null : parent, entries: entries.sort(byKindAndName), file };
}

/** A path as people paste it: in quotes, as a file address, or with ~ for their home. */
function pastedPath(given: string): string {
  const bare = given.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (URL.canParse(bare) && /^file:\/\/\//i.test(bare)) return fileURLToPath(bare);
  return /^~(?=$|[\\/])/.test(bare) ? path.join(os.homedir(), bare.slice(1)) : bare;
}

/** A file or folder, also where a link leads to it; null for what is neither or cannot be looked at. */
async function entryAt(file: string): Promise<FolderEntry | null> {
  const found = await stat(file).catch(() => null);
  const name = path.basename(file);
  if (found?.isDirectory()) return { name, path: file, kind: 'folder', bytes: null };
  return found?.isFile() ? { name, path: file, kind: 'file', bytes: found.size } : null;
}

const order = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byKindAndName(a: FolderEntry, b: FolderEntry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return order.compare(a.name, b.name);
}

function unreadable(folder: string, cause: NodeJS.ErrnoException): AppError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: say`is not there`,
    ENOTDIR: say`is not a folder`,
    EACCES: say`may not be read by you`,
    EPERM: say`may not be read by you`,
  };
  const why = reasons[cause.code ?? ''] ?? say`can't be read: ${cause.message}`;
  return new AppError('folder-not-readable', `${folder} ${why}.`, say`Choose another folder.`, { cause });
}
