/** The help texts: the overview, and each command's page made from its table of flags. */

import type { Flag } from './arguments.ts';
import { type Command, type CommandEntry, EXIT_CODES } from './command.ts';

/** What the overview says about a command. */
type Summary = Pick<CommandEntry, 'name' | 'summary'>;

/** The text of `fettle --help`, at most `width` columns wide. */
export function overview(commands: readonly Summary[], width: number): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    'Fettle fine-tunes language models on this computer.',
    '',
    'Usage: fettle COMMAND [flags]',
    '',
    'Commands',
    ...columns([...rows, ['help COMMAND', 'everything about one command']], width),
    '',
    'Flags',
    ...columns(
      [
        ['--help', 'show this help; after a command: its flags'],
        ['--version', 'show the version'],
      ],
      width,
    ),
    '',
    ...closing(width),
  ].join('\n');
}

/** The text of `fettle COMMAND --help`, at most `width` columns wide. */
export function commandHelp({ name, summary }: Summary, command: Command, width: number): string {
  const groups = [...new Set(command.flags.map((flag) => flag.group))];
  return [
    `fettle ${name}: ${summary}`,
    '',
    ...wrap(`Usage: fettle ${command.usage}`, width, 9),
    ...(command.about ? ['', ...wrap(command.about, width)] : []),
    ...groups.flatMap((group) => [
      '',
      group,
      ...columns(command.flags.filter((flag) => flag.group === group).map(flagRow), width),
    ]),
    '',
    command.examples.length === 1 ? 'Example' : 'Examples',
    ...command.examples.map((example) => `  ${example}`),
    '',
    ...closing(width),
  ].join('\n');
}

function closing(width: number): string[] {
  return [
    'Exit codes',
    ...columns(
      EXIT_CODES.map(({ code, meaning }) => [String(code), meaning] as const),
      width,
    ),
  ];
}

function flagRow(flag: Flag): readonly [string, string] {
  const name = flag.onByDefault ? `--[no-]${flag.name}` : `--${flag.name}`;
  const notes = [flag.required ? 'required' : undefined, flag.fallback && `default: ${flag.fallback}`].filter(
    Boolean,
  );
  return [
    flag.value ? `${name} ${flag.value}` : name,
    notes.length > 0 ? `${flag.about} (${notes.join(', ')})` : flag.about,
  ];
}

/** Two columns; a left entry that is too wide gets a line of its own. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.min(28, Math.max(...rows.map(([name]) => name.length))) + 4;
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, width - left).map((line) => ' '.repeat(left) + line);
    if (name.length + 4 > left) return [`  ${name}`, ...lines];
    return [`  ${name}`.padEnd(left) + (lines[0] ?? '').slice(left), ...lines.slice(1)];
  });
}

/** A command with its flags, to be copied as a whole. */
const COMMAND = /\bfettle(?: [a-z]+){1,3}(?: --[\w-]+(?:[ =][\w./:-]+)?)*/g;
const KEPT_SPACE = '\0';

/** Breaks `text` at spaces, never inside a command, into lines of at most `width` columns; later lines begin with `indent` spaces. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = '';
  const kept = text.replace(COMMAND, (command) => command.replaceAll(' ', KEPT_SPACE));
  for (const part of kept.split(' ')) {
    const word = part.replaceAll(KEPT_SPACE, ' ');
    if (line.trim() !== '' && line.length + 1 + word.length > Math.max(20, width)) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Words beside `first` that go on below themselves. */
export function hanging(first: string, text: string, width: number): string[] {
  const lines = wrap(text, width - first.length);
  return lines.map((line, i) => `${i === 0 ? first : ' '.repeat(first.length)}${line}`);
}
