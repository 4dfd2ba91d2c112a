/**
 * Words and colours for a terminal: the figures of common/words with plain spaces, and texts from files in a form that cannot harm. They are
 * English beside the terminal's own English words, whatever language it speaks; a sentence that follows the language has figures of its own.
 */
import * as words from '../../common/words/format.ts';
import { inEnglish } from '../../common/words/language.ts';
import type { Output } from './command.ts';

/** Not every terminal knows the space that keeps a number with its unit, and programs look for "1.5 GB". */
const plainly =
  <Given extends unknown[]>(write: (...given: Given) => string) =>
  (...given: Given) =>
    words.plainSpaces(inEnglish(() => write(...given)));

export const about = plainly(words.about);
export const bytes = plainly(words.bytes);
export const count = plainly(words.count);
export const duration = plainly(words.duration);
export const energy = plainly(words.energy);
export const money = plainly(words.money);
export const rate = plainly(words.rate);
export const soldAs = plainly(words.soldAs);
export const speed = plainly(words.speed);
export const loss = plainly(words.loss);
export const number = plainly(words.number);
export const percent = plainly(words.percent);
export const percentRange = plainly(words.percentRange);
export const plural = plainly(words.plural);
export const rowsOfAll = plainly(words.rowsOfAll);
export const smallPercent = plainly(words.smallPercent);
export { plainSpaces } from '../../common/words/format.ts';

/**
 * `text` without control characters other than line breaks and tabs, and without marks of direction: names and texts from files must not
 * move the cursor, rename the window or show another order than theirs.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

const CONTROL = /\p{Cc}(?:\[(?:\d*m|2?K))?/gu;
/** Ends of lines, tabs, and what Fettle itself draws with: colours, and a line that is drawn again. */
const isOurs = (control: string) => '\n\t\r'.includes(control[0]!) || control.startsWith('\u001b[');

/** `output`, through which no text of a file or of another computer reaches the terminal's controls. */
export function harmless(output: Output): Output {
  const write = (text: string) =>
    output.write(text.replace(CONTROL, (found) => (isOurs(found) ? found : found.slice(1))));
  return Object.create(output, { write: { value: write } }) as Output;
}

/** Printable `text` whose lines after the first are indented, so that no line break in a name or value begins a line of its own. */
export function within(text: string, indent: string): string {
  return printable(text).replace(/[\n\u2028\u2029]/g, `\n${indent}`);
}

const WIDE = /[\p{Script=Han}\p{Script=Hangul}\u3000-\u30ff\uff00-\uff60]/gu;

/** Columns of a terminal that `text` takes: signs of East Asian scripts take two. */
export function columnsOf(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

/** Text on one line, what cannot be printed as dots, not longer than a terminal's line. */
export function oneLine(text: string): string {
  const clean = printable(text.replace(/[\p{Cc}\ufffd]/gu, '·'));
  return clean.length > 90 ? `${clean.slice(0, 89)}…` : clean;
}

/** A number as it is typed for a flag: 16, 0.05, 2e-4. */
export function plain(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

/** An argument as it is typed in a shell: quoted where it must be. */
export function typed(argument: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(argument) ? argument : `"${argument.replace(/["$`]/g, '\\$&')}"`;
}

/** Paints text; the plain one returns it unchanged. */
export interface Style {
  readonly bar: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly error: (text: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const same = (text: string) => text;
const paint = (code: number) => (text: string) => (text === '' ? text : `\u001b[${code}m${text}\u001b[0m`);

export const PLAIN: Style = { bar: same, faint: same, warning: same, error: same };
export const COLOURED: Style = { bar: paint(32), faint: paint(2), warning: paint(33), error: paint(31) };

/** Whether lines can be redrawn on `output`. */
export function isTerminal(output: Output, env: Environment): boolean {
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** The style that `output` and the environment ask for. */
export function styleFor(output: Output, env: Environment): Style {
  return isTerminal(output, env) && !env.NO_COLOR ? COLOURED : PLAIN;
}
