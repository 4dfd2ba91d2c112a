/**
 * The flags of a command, derived from the rows of its settings so that names, ranges and explanations exist once (`lora.rsLora` becomes
 * `--rs-lora`), and how its arguments are read by them.
 */

import { parseArgs } from 'node:util';
import { AppError } from '../../common/errors.ts';
import type { Setting, Type } from '../../common/settings/row.ts';
import { closest } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';

export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  readonly about: string;
  readonly group: string;
  /** Placeholder of its value; undefined for a switch. */
  readonly value?: string;
  readonly required?: boolean;
  /** The default in words. */
  readonly fallback?: string;
  /** Whether `--no-name` turns it off, and whether that is the more useful form. */
  readonly negatable?: boolean;
  readonly onByDefault?: boolean;
  readonly alsoCalled?: readonly string[];
  /** Given several times, its values become a list. */
  readonly repeats?: true;
  /** The row that it sets. */
  readonly setting?: Setting;
}

export const JSON_FLAG: Flag = {
  name: 'json',
  about: 'print JSON on stdout',
  group: 'Output',
};

export const HELP_FLAG: Flag = { name: 'help', about: 'show this help', group: 'Output' };

export function flagsOf(rows: readonly Setting[]): Flag[] {
  return rows
    .filter(({ flag }) => flag !== false)
    .map((row): Flag => {
      const { about, group, alsoCalled, repeats } = row;
      const value = row.value ?? placeholder(row.type);
      const fallback = row.fallback ?? defaultInWords(row);
      return {
        name: flagOf(row),
        about,
        group,
        required: row.required === true,
        negatable: value === undefined,
        onByDefault: row.default === true,
        ...(value !== undefined && { value }),
        ...(fallback !== undefined && { fallback }),
        ...(alsoCalled && { alsoCalled }),
        ...(repeats && { repeats }),
        setting: row,
      };
    });
}

/** The flag of a row, without dashes. */
export function flagOf({ name, flag }: Pick<Setting, 'name' | 'flag'>): string {
  return flag || flagName(name);
}

/** The flag, without dashes, that sets what a configuration calls `name`. */
export function flagName(name: string): string {
  const leaf = name.split('.').at(-1) ?? name;
  return leaf.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The value that `text` stands for; text that does not fit is kept, so that the schema can complain. */
function typedValue(type: Type, text: string): unknown {
  switch (type.kind) {
    case 'number':
    case 'integer':
      return /^[-+.\d]/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return { true: true, false: false }[text] ?? text;
    case 'names':
      return text === type.word ? text : text.split(',').map((part) => part.trim());
    default:
      return text;
  }
}

function placeholder(type: Type): string | undefined {
  switch (type.kind) {
    case 'boolean':
      return undefined;
    case 'choice':
      return type.choices.join('|');
    case 'number':
    case 'integer':
      return type.of?.join('|') ?? 'N';
    default:
      return 'TEXT';
  }
}

function defaultInWords({ default: value }: Setting): string | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? 'on' : String(value);
}

/** Node's own parser splits the arguments; what is wrong is said here, with the flag that was probably meant. */

/** What was typed after the command. */
export interface Arguments {
  /** Values by flag name: `true` or `false` for switches, numbers and lists already converted. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly positionals: readonly string[];
}

type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** The error for a wrong command, flag or value; `hint` says what to write. */
export const badUsage = (message: string, hint: string) => new AppError('bad-usage', message, hint);

/** Whether a program reads what the command prints. */
export const wantsJson = ({ values }: Pick<Arguments, 'values'>): boolean => values.get('json') === true;

/** Reads `argv` of `fettle <command>`. Throws `AppError('bad-usage')`. */
export function readArguments(
  command: string,
  flags: readonly Flag[],
  argv: readonly string[],
  usage = '',
): Arguments {
  const values = new Map<string, unknown>();
  const positionals: string[] = [];
  for (const token of tokensOf(flags, argv)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') setValue(values, flags, readOption({ command, usage }, flags, argv, token));
  }
  nameCard(values, flags);
  return { values, positionals };
}

/** Cards as ggml calls them, also with a colon: `Vulkan1`, `vulkan:1`. */
const CARD = /^(vulkan|cuda|metal|mtl):?\d+$/i;

/** `--device vulkan:1` is short for `--executor ggml --card vulkan:1`. */
function nameCard(values: Map<string, unknown>, flags: readonly Flag[]): void {
  const device = values.get('device');
  if (typeof device !== 'string' || !CARD.test(device) || !flags.some(({ name }) => name === 'card')) return;
  values.delete('device');
  for (const [name, value] of [
    ['card', device],
    ['executor', 'ggml'],
  ] as const)
    if (!values.has(name)) values.set(name, value);
}

/** The last value of a flag holds, except for one that may repeat: its values become a list. */
function setValue(
  values: Map<string, unknown>,
  flags: readonly Flag[],
  [name, value]: [string, unknown],
): void {
  const repeated = values.has(name) && flags.some((flag) => flag.name === name && flag.repeats);
  values.set(name, repeated ? [values.get(name), value].flat() : value);
}

/** Whether `argv` asks for help, however wrong the rest of it is. */
export function asksForHelp(flags: readonly Flag[], argv: readonly string[]): boolean {
  return tokensOf(flags, argv).some(
    (token) => token.kind === 'option' && (token.name === 'help' || token.name === 'h'),
  );
}

function tokensOf(flags: readonly Flag[], argv: readonly string[]) {
  const options = Object.fromEntries(
    flags.map((flag) => [flag.name, { type: flag.value === undefined ? 'boolean' : 'string' } as const]),
  );
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

interface Named {
  readonly command: string;
  /** How it is written, where something comes without a flag. */
  readonly usage: string;
}

function readOption(
  command: Named,
  flags: readonly Flag[],
  argv: readonly string[],
  token: OptionToken,
): [string, unknown] {
  const typed = typedName(argv[token.index] ?? '', token);
  const flag = token.rawName.startsWith('--') ? flags.find((one) => one.name === typed) : undefined;
  if (flag)
    return [flag.name, flag.value === undefined ? readSwitch(flag, token) : readValue(flags, flag, token)];
  const off = flags.find((one) => one.negatable && typed === `no-${one.name}`);
  if (off && token.value === undefined) return [off.name, false];
  throw unknownFlag(command, flags, argv[token.index] ?? token.rawName, typed);
}

/** `-model` is read by the parser as seven one-letter flags; what was meant is `--model`. */
function typedName(argument: string, token: OptionToken): string {
  if (token.rawName.startsWith('--')) return token.name;
  return argument.replace(/^-/, '').replace(/=.*$/s, '');
}

function readSwitch(flag: Flag, token: OptionToken): boolean {
  const value = token.value ?? 'true';
  if (value === 'true' || value === 'false') return value === 'true';
  const [on, off] = [`--${flag.name}`, `--no-${flag.name}`];
  const hint = flag.negatable ? say`Write ${on} or ${off}.` : say`Write ${on}.`;
  throw badUsage(say`${on} takes no value; got "${value}".`, hint);
}

function readValue(flags: readonly Flag[], flag: Flag, token: OptionToken): unknown {
  const { value } = token;
  const swallowsFlag = !token.inlineValue && /^--\w/.test(value ?? '');
  if (value === undefined || swallowsFlag) {
    const isFlag = flags.some((one) => value === `--${one.name}`);
    const isValue = say`If "${value ?? ''}" is the value, write ${`--${flag.name}=${value}`}.`;
    const hint = swallowsFlag && !isFlag ? ` ${isValue}` : '';
    const write = say`Write ${`--${flag.name} ${flag.value}`}.`;
    throw badUsage(say`${`--${flag.name}`} needs a value.`, `${write}${hint}`);
  }
  return flag.setting ? typedValue(flag.setting.type, value) : value;
}

function unknownFlag(
  { command, usage }: Named,
  flags: readonly Flag[],
  argument: string,
  typed: string,
): AppError {
  const meant = meantFlag(flags, typed);
  const write = usage === '' ? '' : `${say`Write: ${`fettle ${usage}`}.`} `;
  const dashes = /^-[^-]/.test(argument) ? ` ${say`Flags begin with two dashes.`}` : '';
  const hint = meant
    ? `${say`Did you mean ${meant}?`}${dashes}`
    : `${write}${say`${`\`fettle ${command} --help\``} lists the flags.`}`;
  return badUsage(say`${`fettle ${command}`} has no flag ${argument.replace(/=.*$/s, '')}.`, hint);
}

function meantFlag(flags: readonly Flag[], typed: string): string | undefined {
  const name = typed.toLowerCase().replaceAll('_', '-');
  const known = flags.find((flag) => flag.name === name || flag.alsoCalled?.includes(name));
  if (known) return `--${known.name}`;
  const names = flags.flatMap((flag) => (flag.negatable ? [flag.name, `no-${flag.name}`] : [flag.name]));
  const near = closest(name, names);
  return near && `--${near}`;
}
