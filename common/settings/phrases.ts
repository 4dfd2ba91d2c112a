/** Figures as the sentences of a plan have them. */
import { number, percent } from '../words/format.ts';
import { counted, say } from '../words/language.ts';

/** Instead of a default at a terminal: the value depends on model and rows (docs/defaults.md). */
export const BY_RULES = 'chosen for model and rows';

/** `1 hour`, `1.50 hours`. */
export function hours(seconds: number): string {
  return some(seconds / 3600, 'hour', 'hours');
}

/** `1 pass`, `0.25 passes`. */
export function passes(epochs: number): string {
  return some(epochs, 'pass', 'passes');
}

function some(value: number, one: string, many: string): string {
  const digits = fraction(value);
  return counted(Number(value.toFixed(digits)), number(value, digits), one, many);
}

/** Digits after the point: none of a whole number. */
export function fraction(value: number): number {
  return Number.isInteger(value) ? 0 : 2;
}

/** A share, small ones with a decimal, so that they are not shown as nothing. */
export function smallShare(value: number): string {
  return value > 0 && value < 0.001
    ? say`less than ${percent(0.001, 1)}`
    : percent(value, value < 0.1 ? 1 : 0);
}

/** What is lost, `nothing` at 0. */
export function lost(share: number): string {
  return share === 0 ? say`nothing` : smallShare(share);
}
