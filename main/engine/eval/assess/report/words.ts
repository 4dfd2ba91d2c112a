/** Figures as the report writes them. */
import type { Estimate, Variant } from '../../../../../common/protocol/protocol.ts';
import { type Html, html } from './html.ts';

/** What the variants are called. */
export const VARIANT_NAMES: Readonly<Record<Variant, string>> = {
  before: 'Untouched model',
  system: 'Untouched, with instructions',
  examples: 'Untouched, with examples',
  after: 'Trained model',
};

/** `0.934` -> `93 %`. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** `93 % (86 to 97)`, the interval smaller. */
export function percentRange({ value, low, high }: Estimate): Html {
  return withRange(percent(value), String(Math.round(100 * low)), String(Math.round(100 * high)));
}

/** Three significant digits, thousands separated. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return minus(Math.round(value).toLocaleString('en-US'));
  return minus(Number(value.toPrecision(3)).toString());
}

/** With the sign that a minus has in print. */
export function minus(figure: string): string {
  return figure.replace(/^-/, '−');
}

/** `1.23 (1.1 to 1.4)`, the interval smaller. */
export function numberRange({ value, low, high }: Estimate): Html {
  return withRange(number(value), number(low), number(high));
}

function withRange(value: string, low: string, high: string): Html {
  return html`${value} <small class="range">${low} to ${high}</small>`;
}

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 100 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** `1` `row` -> `1 row`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** At most `length` characters. */
export function clipped(text: string, length = 900): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length).join('')} …`;
}
