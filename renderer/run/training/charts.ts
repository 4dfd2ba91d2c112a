/** The charts of a training, from the table of figures. */
import { CHARTS, type Unit } from '../../../common/step-figures.ts';
import { number, rateText } from '../../../common/words/format.ts';
import { said } from '../../../common/words/language.ts';
import { type Columns, drawn, type EvalPoint } from '../../state/run-progress.ts';
import type { PlotSeries } from '../../ui/plot.ts';

interface FigureChart {
  readonly title: string;
  readonly xs: readonly number[];
  readonly series: readonly PlotSeries[];
  readonly isWide: boolean;
}

/** How values of a unit are drawn: named `unit`, as `of` makes of a value, written by `format`. */
interface Written extends Pick<PlotSeries, 'format'> {
  readonly unit?: string;
  readonly of?: (value: number) => number;
}

const inDigits = (digits: number) => (value: number) => number(value, digits);
const WRITTEN: Readonly<Partial<Record<Unit, Written>>> = {
  nats: { unit: 'nats', format: inDigits(3) },
  number: { format: inDigits(3) },
  share: { unit: '%', of: (value) => 100 * value, format: inDigits(0) },
  rate: { format: (value) => rateText(Number(value.toPrecision(3))) },
  'tokens/s': { unit: 'tokens/s' },
  bytes: { unit: 'GB', of: (value) => value / 1e9 },
};

/** Charts of the figures that every run has, and of others where this run has them. */
export function chartsOf(curves: Columns, evals: readonly EvalPoint[]): FigureChart[] {
  return CHARTS.flatMap((row) => {
    const { chart, unit, optional, otherwise } = row;
    const { xs, line, dots } = drawn(row, curves, evals);
    const isThere = [line, dots].some((values) => values.some((value) => value !== null));
    if (optional && otherwise === undefined && !isThere) return [];
    const series = [
      ...seriesOf(unit, chart.line, chart.noisy ? 'raw' : 'line', line),
      ...seriesOf(unit, chart.dots, 'points', dots),
    ];
    return { title: said(chart.title), xs, series, isWide: chart.wide === true };
  });
}

function seriesOf(
  figure: Unit,
  label: string | undefined,
  kind: PlotSeries['kind'],
  values: PlotSeries['values'],
): PlotSeries[] {
  if (label === undefined) return [];
  const { unit, of = (value: number) => value, format } = WRITTEN[figure] ?? {};
  const scaled = values.map((value) => (value === null ? null : of(value)));
  return [{ label: said(label), unit: unit && said(unit), values: scaled, kind, format }];
}
