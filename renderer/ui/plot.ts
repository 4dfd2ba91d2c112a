/** Plots as data: smoothing, table, CSV, and uPlot's options. Plot.svelte draws. */
import type uPlot from 'uplot';
import { csvCell, hyphenated } from '../../common/values.ts';
import { figure, measure, number } from '../../common/words/format.ts';
import { common } from '../text/text.ts';

export interface PlotSeries {
  readonly label: string;
  readonly unit?: string | undefined;
  readonly values: readonly (number | null)[];
  /** `raw`: faint, with a smoothed line over it; `line`: a line; `points`: dots with a thin line. */
  readonly kind: 'raw' | 'line' | 'points';
  /** How its values are written; about three digits where it is missing. */
  readonly format?: ((value: number) => string) | undefined;
  /** How its axis writes them, where a number alone would not do. */
  readonly tick?: ((value: number) => string) | undefined;
}

export interface PlotX {
  readonly label: string;
}

/** A line as it is drawn; a raw series becomes two of them. */
interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly look: 'faint' | 'line' | 'points';
  readonly colour: number;
  readonly series: PlotSeries;
}

const COLOURS = 8;
/** Points that a smoothed value leans on, as a share of all: a fiftieth, at least 3. */
const SMOOTHING_SHARE = 50;

/** A moving average, forward and backward, so that the line does not lag behind falling values. */
export function smoothed(values: readonly (number | null)[]): (number | null)[] {
  const memory = 1 - 1 / Math.max(3, values.length / SMOOTHING_SHARE);
  return averaged(averaged(values, memory).reverse(), memory).reverse();
}

/** An exponential moving average without the pull to zero at its start (the correction that Adam uses). */
function averaged(values: readonly (number | null)[], memory: number): (number | null)[] {
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    sum = memory * sum + (1 - memory) * value;
    weight = memory * weight + (1 - memory);
    return sum / weight;
  });
}

/** Lines in the order to draw them. */
export function linesOf(series: readonly PlotSeries[]): Line[] {
  return series.flatMap((each, index): Line[] => {
    const colour = (index % COLOURS) + 1;
    const line = { values: each.values, colour, series: each };
    if (each.kind !== 'raw') return [{ ...line, label: each.label, look: each.kind }];
    return [
      { ...line, label: each.label, look: 'faint' },
      { ...line, label: common.plot.smoothed(each.label), look: 'line', values: smoothed(each.values) },
    ];
  });
}

/** A name with its unit: `Memory (GB)`. */
export function withUnit(label: string, unit: string | undefined): string {
  return unit ? `${label} (${unit})` : label;
}

/** The data of a plot as comma-separated values, every recorded point as it is. */
export function csvOf(x: PlotX, xs: readonly number[], series: readonly PlotSeries[]): string {
  const head = [x.label, ...series.map((each) => withUnit(each.label, each.unit))].map(csvCell);
  const rows = xs.map((value, index) => [value, ...series.map((each) => each.values[index] ?? '')].join(','));
  return [head.join(','), ...rows, ''].join('\n');
}

/** A value of a series in words, with its unit. */
export function written(series: PlotSeries, value: number | null | undefined): string {
  if (value === null || value === undefined) return figure(null);
  const text = series.format ? series.format(value) : figure(value);
  return series.unit && !series.format ? measure(text, series.unit) : text;
}

/** A name for the file of a download: letters, digits and hyphens. */
export function fileName(title: string, ending: string): string {
  return `${hyphenated(title) || 'plot'}.${ending}`;
}

/** Colours and type of the theme, read from the page, because a canvas knows no custom properties. */
export interface PlotTheme {
  readonly text: string;
  readonly grid: string;
  readonly surface: string;
  readonly font: string;
  colour(index: number): string;
}

/** What uPlot is told for these lines; hovering calls `onhover` with the index of the point, or null. */
export function plotOptions(
  lines: readonly Line[],
  x: PlotX,
  size: { width: number; height: number },
  look: PlotTheme,
  onhover: (index: number | null) => void,
): uPlot.Options {
  const axis = axisOf(look);
  return {
    ...size,
    legend: { show: false },
    // half of the last number below, such as 10,000, stands beside the plot
    padding: [6, 24, 0, 0],
    cursor: { points: { size: 6 }, drag: { x: true, y: false } },
    scales: { x: { time: false } },
    hooks: { setCursor: [(plot) => onhover(plot.cursor.idx ?? null)] },
    axes: [
      {
        ...axis,
        label: x.label,
        size: 24,
        incrs: WHOLE,
        values: (_, ticks) => tickWords(ticks),
      },
      { ...axis, ...sideOf(lines) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, look))],
  };
}

/** Distances between the ticks below a plot: it runs over steps, and there is no half of one. */
const WHOLE = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

function axisOf(look: PlotTheme): uPlot.Axis {
  return {
    stroke: look.text,
    font: look.font,
    labelFont: look.font,
    labelSize: 16,
    labelGap: 0,
    gap: 4,
    size: 56,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
  };
}

/** Decimals on an axis; numbers below a hundredth that need more than 3 get an exponent. */
const DECIMALS = [0, 1, 2, 3, 4, 5, 6];
/** Ticks are computed by adding up, so they are off by about so much of the largest one. */
const TICK_ERROR = 1e-9;

/** Ticks with as few digits as they need and equal decimals: 2, 3, 4 or 2.0, 2.5, 3.0. */
export function tickWords(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const isRound = (tick: number, decimals: number) =>
    Math.abs(Number(tick.toFixed(decimals)) - tick) <= TICK_ERROR * largest;
  const decimals = DECIMALS.find((each) => ticks.every((tick) => isRound(tick, each)));
  const isTiny = largest < 0.01 && (decimals ?? 6) > 3;
  if (decimals === undefined || isTiny || largest >= 1e9) return ticks.map(scientific);
  return ticks.map((tick) => (tick === 0 ? '0' : number(tick, decimals)));
}

/** 0.00015 as 1.5e-4. */
function scientific(tick: number): string {
  return tick === 0 ? '0' : Number(tick.toPrecision(6)).toExponential().replace('e+', 'e');
}

/** The name of an axis is that of its series, where they share one unit. */
function sideOf(lines: readonly Line[]): uPlot.Axis {
  const own = [...new Set(lines.map((line) => line.series))];
  const [first] = own;
  const units = new Set(own.map((series) => series.unit));
  const label =
    own.length === 1 && first
      ? withUnit(first.label, first.unit)
      : units.size === 1
        ? (first?.unit ?? '')
        : '';
  const tick = first?.tick;
  return { label, values: (_, ticks) => (tick ? ticks.map(tick) : tickWords(ticks)) };
}

/** Too few for a line to be seen. A plot is made once and grows, so it is asked each time. */
const hasFewPoints = ({ data: [xs] }: uPlot) => xs.length < 3;

function seriesOf(line: Line, look: PlotTheme): uPlot.Series {
  const colour = look.colour(line.colour);
  const shared = { label: line.label, spanGaps: true };
  if (line.look === 'faint')
    return { ...shared, stroke: colour, alpha: 0.28, width: 1, points: { show: false } };
  if (line.look === 'line') return { ...shared, stroke: colour, width: 1.75, points: { show: hasFewPoints } };
  return { ...shared, stroke: colour, width: 1, dash: [4, 3], points: { show: true, size: 6, fill: colour } };
}
