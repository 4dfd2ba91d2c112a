/**
 * `fettle` on the command line: finds the command, reads its flags, runs it, and turns whatever is thrown into a message with advice and an
 * exit code. bin/fettle.js calls `main` with the arguments.
 */

import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { AppError } from '../../common/errors.ts';
import { closest } from '../../common/values.ts';
import { type Language, say, terminalLanguage, useLanguage } from '../../common/words/language.ts';
import { dataFolder } from '../paths.ts';
import { described } from '../runs/problems.ts';
import { followPointers, hasPointer } from '../store/data-files.ts';
import { versions } from '../versions.ts';
import { asksForHelp, badUsage, readArguments } from './arguments.ts';
import { type Command, type CommandEntry, EXIT, exitCodeOf, type Streams } from './command.ts';
import { COMMANDS } from './commands.ts';
import { commandHelp, overview } from './help.ts';
import { harmless, styleFor, within } from './words.ts';

/** Runs `fettle` with `argv` (what follows the program's name) and ends the process with the exit code that fits. */
export async function main(argv: readonly string[]): Promise<void> {
  surviveClosedPipes();
  pointToPacks();
  await useLanguage(languageFor(argv, process.env));
  const code = await runCommand(argv, { out: process.stdout, err: process.stderr });
  await Promise.all([process.stdout, process.stderr].map(drained));
  process.exit(code);
}

/** Commands whose words a program reads. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['completion', 'mcp', 'tuning']);

/** English for programs; else the language of the terminal, in which errors, advice and progress are said. */
function languageFor(argv: readonly string[], env: NodeJS.ProcessEnv): Language {
  return argv.includes('--json') || FOR_PROGRAMS.has(argv[0] ?? '') ? 'en' : terminalLanguage(env);
}

/** Does what `argv` asks for and returns the exit code; everything is written to `streams`. */
export async function runCommand(argv: readonly string[], given: Streams): Promise<number> {
  const streams = { out: harmless(given.out), err: harmless(given.err) };
  try {
    return await dispatch(argv, streams);
  } catch (error) {
    report(error, argv.includes('--json'), streams, await flagsFor(error, argv));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], streams: Streams): Promise<number> {
  const [first, ...rest] = argv;
  const width = Math.min(streams.out.columns || 100, 100);
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return print(streams, rest[0] === undefined ? overview(COMMANDS, width) : await helpFor(rest, width));
  }
  if (first === '--version' || first === '-v' || first === '-V') return print(streams, version());
  if (isGroup(first) && !isCommand(first) && /^(--help|-h)?$/.test(rest[0] ?? ''))
    return print(streams, await helpFor([first], width));
  const entry = find(first, rest);
  const given = rest.slice(entry.name.split(' ').length - 1);
  const { command } = await entry.load();
  if (asksForHelp(command.flags, given)) return print(streams, commandHelp(entry, command, width));
  const args = readArguments(entry.name, command.flags, given, command.positionals && command.usage);
  checkPositionals(entry.name, command, args.positionals);
  return command.run(args, streams, COMMANDS);
}

async function helpFor([name = '', ...rest]: readonly string[], width: number): Promise<string> {
  if (rest.length === 0 && isGroup(name) && !isCommand(name)) return overview(groupOf(name), width);
  const entry = find(name, rest);
  return commandHelp(entry, (await entry.load()).command, width);
}

/** The commands of two words that begin with `name`. */
function groupOf(name: string): readonly CommandEntry[] {
  return COMMANDS.filter((one) => one.name.startsWith(`${name} `));
}

function isGroup(name: string): boolean {
  return groupOf(name).length > 0;
}

/** Whether the first word alone is a command, as `devices` is beside `devices get`. */
function isCommand(name: string): boolean {
  return COMMANDS.some((one) => one.name === name);
}

function entryOf(name: string, rest: readonly string[]): CommandEntry | undefined {
  return COMMANDS.find((one) => one.name === name || one.name === `${name} ${rest[0]}`);
}

function find(name: string, rest: readonly string[]): CommandEntry {
  const entry = entryOf(name, rest);
  if (entry) return entry;
  if (isGroup(name)) throw unknownSubcommand(name, rest[0] ?? '');
  if (name.startsWith('-')) {
    const early = rest.find((word) => COMMANDS.some((one) => one.name === word));
    const advice = early ? say`Write: ${`fettle ${early} ${name} ...`}` : listed();
    throw badUsage(say`The command comes before its flags; got ${name} first.`, advice);
  }
  const meant = meantCommand(name);
  throw badUsage(say`There is no command "${name}".`, meant ? meantText(meant) : listed());
}

const meantText = ({ name }: CommandEntry): string => say`Did you mean ${`\`fettle ${name}\``}?`;
const listed = (): string => say`${'`fettle --help`'} lists the commands.`;

function unknownSubcommand(name: string, second: string): AppError {
  const meant = second === '' ? undefined : meantCommand(`${name} ${second}`);
  const known = groupOf(name).map((one) => `fettle ${one.name}`);
  const hint = meant ? meantText(meant) : say`There is ${known.join(', ')}.`;
  return badUsage(say`${`fettle ${name}`} does not know what to do with "${second}".`, hint);
}

function meantCommand(name: string): CommandEntry | undefined {
  const near = closest(
    name,
    COMMANDS.flatMap((one) => [one.name, ...one.alsoCalled]),
  );
  return COMMANDS.find((one) => one.name === near || (near !== undefined && one.alsoCalled.includes(near)));
}

function checkPositionals(name: string, command: Command, given: readonly string[]): void {
  const wanted = command.positionals ?? [];
  const example = say`For example: ${command.examples[0] ?? ''}`;
  const missing = wanted.filter((one) => !one.startsWith('['))[given.length];
  if (missing !== undefined) throw badUsage(say`${missing.replace('…', '')} is missing.`, example);
  const extra = /…]?$/.test(wanted.at(-1) ?? '') ? undefined : given[wanted.length];
  if (extra !== undefined) {
    const message = say`${`fettle ${name}`} does not know what to do with "${extra}".`;
    throw badUsage(message, `${say`A text with spaces needs quotes.`} ${example}`);
  }
}

/** Flags and commands for what the hints of errors advise, which name none because pages show them too. */
const ADVISED: Readonly<Record<string, readonly string[]>> = {
  'file-exists': ['out', 'overwrite'],
  'out-exists': ['out', 'resume'],
  'out-of-memory': ['max-length', 'tokens-per-micro-batch', 'device'],
  'device-lost': ['resume', 'device'],
  'device-failed': ['resume', 'device'],
  'device-missing': ['device', 'executor'],
  'speed-pack-missing': ['fettle devices get speed', 'executor'],
  'pack-damaged': ['fettle devices'],
  'run-not-assessed': ['fettle assess'],
  'run-not-done': ['fettle train --resume'],
  'no-run': ['run', 'out'],
  'device-unsupported': ['device', 'precision'],
  diverged: ['learning-rate', 'resume', 'precision'],
  'data-schema': ['map'],
  'data-map': ['map', 'prompt-template'],
  'data-sheet': ['sheet'],
  'data-moved': ['data', 'eval-data'],
  'bad-row': ['map', 'on-bad-row'],
  'bad-split': ['held-out'],
  'checkpoint-damaged': ['out'],
  'resume-mismatch': ['out'],
};

/** Commands, and of the flags those that this command has. */
async function flagsFor(error: unknown, [name = '', ...rest]: readonly string[]): Promise<string> {
  const advised = ADVISED[described(error).code];
  const entry = entryOf(name, rest);
  if (!advised || !entry) return '';
  const { command } = await entry.load();
  const isWhole = (one: string) => one.startsWith('fettle ');
  const known = advised.filter((one) => isWhole(one) || command.flags.some(({ name: flag }) => flag === one));
  const words = known.map((one) => (isWhole(one) ? `\`${one}\`` : `--${one}`));
  return words.length > 0 ? ` ${say`See ${words.join(', ')}.`}` : '';
}

function report(error: unknown, json: boolean, { out, err }: Streams, flags: string): void {
  const { code, message, hint } = described(error);
  if (json) out.write(`${JSON.stringify({ event: 'error', code, message, hint })}\n`);
  const sign = styleFor(err, process.env).error(say`error:`);
  err.write(`${sign} ${within(message, '       ')}\n${hint ? `${within(`${hint}${flags}`, '  ')}\n` : ''}`);
  if (process.env.FETTLE_DEBUG && error instanceof Error) err.write(`${error.stack}\n`);
}

function print(streams: Streams, text: string): number {
  streams.out.write(`${text}\n`);
  return EXIT.ok;
}

function version(): string {
  const { fettle } = versions();
  return fettle === 'unknown' ? 'fettle (unknown version)' : `fettle ${fettle}`;
}

/** A reader that has gone away (`| head`) ends the command as a signal would, and is no error worth a stack. */
function surviveClosedPipes(): void {
  let closed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (closed) return;
    closed = true;
    // A job that listens finishes its step and saves; one that does not ends here.
    if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM');
    else process.exit(EXIT.ok);
  });
  process.stderr.on('error', () => {});
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}

/**
 * Tells this process, and those that it starts, where packs and models are when the data folder has moved: engines do not know the store.
 * A data folder that is lost is said by who needs it.
 */
export function pointToPacks(): void {
  const folder = dataFolder();
  if (process.env.FETTLE_PACKS || !hasPointer(folder)) return;
  try {
    const moved = followPointers(folder).at(-1)!;
    process.env.FETTLE_PACKS = path.join(moved, 'packs');
    process.env.FETTLE_MODELS ??= path.join(moved, 'models');
  } catch {
    // without packs the processor is there still
  }
}

// as a file of its own: node dist/cli.js. Not awaited: built, the commands may wait for this very file
const started = process.argv[1];
if (started && existsSync(started) && realpathSync(started) === import.meta.filename)
  void main(process.argv.slice(2));
