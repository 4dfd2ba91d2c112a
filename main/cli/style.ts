/** Colour where it is wanted: on a terminal, without NO_COLOR (https://no-color.org). */
import type { Output } from './command.ts';

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
