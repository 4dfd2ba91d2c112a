/** The rows that come of a teaching, with where each answer is from. */

import type { TaughtCounts } from '../../../common/extras/teacher/calls.ts';
import type { Studied } from '../../../common/extras/teacher/kinds.ts';
import { CONFIRMED, ORIGIN, PERSON, TEACHER, VARIES } from '../../../common/settings/rows.ts';
import { csvCell, quotedCell } from '../../../common/values.ts';
import { writeFileAtomic } from '../../atomic.ts';
import type { Journal, VariedRow } from './journal.ts';

export type TaughtRow = Readonly<Record<(typeof COLUMNS)[number], string>>;

/** Of a text that a teacher wrote: the example that it is like, who wrote it, and what it was told. */
const VARIATION = [VARIES, 'fettle_varies_model', 'fettle_varies_lesson'] as const;

const COLUMNS = [
  'prompt',
  'completion',
  ORIGIN,
  'fettle_model',
  'fettle_lesson',
  'fettle_agreement',
  CONFIRMED,
  ...VARIATION,
] as const;

export function taughtRows({ head, texts, written, said, decided }: Journal, { rows }: Studied): TaughtRow[] {
  const persons = new Map(decided.map((one) => [one.row, one.decided]));
  const none = { fettle_model: '', fettle_lesson: '', fettle_agreement: '', ...variationOf() };
  const own = head.examples.map(({ text, answer }) => ({
    prompt: text,
    completion: answer,
    ...none,
    [ORIGIN]: PERSON,
    [CONFIRMED]: PERSON,
  }));
  const taught = rows.flatMap(({ row, taken, agreement }) => {
    const person = persons.get(row);
    const completion = person === undefined ? taken : person;
    if (completion === null) return [];
    const { model, lesson } = said.get(row)!;
    const text = texts[row]!;
    const like = written.get(text);
    return [
      {
        prompt: text,
        completion,
        [ORIGIN]: TEACHER,
        fettle_model: model,
        fettle_lesson: lesson,
        fettle_agreement: agreement.toFixed(2),
        [CONFIRMED]: person === undefined ? '' : PERSON,
        ...variationOf(head, like),
      },
    ];
  });
  return [...own, ...taught] as TaughtRow[];
}

function variationOf(head?: Journal['head'], of?: VariedRow): Record<(typeof VARIATION)[number], string> {
  const [like = '', model = '', lesson = ''] =
    head && of ? [head.examples[of.example]!.text, of.model, of.lesson] : [];
  return { [VARIES]: like, fettle_varies_model: model, fettle_varies_lesson: lesson };
}

export function taughtCounts({ head, texts, decided }: Journal, { rows, order }: Studied): TaughtCounts {
  const persons = new Set(decided.map(({ row }) => row));
  const leftOut = decided.filter((one) => one.decided === null).length;
  return {
    examples: head.examples.length,
    taken: rows.filter(({ row, taken }) => taken !== null && !persons.has(row)).length,
    decided: decided.length - leftOut,
    leftOut,
    open: order.length,
    unanswered: texts.length - rows.length,
  };
}

/** The content of a file of rows: of JSON Lines by its name, else CSV. */
export function taughtText(file: string, rows: readonly TaughtRow[]): string {
  if (/\.(jsonl|ndjson)$/i.test(file)) return rows.map((row) => `${JSON.stringify(filled(row))}\n`).join('');
  // the person's own text is learned from as it is; what another model wrote is harmless in a spreadsheet
  const cell = (row: TaughtRow, name: (typeof COLUMNS)[number]) =>
    name === 'prompt' ? quotedCell(row[name]) : csvCell(row[name]);
  const isVaried = rows.some((row) => row[VARIES] !== '');
  const columns = COLUMNS.filter((name) => isVaried || !VARIATION.some((one) => one === name));
  const lines = rows.map((row) => columns.map((name) => cell(row, name)).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

const filled = (row: TaughtRow) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));

export async function writeTaught(file: string, journal: Journal, studied: Studied): Promise<void> {
  await writeFileAtomic(file, taughtText(file, taughtRows(journal, studied)));
}
