/** What a sorter of columns fills, and how well, in lines. */
import type { SetScores, SorterColumn, SorterRun, SorterSet } from '../../common/protocol/protocol.ts';
import { shellWord } from '../../common/words/format.ts';
import { number, percent, percentRange, plural, printable, within } from './words.ts';

/** What a sorter of columns fills: columns with one answer each, and several categories a text. */
export function filledLines({ columns = [], sets = [] }: Pick<SorterRun, 'columns' | 'sets'>): string[] {
  const plain = columns.filter(({ of }) => of === undefined);
  const each = (set: SorterSet) => columns.filter(({ of }) => of === set.name);
  return [...columnLines(plain), ...sets.flatMap((set) => setLines(set, each(set)))];
}

const INDENT = '            ';
const labelled = (label: string, lines: readonly string[]) =>
  lines.map((line, i) => `${i === 0 ? label.padEnd(INDENT.length) : INDENT}${within(line, INDENT)}`);

/** Several     tags: micro F1 0.49 (0.47 to 0.51), macro F1 0.26 (0.24 to 0.28), all right in 35 % (32 % to 38 %) of 1,000 test rows. */
function setLines(set: SorterSet, columns: readonly SorterColumn[]): string[] {
  const { name, askBelow, rows, scores, beside, left, categories } = set;
  const f1 = ({ value, low, high }: SetScores['microF1']) =>
    `${number(value, 2)} (${number(low, 2)} to ${number(high, 2)})`;
  const scored = ({ microF1, macroF1, exact }: SetScores) =>
    `micro F1 ${f1(microF1)}, macro F1 ${f1(macroF1)}, all right in ${percentRange(exact)}`;
  const asks =
    askBelow === null ? 'always for a person to check' : `for a person below ${number(askBelow, 2)}`;
  const most = left.slice(0, MOST_LEFT).map((one) => `${one.category} (${plural(one.rows, 'row')})`);
  const more = left.length > MOST_LEFT ? [`${number(left.length - MOST_LEFT)} more`] : [];
  return [
    ...labelled('Several', [
      `${printable(name)}: ${scored(scores)} of ${plural(rows, 'test row')}, ${asks}`,
      ...beside.map(
        (one) =>
          `${one.given.length === 0 ? 'always none' : `always ${printable(one.given.join(', '))}`}: ${scored(one)}`,
      ),
    ]),
    ...labelled(
      'Categories',
      columns.map(({ from = 0, found }, i) => {
        const { rows: own, precision, recall, f1: value } = found!;
        return `${printable(categories[i]!)}: precision ${percent(precision)}, recall ${percent(recall)}, F1 ${number(value, 2)} on ${plural(own, 'test row')}, given from ${number(from, 2)}`;
      }),
    ),
    ...(left.length === 0
      ? []
      : labelled('Left out', [`too few rows: ${printable([...most, ...more].join(', '))}`])),
    ...labelled('Otherwise', [
      set.separator === null
        ? 'to fill these columns apart, name each with --answer'
        : `to read each cell as one category: --answer ${shellWord(`${set.columns[0]!}:choice`)}`,
    ]),
  ];
}

const MOST_LEFT = 10;

/** Fills     office: 93 % right (88 % to 97 %) of 40 rows, a person below 0.81. */
function columnLines(columns: readonly SorterColumn[]): string[] {
  return columns.map(({ name, type, levels, accuracy, askBelow }, i) => {
    const kind = { choice: 'a choice', noul: 'yes or no', score: `a grade, ${levels?.join(' < ')}` }[type];
    const asks =
      askBelow === null ? 'always for a person to check' : `for a person below ${number(askBelow, 2)}`;
    const line = `${printable(name)} (${printable(kind)}): ${percentRange(accuracy)} right of ${plural(accuracy.rows, 'test row')}, ${asks}`;
    return `${i === 0 ? 'Fills       ' : '            '}${within(line, '            ')}`;
  });
}
