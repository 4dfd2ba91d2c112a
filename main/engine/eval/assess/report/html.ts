/** What the report's sections are made of: escaped HTML, figures in words, and plots as SVG. */
import type { Estimate, Variant } from '../../../../../common/protocol/protocol.ts';
import { figure, percent } from '../../../../../common/words/format.ts';
import { say } from '../../../../../common/words/language.ts';

/** A piece of HTML that is safe to put into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template whose values are escaped unless they are HTML; lists are joined, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, piece, i) => text + rendered(parts[i - 1]) + piece));
}

/** `text` with what HTML gives a meaning replaced, and without control characters, which no page may hold. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  const printable = text.toWellFormed().replace(/(?![\t\n])[\p{Cc}\ufffe\uffff]/gu, '\ufffd');
  return printable.replace(/[&<>"']/g, (character) => entities[character]!);
}

function rendered(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return escaped(String(part));
  return Array.isArray(part) ? part.map(rendered).join('') : '';
}

/** Translated where they are shown. */
export const VARIANT_NAMES: Readonly<Record<Variant, string>> = {
  before: 'Base model',
  system: 'Base model with instructions',
  examples: 'Base model with examples',
  prompt: 'Base model with the best prompt',
  after: 'Trained model',
};

/** `93% (86 to 97)`, the interval smaller. */
export function percentRange({ value, low, high }: Estimate): Html {
  return withRange(percent(value), String(Math.round(100 * low)), String(Math.round(100 * high)));
}

/** Two to four significant digits, thousands separated. */
export function number(value: number): string {
  return minus(figure(value));
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
  return html`${value} <small class="range">${say`${low} to ${high}`}</small>`;
}

/** Characters of a text in the report at most. */
const MOST_CHARS = 900;

export function clipped(text: string): string {
  const characters = [...text];
  return characters.length <= MOST_CHARS ? text : `${characters.slice(0, MOST_CHARS).join('')} …`;
}

export interface Bar {
  readonly name: string;
  /** A share, 0 to 1, with its interval where it has one. */
  readonly estimate: Estimate;
  readonly kind: 'before' | 'other' | 'after';
}

/** Horizontal bars from 0 to 100%, each with its name, figure and interval. */
export function bars(list: readonly Bar[]): Html {
  return html`<div class="bars">${list.map(bar)}</div>`;
}

function bar({ name, estimate: { value, low, high }, kind }: Bar): Html {
  const at = (share: number) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`;
  return html`<div class="bar"><span class="name">${name}</span><svg class="track ${kind}" role="img" aria-label="${name}: ${say`${percent(value)} (${percent(low)} to ${percent(high)})`}"><rect class="back" width="100%" height="100%" rx="3"/><rect class="fill" width="${at(value)}" height="100%" rx="3"/><line class="whisker" x1="${at(low)}" x2="${at(high)}" y1="50%" y2="50%"/><line class="whisker" x1="${at(low)}" x2="${at(low)}" y1="25%" y2="75%"/><line class="whisker" x1="${at(high)}" x2="${at(high)}" y1="25%" y2="75%"/></svg><span class="figure">${percent(value)}</span></div>`;
}

/** A pair of thin bars, before above after, for one topic. */
export function pairBars(name: string, note: string, before: number, after: number): Html {
  const width = (share: number) => `${(100 * share).toFixed(2)}%`;
  return html`<div class="bar"><span class="name">${name} <small>${note}</small></span><svg class="track pair" role="img" aria-label="${name}: ${say`${percent(before)} before, ${percent(after)} after`}"><rect class="back" width="100%" height="100%" rx="3"/><rect class="fill before" width="${width(before)}" height="50%"/><rect class="fill after" y="50%" width="${width(after)}" height="50%"/></svg><span class="figure">${percent(before)} → ${percent(after)}</span></div>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Curves {
  /** Drawn faint, without points. */
  readonly training: readonly Point[];
  /** Drawn strong, with points. */
  readonly heldOut: readonly Point[];
  readonly xLabel: string;
  readonly yLabel: string;
}

/** Loss over steps; nothing where there are not two points. */
export function curves({ training, heldOut, xLabel, yLabel }: Curves): Html | null {
  const all = [...training, ...heldOut];
  if (all.length < 2) return null;
  const xMax = Math.max(1, ...all.map(({ x }) => x));
  const [yMin, yMax] = rangeOf(training, heldOut);
  const ticks = niceTicks(yMin, yMax);
  const [bottom, top] = [Math.min(yMin, ticks[0]!), Math.max(yMax, ticks.at(-1)!)];
  const place = ({ x, y }: Point): string => {
    const height = 100 - (100 * (Math.min(y, top) - bottom)) / (top - bottom || 1);
    return `${((100 * x) / xMax).toFixed(2)},${height.toFixed(2)}`;
  };
  const line = (points: readonly Point[], name: string) =>
    points.length < 2 ? null : html`<polyline class="${name}" points="${points.map(place).join(' ')}"/>`;
  const dots = heldOut.map((point) => html`<path class="dot" d="M${place(point)}h0"/>`);
  const grid = ticks.map((tick) => {
    const y = 100 - (100 * (tick - bottom)) / (top - bottom || 1);
    return { y, tick };
  });
  return html`<figure class="plot"><figcaption><span class="key training">${say`training rows`}</span> <span class="key held-out">${say`test rows`}</span> <span class="axis">${yLabel} / ${xLabel}</span></figcaption><div class="area"><div class="y">${grid.map(({ y, tick }) => html`<span style="top:${y.toFixed(2)}%">${number(tick)}</span>`)}</div><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${yLabel} / ${xLabel}">${grid.map(({ y }) => html`<line class="grid" x1="0" x2="100" y1="${y.toFixed(2)}" y2="${y.toFixed(2)}"/>`)}${line(training, 'training')}${line(heldOut, 'held-out')}${dots}</svg></div><div class="x"><span>0</span><span>${number(xMax / 2)}</span><span>${number(xMax)}</span></div></figure>`;
}

/** The range to show: single wild steps of the training loss are cut off at the top. */
function rangeOf(training: readonly Point[], heldOut: readonly Point[]): [number, number] {
  const sorted = training.map(({ y }) => y).sort((a, b) => a - b);
  const usual = sorted[Math.floor(0.98 * (sorted.length - 1))];
  const values = [...heldOut.map(({ y }) => y), ...(usual === undefined ? [] : [usual, sorted[0]!])];
  return [Math.min(...values), Math.max(...values)];
}

/** Three to six round values that reach over the range. */
export function niceTicks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
