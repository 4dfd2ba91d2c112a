/** A tool's call before it is work: its paths in full, which of them are not granted, and its command line. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { ROWS, valueAt } from '../../../common/settings/table.ts';
import { parsedJson } from '../../../common/values.ts';
import { openHistory } from '../../app/history.ts';
import type { Flag } from '../../cli/arguments.ts';
import { toBundledPath } from '../../paths.ts';
import { type Grants, refused } from './grants.ts';
import { argvOf, flagNamed, type Given, type PathArgument, pathsOf } from './schema.ts';
import type { Tool } from './tools.ts';

/** The file in a run's folder that holds its configuration. */
const RUN_FILE = 'run.json';
/** Longer arguments are a mistake: rows and documents are files. */
const MOST_CHARS = 64_000;

/** Throws AppError for arguments that nobody could mean. */
export function checkSize(given: Given): void {
  const chars = JSON.stringify(given).length;
  if (chars <= MOST_CHARS) return;
  const message = `The arguments have ${chars} characters; at most ${MOST_CHARS} are read.`;
  throw new AppError('too-long', message, 'Put long texts into a file in a granted folder.');
}

/** All paths that a call would use, those among the settings of the runs that it names included. */
export async function pathsIn(
  { positional }: Tool,
  flags: readonly Flag[],
  given: Given,
  grants: Grants,
): Promise<PathArgument[]> {
  const named = Object.entries(given).flatMap(([name, value]) => {
    if (name === positional?.name) return pathsOf({ name, type: { kind: 'paths' } }, value);
    const { setting } = flagNamed(flags, name);
    return setting ? pathsOf(setting, value) : [];
  });
  const saved = await Promise.all(named.map(({ given: at }) => savedPaths(grants.resolve(at))));
  return [...named, ...saved.flat()];
}

/** Files that the run in `folder` was made of, which its commands read again; none where it is no run. */
async function savedPaths(folder: string): Promise<PathArgument[]> {
  const text = await readFile(path.join(folder, RUN_FILE), 'utf8').catch(() => '');
  const saved = parsedJson(text, toBundledPath);
  return ROWS.filter(({ name }) => name !== 'out').flatMap((row) => pathsOf(row, valueAt(saved, row.name)));
}

/** Throws AppError for what is to be read and is not there: a list with a comma would be taken for several files later. */
export function requireThere(paths: readonly PathArgument[], grants: Grants): void {
  const missing = paths.find(({ given, use }) => use !== 'write' && !existsSync(grants.resolve(given)));
  if (!missing) return;
  const granted = grants.folders.join(', ') || 'none';
  throw refused(`${missing.given} is not there.`, `Write its whole path. Granted folders: ${granted}.`);
}

/** What is written after `fettle`, all paths in full. */
export async function commandLine(
  { command, positional, always = [] }: Tool,
  flags: readonly Flag[],
  given: Given,
  grants: Grants,
): Promise<string[]> {
  const full = ([name, value]: readonly [string, unknown]) => {
    const row = name === positional?.name ? PATHS : flagNamed(flags, name).setting;
    if (!row || pathsOf(row, value).length === 0) return [name, value] as const;
    const paths = [value].flat().map((one) => grants.resolve(String(one)));
    return [name, paths] as const;
  };
  const settled: Record<string, unknown> = Object.fromEntries(Object.entries(given).map(full));
  const last = positional ? ((settled[positional.name] ?? []) as string[]) : [];
  if (positional) delete settled[positional.name];
  const words = positional?.isRun ? await runIds(last) : last;
  return [...command.split(' '), ...always, ...argvOf(flags, settled), ...words];
}

const PATHS = { name: 'data', type: { kind: 'paths' } } as const;

/** What the history calls the runs in these folders. */
async function runIds(folders: readonly string[]): Promise<string[]> {
  const store = await openHistory();
  try {
    return folders.map((folder) => {
      const run = store.runs.byFolder(folder);
      if (run) return run.id;
      throw new AppError('no-run', `${folder} is no run that Fettle knows.`, 'Name folders of runs.');
    });
  } finally {
    store.close();
  }
}
