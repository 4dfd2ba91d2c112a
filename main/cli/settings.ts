/**
 * Puts a configuration together: a saved run, then a file, then flags, each over the one before; and calls every field in an error by the
 * name under which it was given.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError, systemError } from '../../common/errors.ts';
import type { Setting } from '../../common/settings/row.ts';
import { RUN_SETTINGS } from '../../common/settings/table.ts';
import { isRecord } from '../../common/values.ts';
import type { SettingNaming } from '../engine/config/parse.ts';
import { toBundledPath } from '../paths.ts';
import { type Arguments, type Flag, flagName, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import type { Command, Streams } from './command.ts';

/** Settings as a tree, as in `run.json`. */
export type Settings = Record<string, unknown>;

/** A command whose settings are the rows of one table, `settings`: `run` gets them parsed. Its first example is the one that errors name. */
export function commandOf<Config>({
  name,
  settings,
  parse,
  run,
  ...shown
}: Pick<Command, 'usage' | 'about' | 'examples'> & {
  readonly name: string;
  readonly settings: readonly Setting[];
  parse(input: unknown, name: SettingNaming): Config;
  run(config: Config, args: Arguments, streams: Streams): Promise<number>;
}): Command {
  const flags = [...flagsOf(settings), JSON_FLAG, HELP_FLAG];
  const example = shown.examples[0]!;
  return {
    ...shown,
    flags,
    run: async (args, streams) => run(settle(args, flags, [], { name, example }, parse), args, streams),
  };
}

/** Parses `files` and the flags of `args`, later ones first, with `parse`; errors name their source. */
export function settle<T>(
  args: Arguments,
  flags: readonly Flag[],
  files: readonly SettingsFile[],
  command: { readonly name: string; readonly example: string },
  parse: (input: unknown, name: SettingNaming) => T,
): T {
  const given = givenByFlags(args, flags);
  const merged = namedSettings(args, flags, files);
  const nameOf = (path: string) => sourceName(path, given, files, flags);
  try {
    return absolutePaths(
      parse(merged, nameOf),
      flags.flatMap(({ setting }) => setting ?? []),
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-config') throw error;
    const hint = / is missing: /.test(error.message)
      ? `For example: ${command.example}`
      : `\`fettle ${command.name} --help\` explains every flag.`;
    throw new AppError('bad-config', error.message, hint, { cause: error });
  }
}

/** What `files` and the flags of `args` name, later ones first, as a tree; nothing is checked or filled in. */
export function namedSettings(
  args: Arguments,
  flags: readonly Flag[],
  files: readonly SettingsFile[],
): Settings {
  const given = givenByFlags(args, flags);
  const merged = [...files.map((file) => file.settings), given].reduce(merge, {});
  for (const { setting } of flags) {
    const rival = setting?.rival;
    if (rival !== undefined && setting!.name in given && !(rival in given)) delete merged[rival];
  }
  return merged;
}

/** Settings from a JSON file, and how to call the file. */
export interface SettingsFile {
  readonly name: string;
  readonly settings: Settings;
}

/** Reads a JSON file of settings. Throws `AppError('bad-config')`. */
export async function readSettings(path: string): Promise<SettingsFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw systemError(error, path);
    throw new AppError(
      'bad-config',
      `The settings file ${path} cannot be read: it does not exist.`,
      'Check the path.',
    );
  });
  const settings = parseJson(path, text);
  if (isRecord(settings)) return { name: path, settings };
  throw new AppError(
    'bad-config',
    `${path} must hold one JSON object of settings; it holds ${Array.isArray(settings) ? 'a list' : text.trim().slice(0, 40)}.`,
    'For example: {"learningRate": 1e-4, "lora": {"rank": 8}}',
  );
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''), toBundledPath);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('bad-config', `${path} is not JSON: ${why}.`, 'Check quotes, commas and brackets.');
  }
}

function givenByFlags(args: Arguments, flags: readonly Flag[]): Settings {
  const settings: Settings = {};
  for (const flag of flags) {
    if (flag.setting && args.values.has(flag.name))
      setAt(settings, flag.setting.name, args.values.get(flag.name));
  }
  return settings;
}

function merge(under: Settings, over: Settings): Settings {
  const merged: Settings = { ...under };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isRecord(value) && isRecord(merged[key]) ? merge(merged[key], value) : value;
  }
  return merged;
}

function setAt(settings: Settings, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let tree = settings;
  for (const key of keys) {
    const inner = tree[key];
    const branch = isRecord(inner) ? inner : {};
    tree[key] = branch;
    tree = branch;
  }
  tree[last] = value;
}

function has(settings: Settings, path: string): boolean {
  let value: unknown = settings;
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return false;
    value = value[key];
  }
  return true;
}

function sourceName(
  path: string,
  given: Settings,
  files: readonly SettingsFile[],
  flags: readonly Flag[],
): string {
  const file = has(given, path) ? undefined : files.findLast((one) => has(one.settings, path));
  const flag = flags.find((one) => one.setting?.name === path)?.name ?? flagName(path);
  return file ? `"${path}" in ${file.name}` : `--${flag}`;
}

/** The settings with every path of a file as an absolute one, so that a saved run can go on from anywhere. */
export function absolutePaths<T>(config: T, rows: readonly Setting[] = RUN_SETTINGS): T {
  const settings = { ...(config as Settings) };
  for (const { name, type, flag } of rows) {
    if (flag === false || (type.kind !== 'path' && type.kind !== 'paths')) continue;
    const given = [settings[name]].flat().filter((one) => typeof one === 'string');
    const paths = (type.kind === 'paths' ? given.flatMap(separatePaths) : given).map((one) => resolve(one));
    if (paths.length > 0) settings[name] = paths.length === 1 ? paths[0] : paths;
  }
  return settings as T;
}

/** A comma stands between two paths, unless a file has that name. */
function separatePaths(given: string): string[] {
  if (!given.includes(',') || existsSync(given)) return [given];
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
