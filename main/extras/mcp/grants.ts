/** Which folders an assistant may read and write: those that a person has granted, wherever links lead. */
import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, systemError } from '../../../common/errors.ts';

/** What a path is for. Models may also lie where Fettle knows them. */
export type Use = 'read' | 'write' | 'model';

export class Grants {
  readonly #folders = new Set<string>();
  /** What comes with Fettle, and the models that it knows: of the latter nothing but weights is read. */
  readonly #own: Readonly<Record<Exclude<Use, 'write'>, readonly string[]>>;

  constructor({
    program = [],
    models = [],
  }: { readonly program?: string[]; readonly models?: string[] } = {}) {
    const there = (all: readonly string[]) =>
      all.filter((at) => existsSync(at)).map((at) => realpathSync(at));
    this.#own = { read: there(program), model: there([...program, ...models]) };
  }

  get folders(): readonly string[] {
    return [...this.#folders];
  }

  /** Grants a folder. Throws AppError where it is none, or so wide that it would grant everything. */
  add(folder: string): void {
    if (!isFolder(folder))
      throw refused(`${folder} is no folder.`, 'Name a folder that is there, with --folder.');
    const real = realpathSync(folder);
    if (contains(real, realpathSync(os.homedir())))
      throw refused(`${folder} holds everything that you have.`, 'Grant the folder of your data alone.');
    this.#folders.add(real);
  }

  /** Grants what a client calls its roots; what is too wide or no folder here is passed over. */
  addRoots(roots: readonly { readonly uri: string }[]): void {
    for (const { uri } of roots) {
      try {
        this.add(fileURLToPath(uri));
      } catch {
        // a root on another computer, or the whole disk: nothing is granted, and the call says so
      }
    }
  }

  /** Where a path leads; relative ones begin in the first granted folder. */
  resolve(given: string): string {
    return path.resolve(this.folders[0] ?? process.cwd(), given);
  }

  /** Whether `given` may be used; throws AppError where it leads nowhere. */
  allows(given: string, use: Use): boolean {
    const real = realOf(this.resolve(given));
    const homes = [...this.#folders, ...(use === 'write' ? [] : this.#own[use])];
    return homes.some((home) => contains(home, real));
  }

  /** The folder that a person would grant for `given`. */
  folderFor(given: string): string {
    const real = realOf(this.resolve(given));
    let folder = isFolder(real) ? real : path.dirname(real);
    while (!isFolder(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
    return folder;
  }
}

/** The error for a path outside of what is granted. */
export function notGranted(given: string, folder: string): AppError {
  return refused(
    `${given} is not in a folder that was granted.`,
    `The person can grant it: fettle mcp --folder ${folder}`,
  );
}

export const refused = (message: string, hint: string) => new AppError('not-granted', message, hint);

const isFolder = (at: string) => statSync(at, { throwIfNoEntry: false })?.isDirectory() === true;

const contains = (home: string, at: string) =>
  at === home || at.startsWith(home.endsWith(path.sep) ? home : home + path.sep);

/** `at` without links; what is not there yet lies in the nearest folder above that is. */
function realOf(at: string): string {
  try {
    return realpathSync(at);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing) throw systemError(error, at);
    // a link whose end is missing could be made to lead anywhere later
    if (lstatSync(at, { throwIfNoEntry: false })) throw refused(`${at} is a link that leads nowhere.`, '');
    const above = path.dirname(at);
    return path.join(realOf(above), path.basename(at));
  }
}
