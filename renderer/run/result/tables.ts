/** A result as data: measures of a task, filtered rows, the confusion table, keys of a blind round. */

import type {
  AnsweredRow,
  AnswerFigures,
  BlindChoice,
  ClosedFigures,
  Compared,
  Confusion,
  Estimate,
  LossFigures,
  PreferenceFigures,
  PreferenceResult,
  Rival,
  Score,
  VariantScores,
} from '../../../common/api/contract.ts';
import { gainOf, isByBoth, isGradual, tellsForm } from '../../../common/scores.ts';
import { sum } from '../../../common/values.ts';
import { duration, figure, number, percent } from '../../../common/words/format.ts';
import { said } from '../../../common/words/language.ts';
import { rivalName, SCORES } from '../../../common/words/scores.ts';
import { result as text } from '../../text/text.ts';
import { isForPage } from '../../ui/focus.ts';

/** An estimate with its interval, as rates: 62% (55% to 69%). */
export function rateText({ value, low, high }: Estimate): string {
  return text.interval(percent(value), percent(low), percent(high));
}

/** The same for losses. */
export function lossText({ value, low, high }: Estimate): string {
  return text.interval(number(value, 3), number(low, 3), number(high, 3));
}

/** The same for perplexities, which may be tens of thousands. */
function perplexityText({ value, low, high }: Estimate): string {
  return text.interval(figure(value), figure(low), figure(high));
}

/** A difference in points with its interval: +12 (+5 to +19). */
export function pointsText({ value, low, high }: Estimate): string {
  return text.interval(text.points(value), text.points(low), text.points(high));
}

const { columns: words } = text.loss;
/** Columns of what was measured before and after a training. */
export const changeColumns = [
  { id: 'measure', label: words.measure },
  { id: 'before', label: words.before, align: 'end' as const },
  { id: 'after', label: words.after, align: 'end' as const },
  { id: 'change', label: words.change, align: 'end' as const },
];

type ChangeRow = Readonly<Record<'measure' | 'before' | 'after' | 'change', string>>;

/** Which answers of held-out pairs a model prefers; rewards and likelihoods as the first and the last evaluation had them. */
export function preferenceRows(
  { before, after, gain }: PreferenceResult,
  evals: readonly { readonly preference?: PreferenceFigures | undefined }[],
): ChangeRow[] {
  const { measures } = text.preference;
  const figures = evals.flatMap(({ preference }) => preference ?? []);
  const [first, last] = [figures[0], figures.at(-1)];
  // with the minus that changes have
  const plain = (value: number) => number(value, 2).replace('-', '−');
  const mean = (measure: string, of: (one: PreferenceFigures) => number): ChangeRow[] =>
    first && last && first !== last
      ? [
          {
            measure,
            before: plain(of(first)),
            after: plain(of(last)),
            change: text.signed(of(last) - of(first), 2),
          },
        ]
      : [];
  return [
    {
      measure: measures.accuracy,
      before: rateText(before),
      after: rateText(after),
      change: pointsText(gain),
    },
    ...mean(measures.margin, ({ margin }) => margin),
    ...mean(measures.chosen, ({ chosen }) => chosen),
    ...mean(measures.rejected, ({ rejected }) => rejected),
  ];
}

/** What both models know of answers from a closed set, and how often their own answers have the form. */
export function closedRows(closed: ClosedFigures): ChangeRow[] {
  const { known, fields, form } = closed;
  const row = (measure: string, { before, after, gain }: Compared): ChangeRow => ({
    measure,
    before: rateText(before),
    after: rateText(after),
    change: pointsText(gain),
  });
  return [
    ...[known, ...fields].map((one) => row(text.closed.knows(one.after.key), one)),
    ...(tellsForm(closed) ? [row(text.closed.form(form.after.rows), form)] : []),
  ];
}

export type RivalRow = Record<'way' | 'score' | 'lead' | 'rows' | 'seconds', string>;

/** Columns of simpler ways, by the score of the run. */
export function rivalColumns(
  score: Score,
): { id: keyof RivalRow; label: string; align?: 'end'; nowrap?: true }[] {
  const { way, lead, rows, seconds } = text.rivals.columns;
  return [
    { id: 'way', label: way },
    { id: 'score', label: said(SCORES[score.name]), align: 'end' },
    { id: 'lead', label: lead, align: 'end' },
    { id: 'rows', label: rows, align: 'end' },
    { id: 'seconds', label: seconds, align: 'end', nowrap: true },
  ];
}

/** What simpler ways get, the best first. */
export function rivalRows(rivals: readonly Rival[] = []): RivalRow[] {
  return rivals
    .toSorted((a, b) => b.score.value - a.score.value)
    .map(({ name, score, lead, seconds }) => ({
      way: rivalName(name),
      score: rateText(score),
      lead: pointsText(lead),
      rows: number(score.rows),
      seconds: duration(seconds),
    }));
}

/** Loss and perplexity, before and after; perplexities change by a factor. */
export function lossRows(figures: LossFigures): ChangeRow[] {
  const { change } = figures;
  return [
    {
      measure: text.loss.measures.loss,
      before: lossText(figures.before),
      after: lossText(figures.after),
      change: text.interval(
        text.signed(change.value, 3),
        text.signed(change.low, 3),
        text.signed(change.high, 3),
      ),
    },
    {
      measure: text.loss.measures.perplexity,
      before: perplexityText(figures.perplexityBefore),
      after: perplexityText(figures.perplexityAfter),
      change: text.loss.times(Math.exp(change.value)),
    },
  ];
}

/** Names of fields of JSON answers, where they were scored. */
export function fieldsOf(variants: readonly VariantScores[]): string[] {
  return [...new Set(variants.flatMap(({ fields }) => Object.keys(fields ?? {})))];
}

export type AnswerFilter = 'all' | 'changed' | 'better' | 'worse' | 'right' | 'wrong';

const FILTERS: Readonly<Record<AnswerFilter, (row: AnsweredRow) => boolean>> = {
  all: () => true,
  changed: (row) => isByBoth(row) && row.answers.before !== row.answers.after,
  better: (row) => gainOf(row) > 0,
  worse: (row) => gainOf(row) < 0,
  right: ({ scores }) => scores.after === 1,
  wrong: ({ scores }) => scores.after !== 1,
};

/** Filters that make sense for the score: similarity knows better and worse, but neither right nor wrong. */
export function filtersFor(score: AnswerFigures['score']): AnswerFilter[] {
  return !isGradual(score)
    ? ['all', 'changed', 'right', 'wrong', 'better', 'worse']
    : ['all', 'changed', 'better', 'worse'];
}

/** Rows that a filter shows: the largest gains first, for `worse` and `wrong` the largest losses. */
export function shownRows(rows: readonly AnsweredRow[], filter: AnswerFilter): AnsweredRow[] {
  const direction = filter === 'worse' || filter === 'wrong' ? 1 : -1;
  return rows.filter(FILTERS[filter]).toSorted((a, b) => direction * (gainOf(a) - gainOf(b)));
}

interface ConfusionView {
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly label: string;
    readonly cells: readonly { readonly count: number; readonly right: boolean; readonly share: number }[];
  }[];
}

/** Wanted labels as rows; as columns those and the ones that were given. `share` is of the row. */
export function confusionView({ labels, counts }: Confusion): ConfusionView {
  const wanted = [...labels.keys()].filter((row) => sum(counts[row] ?? []) > 0);
  const columns = [...labels.keys(), labels.length].filter(
    (column) => wanted.includes(column) || counts.some((row) => (row[column] ?? 0) > 0),
  );
  return {
    columns: columns.map((column) => labels[column] ?? text.confusion.other),
    rows: wanted.map((row) => ({
      label: labels[row]!,
      cells: columns.map((column) => {
        const count = counts[row]?.[column] ?? 0;
        return { count, right: row === column, share: count / sum(counts[row]!) };
      }),
    })),
  };
}

/** The judgement that a key stands for; none while the person types or asks the browser for something. */
const KEYS: Readonly<Record<string, BlindChoice>> = {
  '1': 'first',
  '2': 'second',
  '=': 'equal',
  '0': 'bad',
};

export function choiceOf(event: KeyboardEvent): BlindChoice | null {
  return isForPage(event) ? (KEYS[event.key] ?? null) : null;
}
