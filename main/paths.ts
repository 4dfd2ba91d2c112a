/**
 * Where Fettle keeps its own files: under `FETTLE_HOME` when that is set, else where each operating system
 * wants an application's data and caches. Nothing is created here.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { QuickWay } from '../common/protocol/protocol.ts';

/** What the folders depend on; taken from the process unless a test gives its own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** Folder for what can be made again at any time: it may be deleted while no run is going on. */
export function cacheFolder(at: Surroundings = here()): string {
  const { join } = pathsOf(at);
  if (at.env.FETTLE_HOME) return join(at.env.FETTLE_HOME, 'cache');
  if (at.platform === 'darwin') return join(at.home, 'Library', 'Caches', 'Fettle');
  if (at.platform === 'win32') return join(localAppData(at), 'Fettle', 'Cache');
  return join(xdg(at, 'XDG_CACHE_HOME') ?? join(at.home, '.cache'), 'fettle');
}

/** What the self-test of a quick way to compute gave on this computer (speed-tests.ts). */
export function speedTestFile(way: QuickWay, at: Surroundings = here()): string {
  return pathsOf(at).join(cacheFolder(at), `${way}-test.json`);
}

/** Folder for what must not be lost: the experiment store, imported models, runs without a folder of their own. */
export function dataFolder(at: Surroundings = here()): string {
  const { join } = pathsOf(at);
  if (at.env.FETTLE_HOME) return join(at.env.FETTLE_HOME, 'data');
  if (at.platform === 'darwin') return join(at.home, 'Library', 'Application Support', 'Fettle');
  if (at.platform === 'win32') return join(localAppData(at), 'Fettle', 'Data');
  return join(xdg(at, 'XDG_DATA_HOME') ?? join(at.home, '.local', 'share'), 'fettle');
}

/**
 * Folder of optional libraries, such as those for NVIDIA's cards. `FETTLE_PACKS` names it in processes whose
 * data folder has moved: they do not know the store, which knows that.
 */
export function packsFolder(at: Surroundings = here()): string {
  return at.env.FETTLE_PACKS || pathsOf(at).join(dataFolder(at), 'packs');
}

/** Folder of downloaded models; `FETTLE_MODELS` names it where the data folder has moved, as for packs. */
export function modelsFolder(at: Surroundings = here()): string {
  return at.env.FETTLE_MODELS || pathsOf(at).join(dataFolder(at), 'models');
}

/**
 * Folder of the program: of the repository, of an installed Fettle, or the archive of the desktop app. `from`
 * is the folder of the code that runs, which is main/ in the repository and dist/ or a folder in it when
 * built.
 */
export function programFolder(from: string = import.meta.dirname): string {
  const above = ['..', path.join('..', '..'), '.'].map((up) => path.resolve(from, up));
  return above.find((folder) => existsSync(path.join(folder, 'resources', 'general'))) ?? above[0]!;
}

/** Folder of what Fettle ships with: models, samples, the general quiz. Native code can read what is in it. */
export function resourcesFolder(from: string = import.meta.dirname): string {
  return path.join(besideArchive(programFolder(from)), 'resources');
}

/** What a kept path into `resourcesFolder()` begins with. */
const BUNDLED = '⟦program⟧/';
/** A path into some Fettle's resources, and what of it is the name of a bundled file or folder. */
const IN_RESOURCES =
  /^(?:[\\/]|[A-Za-z]:).*[\\/]resources[\\/]((?:samples|general|practice-model|tiny-model)(?:[\\/].*)?)$/;
const RESOURCES = resourcesFolder();

/**
 * How `file` is kept: a file that comes with Fettle by its name, because the program may lie elsewhere at its
 * next start, as an AppImage does each time; any other by its path.
 */
export function bundledName(file: string, resources: string = RESOURCES): string {
  const name = file.startsWith(resources + path.sep) ? file.slice(resources.length + 1) : '';
  return name === '' ? file : BUNDLED + name.split(path.sep).join('/');
}

/**
 * The path that `kept` stands for. Older records hold paths into the program as it lay then: where there is
 * nothing any more, and this Fettle has a file of that name, it is that file.
 */
export function bundledPath(kept: string, resources: string = RESOURCES): string {
  if (kept.startsWith(BUNDLED)) return path.join(resources, kept.slice(BUNDLED.length));
  const name = kept.includes('resources') ? IN_RESOURCES.exec(kept)?.[1] : undefined;
  if (name === undefined || existsSync(kept)) return kept;
  const here = path.join(resources, ...name.split(/[\\/]/));
  return existsSync(here) ? here : kept;
}

/** `bundledName` for JSON.stringify, and `bundledPath` for JSON.parse. */
export const toBundledName = (_: string, value: unknown) =>
  typeof value === 'string' ? bundledName(value) : value;
export const toBundledPath = (_: string, value: unknown) =>
  typeof value === 'string' ? bundledPath(value) : value;

/** The desktop app is packed into an archive that only Electron can look into; what others must read lies beside it. */
export function besideArchive(folder: string): string {
  return folder.replace(/([\\/]app\.asar)(?=[\\/]|$)/, '$1.unpacked');
}

export function here(): Surroundings {
  return { env: process.env, platform: process.platform, home: homedir() };
}

function pathsOf(at: Surroundings): path.PlatformPath {
  return at.platform === 'win32' ? path.win32 : path.posix;
}

export function localAppData(at: Surroundings): string {
  return at.env.LOCALAPPDATA || path.win32.join(at.home, 'AppData', 'Local');
}

/** The XDG specification says that a relative path is to be ignored. */
export function xdg(at: Surroundings, name: string): string | undefined {
  const value = at.env[name];
  return value && path.posix.isAbsolute(value) ? value : undefined;
}
