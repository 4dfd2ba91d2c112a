/** Numbers and times as a person writes them. */

/** `1234567` -> `1,234,567`; fractions are rounded away. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1` `row` -> `1 row`; `1234` `row` -> `1,234 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `134515008` -> `134.5 million`. */
export function large(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} billion`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} million`;
  return count(value);
}

/** `1900000000` -> `1.9 GB`, in powers of 1,000. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit > 0 && scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`;
}

/** `80` -> `1 min 20 s`, `5000` -> `1 h 23 min`: two units at most, none that does not matter. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown time';
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  if (seconds < 595) return pair(Math.round(seconds), 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'min');
  const hours = Math.round(minutes / 60);
  return pair(hours, 24, hours < 48 ? 'day' : 'days', 'h');
}

/** A loss with the digits that tell two steps apart. */
export function loss(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value >= 1e7) return value.toExponential(1);
  return value < 0.1 ? value.toPrecision(3) : value.toFixed(3);
}

/** Tokens per second: whole numbers from 10 on. */
export function rate(tokensPerSecond: number): string {
  return `${tokensPerSecond < 9.95 ? tokensPerSecond.toFixed(1) : count(tokensPerSecond)} tokens/s`;
}

/**
 * `text` without control characters other than line breaks and tabs, and without marks of direction: names and texts from files
 * must not move the cursor, rename the window or show another order than theirs.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** Printable `text` whose lines after the first are indented, so that no line break in a name or value begins a line of its own. */
export function within(text: string, indent: string): string {
  return printable(text).replace(/[\n\u2028\u2029]/g, `\n${indent}`);
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

function pair(value: number, base: number, big: string, small: string): string {
  const rest = value % base;
  return `${Math.floor(value / base)} ${big}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** A path as a shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w./:\\-]+$/.test(text) ? text : JSON.stringify(text);
}
