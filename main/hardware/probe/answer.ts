/**
 * How a probe asks a command, and what comes of it: facts, or a note for people that says why there are none. A command may be
 * missing, hang, fail, or print something that nobody expected; none of that may stop the others.
 */
import type { ProbeNote } from '../../../preload/contract.ts';
import type { Ran, World } from './world.ts';

export interface Answer<T> {
  /** Null where the probe learned nothing. */
  readonly facts: T | null;
  readonly notes: readonly ProbeNote[];
}

export interface Question<T> {
  /** The name in notes. */
  readonly probe: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Null, or an error, when the text is not what the command prints when it works. */
  readonly read: (stdout: string) => T | null;
  /** What to do, for people, when the command fails with this text; null: nothing is known. */
  readonly advice?: (text: string) => string | null;
}

/** The longest that one command may take; with what is done before and after, all of them stay below 8 s. */
export const PATIENCE_MS = 5000;

/** Tools that wait for a driver. */
const ASK_DRIVERS: ReadonlySet<string> = new Set([
  'nvidia-smi',
  'amd-smi',
  'rocm-smi',
  'xpu-smi',
  'vulkaninfo',
]);
const HANGING_DRIVER = 'A driver that hangs is the usual cause; restarting the computer often helps.';

/** Asks the command and reads what it says. */
export async function ask<T>(
  world: World,
  question: Question<T>,
  patienceMs = PATIENCE_MS,
): Promise<Answer<T>> {
  const { command, args } = question;
  return answerOf(question, await world.run(command, args, patienceMs), patienceMs);
}

function answerOf<T>({ probe, read, advice }: Question<T>, ran: Ran, patienceMs: number): Answer<T> {
  if (ran.kind === 'missing')
    return without(probe, 'missing', `${probe} is not installed, so it could not be asked.`);
  if (ran.kind === 'timed-out') {
    const late = `${probe} did not answer within ${Math.round(patienceMs / 1000)} s and was stopped.`;
    return without(probe, 'timed-out', ASK_DRIVERS.has(probe) ? `${late} ${HANGING_DRIVER}` : late);
  }
  if (ran.kind === 'failed') return without(probe, 'failed', `${probe} could not be run: ${ran.message}.`);
  const facts = attempt(() => read(withoutMark(ran.stdout)));
  if (facts !== null) return { facts, notes: [] };
  const said = `${ran.stdout}\n${ran.stderr}`;
  const how = ran.code === 0 ? 'answered in a form that is not known here' : `ended with code ${ran.code}`;
  const help = advice?.(said) ?? null;
  return without(probe, 'failed', [`${probe} ${how}: ${firstWords(said)}.`, help ?? ''].join(' ').trim());
}

/** An answer without facts, with its reason. */
export function without<T>(probe: string, kind: ProbeNote['kind'], message: string): Answer<T> {
  return { facts: null, notes: [{ probe, kind, message }] };
}

/** What `look` finds; null where it throws. */
export function attempt<T>(look: () => T | null): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/** Colours of a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what they begin with
const ESCAPES = /\u001b\[[\d;]*m/g;

function firstWords(text: string): string {
  const line = text
    .split('\n')
    .map((one) => one.replace(ESCAPES, '').replace(/\p{C}/gu, ' ').trim())
    .find((one) => one !== '');
  if (line === undefined) return 'nothing';
  return `“${(line.length > 160 ? `${line.slice(0, 159)}…` : line).replace(/\.$/, '')}”`;
}
