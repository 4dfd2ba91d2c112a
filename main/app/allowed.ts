/**
 * Which files pages may have read and written. Every path that a page sends is asked about here first: it must have been chosen in
 * this session, or belong to Fettle's data or to something that Fettle knows. Links are followed before anything is compared.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DraftContent, PickKind } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { requireOwnFile } from '../folders.ts';
import { resourcesFolder } from '../paths.ts';
import type { Store } from '../store/store.ts';

/** Folders in the data folder. What lies beside them is Fettle's alone: secrets, records, logs. */
const OWN_FOLDERS = { read: ['runs', 'uploads', 'mended', 'models'], write: ['runs', 'mended'] };
/** What Linux shows of processes, their memory and devices. */
const NO_FILES = /^\/(proc|sys|dev)(\/|$)/;

type Use = 'read' | 'write';

/** Files that pages may have read and written; the calls that throw do so with an AppError. */
export type AllowedPaths = ReturnType<typeof allowedPaths>;

export function allowedPaths(store: Pick<Store, 'folder' | 'drafts' | 'models'>) {
  const chosen: Readonly<Record<Use, Set<string>>> = { read: new Set(), write: new Set() };

  async function check(given: string, use: Use, asksLater = false): Promise<void> {
    const file = path.resolve(given);
    const [real, data] = await Promise.all([realOf(given), realOf(store.folder)]);
    const own = await Promise.all(OWN_FOLDERS[use].map((name) => realOf(path.join(store.folder, name))));
    const isIn = (roots: Iterable<string>) => [...roots].some((root) => isWithin(real, root));
    const holdsOurs = isWithin(real, data) || (use === 'read' && isWithin(data, real));
    if ((holdsOurs && !isIn(own)) || NO_FILES.test(real)) throw neverOpen(file);
    if (isIn(own)) return;
    if (!isIn(chosen[use])) {
      if (use === 'write' || !(await isKnown(file, real))) throw notOpen(file, use);
      chosen.read.add(real);
    }
    // what comes with Fettle may have been installed by a program that links files
    if (use === 'write' || asksLater) return;
    if (!isWithin(real, await realOf(resourcesFolder()))) await requireOwnFiles(real);
  }

  /** Whether it comes with Fettle, is a model, or stands in a draft: a repeat of a run makes one. */
  async function isKnown(file: string, real: string): Promise<boolean> {
    if (isWithin(real, await realOf(resourcesFolder())) || store.models.byPath(file) !== null) return true;
    const drafted = store.drafts.list().flatMap(({ content }) => pathsIn(content));
    return (await Promise.all(drafted.map(realOf))).includes(real);
  }

  return {
    /** The person has chosen these: to save there (`folder`, `save`), or to read them and what is in them. */
    async open(what: PickKind, paths: readonly string[]): Promise<void> {
      const use = what === 'folder' || what === 'save' ? 'write' : 'read';
      for (const one of paths) chosen[use].add(await realOf(one));
    },
    /** Throws for the first path that may not be read. `asksLater`: whoever reads a folder asks about each file, and leaves some out. */
    async read(paths: readonly string[], { asksLater = false } = {}): Promise<void> {
      for (const one of paths) await check(one, 'read', asksLater);
    },
    /** Throws where nothing may be written. */
    write: (one: string) => check(one, 'write'),
  };
}

/** Names of what is opened in a folder: rows, documents, models. */
const OPENED =
  /\.(jsonl?|ndjson|jsonlines|[ct]sv|tab|psv|te?xt|md|markdown|parquet|pq|xls[xm]|pdf|docx|x?html?|jinja|model|safetensors|gguf)(\.gz)?$/i;
/** What a folder is asked about at most: where more lies in it, what opens its files still asks about each. */
const MOST_ASKED = 10_000;

/** Throws where a visible file in `folder`, or in a folder in it, isn't its own. */
async function requireOwnFiles(folder: string): Promise<void> {
  const open = [folder];
  let asked = 0;
  for (let next = open.pop(); next !== undefined && asked < MOST_ASKED; next = open.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      if (entry.name.startsWith('.') || ++asked > MOST_ASKED) continue;
      const file = path.join(next, entry.name);
      if (entry.isDirectory()) open.push(file);
      // a link to a folder isn't followed by what reads folders
      else if (OPENED.test(entry.name) && (await stat(file).catch(() => null))?.isFile())
        await requireOwnFile(file, folder);
    }
  }
}

/** The files that a draft names. */
export function pathsIn({ data, edited, evalPaths = [], mended, settings }: DraftContent): string[] {
  const named = [
    ...(data?.paths ?? []),
    ...(edited?.from.paths ?? []),
    ...evalPaths,
    mended?.out,
    settings?.replayData,
  ];
  return named.filter((one) => typeof one === 'string');
}

/** The path after all links; of what is not there yet, the folder that is. */
async function realOf(given: string): Promise<string> {
  const file = path.resolve(given);
  try {
    return await realpath(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(await realOf(parent), path.basename(file));
  }
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep);
}

function notOpen(file: string, use: Use): AppError {
  return use === 'read'
    ? new AppError(
        'path-not-open',
        say`You haven't chosen ${file} since Fettle started.`,
        say`Choose it again.`,
      )
    : new AppError(
        'path-not-open',
        say`You haven't chosen ${path.dirname(file)} as a place to save to since Fettle started.`,
        say`Choose the place again.`,
      );
}

function neverOpen(file: string): AppError {
  return new AppError(
    'path-never-open',
    say`${file} belongs to Fettle or to the system, so it can't be opened here.`,
    say`Choose another file or folder.`,
  );
}
