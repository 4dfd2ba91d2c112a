/** What a shell can complete: commands, their flags and the values of these, from the tables that help is made of. */
import type { Flag } from '../../cli/arguments.ts';
import type { CommandEntry } from '../../cli/command.ts';

export interface Completed {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly CompletedFlag[];
  /** Words without a flag: files, or any of a few. */
  readonly words: Value;
}

export interface CompletedFlag {
  /** With its dashes. */
  readonly name: string;
  readonly about: string;
  /** null for a switch. */
  readonly value: Value | null;
}

/** A file or a folder, one of a few words, or something that a person writes. */
export type Value = 'file' | 'free' | readonly string[];

const FILE = /^\[?(FILE|FOLDER|PATH)/;

/** All commands with their flags, in the order of help. */
export async function completedCommands(entries: readonly CommandEntry[]): Promise<Completed[]> {
  return await Promise.all(
    entries.map(async ({ name, summary, load }) => {
      const { flags, positionals = [] } = (await load()).command;
      return { name, about: summary, flags: flags.map(flagOf), words: valueFor(positionals[0] ?? '') };
    }),
  );
}

function flagOf({ name, about, value, onByDefault, setting }: Flag): CompletedFlag {
  const kind = setting?.type.kind;
  const isFile = kind === 'path' || kind === 'paths';
  const typed = value === undefined ? null : isFile ? 'file' : valueFor(value);
  return { name: onByDefault ? `--no-${name}` : `--${name}`, about, value: typed };
}

function valueFor(placeholder: string): Value {
  if (FILE.test(placeholder)) return 'file';
  return placeholder.includes('|') ? placeholder.split('|') : 'free';
}

/** First words of commands, each once: a group has no summary of its own. */
export function firstWords(commands: readonly Completed[]): (readonly [string, string])[] {
  const names = [...new Set(commands.map(({ name }) => name.split(' ')[0]!))];
  return names.map((name) => {
    const below = secondWords(commands, name).map(([word]) => word);
    const alone = commands.find((one) => one.name === name);
    return [name, alone?.about ?? below.join(', ')] as const;
  });
}

/** Second words after a first one. */
export function secondWords(commands: readonly Completed[], first: string): (readonly [string, string])[] {
  return commands
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name, about }) => [name.slice(first.length + 1), about] as const);
}

/** Groups with their second words. */
export function groups(commands: readonly Completed[]) {
  return firstWords(commands)
    .map(([name]) => ({ name, words: secondWords(commands, name) }))
    .filter(({ words }) => words.length > 0);
}
